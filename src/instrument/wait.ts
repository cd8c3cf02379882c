import { onAbort } from './on-abort.js';

/** Timers with a longer delay fire at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

/** How long something may take, and what it fails with then. */
export interface Timeout {
  readonly millis: number;
  readonly error: () => Error;
}

/**
 * A signal that is aborted together with an outer one, or when the time of something is up that
 * waits under it. {@link release} lets go of the outer one.
 *
 * (`AbortSignal.any` would keep a listener on a long-lived outer signal.)
 */
export class Cancellation {
  readonly #controller = new AbortController();
  readonly #waiting = new Set<(reason: unknown) => void>();
  #takeBack: (() => void) | undefined;

  constructor(outer: AbortSignal | undefined) {
    if (outer === undefined) return;
    if (outer.aborted) this.#cancel(outer.reason);
    else this.#takeBack = onAbort(outer, () => this.#cancel(outer.reason));
  }

  /** Aborted when the work is to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * What `work` comes to; or the reason of the abort, at once, whether or not `work` heeds the
   * signal. What `work` still answers then is ignored. Leaves no timer behind.
   */
  run<T>(work: (signal: AbortSignal) => T | PromiseLike<T>, timeout?: Timeout): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal } = this;
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(stop);
      };
      const stop = (reason: unknown) => {
        done();
        reject(reason);
      };
      this.#waiting.add(stop);
      if (timeout !== undefined) {
        const onTimeout = () => this.#cancel(timeout.error());
        timer = setTimeout(onTimeout, Math.min(timeout.millis, MAX_TIMER_MILLIS));
      }
      const start = async () => work(signal);
      start().then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });
  }

  /** Lets go of the outer signal: nothing waits any more. */
  release(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
  }

  #cancel(reason: unknown): void {
    this.release();
    // Before the abort, so that this reason comes out and not what the work makes of it.
    for (const stop of this.#waiting) stop(reason);
    this.#controller.abort(reason);
  }
}

/**
 * What `work` comes to, or the signal's reason as soon as it is aborted. What `work` still answers
 * then is ignored. Leaves no listener and no timer behind.
 */
export async function untilAborted<T>(
  work: () => T | PromiseLike<T>,
  signal: AbortSignal | undefined,
  timeout?: Timeout,
): Promise<T> {
  const cancellation = new Cancellation(signal);
  try {
    return await cancellation.run(work, timeout);
  } finally {
    cancellation.release();
  }
}

/**
 * Resolves after `millis`, or rejects with the signal's reason as soon as it is aborted. Leaves no
 * timer and no listener behind.
 */
export async function wait(millis: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = () =>
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(millis, MAX_TIMER_MILLIS));
    });
  try {
    await untilAborted(elapsed, signal);
  } finally {
    clearTimeout(timer);
  }
}
