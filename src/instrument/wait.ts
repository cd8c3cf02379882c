/** Timers with a longer delay fire at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

/**
 * Resolves after `millis`, or rejects with the signal's reason as soon as it is aborted. Leaves no
 * timer and no listener behind.
 */
export function wait(millis: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      Math.min(millis, MAX_TIMER_MILLIS),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Runs `work` with a signal of its own that is aborted after `timeoutMillis`, or together with
 * `outer`. Then it rejects at once with the signal's reason, whether or not `work` heeds the signal;
 * what `work` still answers later is ignored. Leaves no timer and no listener behind.
 *
 * (`AbortSignal.any` would keep a listener on a long-lived `outer`.)
 *
 * @param timeoutError makes the reason for a timeout
 */
export function withSignal<T>(
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  timeoutMillis: number | undefined,
  timeoutError: () => Error,
  outer: AbortSignal | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const cleanUp = () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuterAbort);
    };
    const stop = (reason: unknown) => {
      cleanUp();
      // Before the abort, so that this reason comes out and not what `work` makes of it.
      reject(reason);
      controller.abort(reason);
    };
    const onOuterAbort = () => stop(outer?.reason);

    outer?.addEventListener('abort', onOuterAbort, { once: true });
    if (timeoutMillis !== undefined) {
      const onTimeout = () => stop(timeoutError());
      timer = setTimeout(onTimeout, Math.min(timeoutMillis, MAX_TIMER_MILLIS));
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
