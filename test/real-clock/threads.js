import { Worker } from 'node:worker_threads';

/** A thread that is held by each job for as long as the job says. */
const CODE = `
const { parentPort } = require('node:worker_threads');
const cell = new Int32Array(new SharedArrayBuffer(4));
parentPort.on('message', (millis) => {
  if (millis > 0) Atomics.wait(cell, 0, 0, millis);
  parentPort.postMessage('done');
});`;

/** A queue of jobs before a few threads. */
export class Threads {
  #idle;
  #all;
  #queue = [];

  constructor(count) {
    this.#all = Array.from({ length: count }, () => new Worker(CODE, { eval: true }));
    this.#idle = [...this.#all];
  }

  run(millis) {
    return new Promise((resolve) => {
      this.#queue.push({ millis, resolve });
      this.#next();
    });
  }

  async close() {
    await Promise.all(this.#all.map((thread) => thread.terminate()));
  }

  #next() {
    if (this.#idle.length === 0 || this.#queue.length === 0) return;
    const thread = this.#idle.pop();
    const { millis, resolve } = this.#queue.shift();
    thread.once('message', () => {
      this.#idle.push(thread);
      resolve();
      this.#next();
    });
    thread.postMessage(millis);
  }
}
