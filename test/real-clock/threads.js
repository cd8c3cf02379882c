import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
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

  /** @param around does the job, once there is a thread for it, and holds the thread meanwhile */
  run(millis, around = (work) => work()) {
    return new Promise((resolve) => {
      // Others' jobs end when it begins: their requests are not its own.
      this.#queue.push({ millis, around: AsyncResource.bind(around), resolve });
      void this.#next();
    });
  }

  async close() {
    await Promise.all(this.#all.map((thread) => thread.terminate()));
  }

  async #next() {
    if (this.#idle.length === 0 || this.#queue.length === 0) return;
    const thread = this.#idle.pop();
    const { millis, around, resolve } = this.#queue.shift();
    await around(() => {
      thread.postMessage(millis);
      return once(thread, 'message');
    });
    this.#idle.push(thread);
    resolve();
    void this.#next();
  }
}
