import type { Segment, World } from './simulator.js';

/** A program of many requests in one process, which wait for each other. */
export interface SharedCase {
  readonly title: string;
  /** One sentence: what the requests share. */
  readonly what: string;
  readonly program: (world: World) => Promise<void>;
}

export const all = <T>(promises: readonly Promise<T>[]) => Promise.all(promises);
export const times = (count: number) => Array.from({ length: count }, (_, index) => index);

/** What one caller loads while the others wait for it. */
export class Loader {
  #running: Promise<void> | undefined = undefined;

  get(load: () => Promise<void>): Promise<void> {
    this.#running ??= load().finally(() => (this.#running = undefined));
    return this.#running;
  }
}

/** Collects calls, and runs them together when there are enough or the first has waited long enough. */
export class Batcher {
  #waiting: (() => void)[] = [];

  constructor(
    private readonly size: number,
    private readonly millis: number,
    private readonly run: (count: number) => Promise<unknown>,
  ) {}

  add(from: Segment): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting;
      waiting.push(resolve);
      if (waiting.length >= this.size) void this.#send(waiting);
      else if (waiting.length === 1) void from.timer(this.millis).then(() => this.#send(waiting));
    });
  }

  async #send(waiting: (() => void)[]): Promise<void> {
    if (waiting !== this.#waiting) return;
    this.#waiting = [];
    await this.run(waiting.length);
    for (const resolve of waiting) resolve();
  }
}
