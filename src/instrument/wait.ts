import { onAbort } from './on-abort.js';

/** Timers with a longer delay fire at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

/** How long something may take, and what it fails with then. */
export interface Timeout {
  readonly millis: number;
  readonly error: () => Error;
}

/**
 * What `work` comes to, or the signal's reason as soon as it is aborted. What `work` still answers
 * then is ignored. Leaves no listener behind.
 */
export function untilAborted<T>(
  work: () => T | PromiseLike<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return withSignal(work, undefined, signal);
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

/**
 * Runs `work` with a signal of its own that is aborted when its time is up, or together with `outer`. Then it rejects at once with the signal's reason, whether or not `work` heeds the signal;
 * what `work` still answers later is ignored. Leaves no timer and no listener behind.
 *
 * (`AbortSignal.any` would keep a listener on a long-lived `outer`.)
 */
export function withSignal<T>(
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  timeout: Timeout | undefined,
  outer: AbortSignal | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (outer?.aborted === true) {
      reject(outer.reason);
      return;
    }
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (reason: unknown) => {
      cleanUp();
      // Before the abort, so that this reason comes out and not what `work` makes of it.
      reject(reason);
      controller.abort(reason);
    };
    const takeBack = outer && onAbort(outer, () => stop(outer.reason));
    const cleanUp = () => {
      clearTimeout(timer);
      takeBack?.();
    };
    if (timeout !== undefined) {
      const onTimeout = () => stop(timeout.error());
      timer = setTimeout(onTimeout, Math.min(timeout.millis, MAX_TIMER_MILLIS));
    }
    const run = async () => work(controller.signal);
    run().then(
      (value) => {
        cleanUp();
        resolve(value);
      },
      (error: unknown) => {
        cleanUp();
        reject(error);
      },
    );
  });
}
