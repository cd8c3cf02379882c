/** Timers with a longer delay fire at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

export interface Timeout {
  readonly millis: number;
  readonly error: () => Error;
}

export function shorter(a: Timeout | undefined, b: Timeout | undefined): Timeout | undefined {
  return a === undefined || (b !== undefined && b.millis < a.millis) ? b : a;
}

/** How many resting cancellations an outer signal holds. The others ask it when they run again. */
const MAX_RESTING = 1_000;

/**
 * A signal that is aborted together with an outer one, or when the time of some work under it is up.
 * {@link release} lets go of the outer signal; `AbortSignal.any` would keep a listener on it.
 */
export class Cancellation {
  /** Made for the first that asks for the signal: many never do. */
  #controller: AbortController | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  readonly #waiting = new Set<(reason: unknown) => void>();
  #isResting = false;
  #takeBack: (() => void) | undefined;

  constructor(private outer: AbortSignal | undefined) {
    this.#follow(true);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isResting) this.#follow(this.#waiting.size > 0);
      if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled.reason);
    }
    return this.#controller.signal;
  }

  /** Why it was cancelled, if it was. */
  get cancelled(): { readonly reason: unknown } | undefined {
    return this.#cancelled;
  }

  /** Runs `work`. An abort rejects with its reason at once, even if `work` ignores the signal. */
  run<T>(work: () => T | PromiseLike<T>, timeout?: Timeout): Promise<T> {
    if (this.#isResting) this.#follow(true);
    return new Promise((resolve, reject) => {
      if (this.#cancelled !== undefined) {
        reject(this.#cancelled.reason);
        return;
      }
      const timer = timeout && startTimer(() => this.cancel(timeout.error()), timeout.millis);
      // At most once: to settle a promise again makes Node report it in a tick of its own, with everything
      // that the tick keeps alive until then.
      const isFirst = () => {
        if (!this.#waiting.delete(stop)) return false;
        clearTimeout(timer);
        if (this.#isResting && this.#waiting.size === 0) this.#follow(false);
        return true;
      };
      const stop = (reason: unknown) => {
        if (isFirst()) reject(reason);
      };
      this.#waiting.add(stop);
      try {
        // Not by a promise of our own, each of which costs as much as an attribute.
        Promise.resolve(work()).then((value) => {
          if (isFirst()) resolve(value);
        }, stop);
      } catch (error) {
        stop(error);
      }
    });
  }

  /** Lets a user who never runs anything again leave nothing behind. */
  rest(): void {
    this.#isResting = true;
    this.#follow(false);
  }

  release(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
    this.outer = undefined;
  }

  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.release();
    // Before the abort: this reason comes out, and not what the work makes of it.
    for (const stop of this.#waiting) stop(reason);
    this.#controller?.abort(reason);
  }

  /** Follows the outer signal as long as an abort would tell somebody something. */
  #follow(isRunning: boolean): void {
    const { outer } = this;
    this.#takeBack?.();
    this.#takeBack = undefined;
    if (outer === undefined) return;
    const callback = () => this.cancel(outer.reason);
    if (outer.aborted) callback();
    else if (isRunning) this.#takeBack = onAbort(outer, callback);
    else if (this.#controller !== undefined) this.#takeBack = onAbortIdly(outer, callback);
  }
}

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

export async function wait(millis: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = () => new Promise<void>((resolve) => (timer = startTimer(resolve, millis)));
  try {
    await untilAborted(elapsed, signal);
  } finally {
    clearTimeout(timer);
  }
}

function startTimer(callback: () => void, millis: number): ReturnType<typeof setTimeout> {
  return setTimeout(callback, Math.min(millis, MAX_TIMER_MILLIS));
}

const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * All callbacks of a signal share one listener, since Node warns of a leak when a signal has more than
 * ten. The signal must not be aborted yet, and a callback must not throw.
 */
function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const known = callbacks.get(signal);
  const all = known ?? new Set();
  all.add(callback);
  if (known === undefined) {
    callbacks.set(signal, all);
    signal.addEventListener('abort', callAll, { once: true });
  }
  return () => {
    all.delete(callback);
    if (all.size > 0 || callbacks.get(signal) !== all) return;
    callbacks.delete(signal);
    signal.removeEventListener('abort', callAll);
  };
}

const resting = new WeakMap<AbortSignal, Set<() => void>>();

/** The same for a callback that may be forgotten: the signal holds so many at most. */
function onAbortIdly(signal: AbortSignal, callback: () => void): () => void {
  const takeBack = onAbort(signal, callback);
  const all = resting.get(signal) ?? new Set();
  resting.set(signal, all.add(takeBack));
  const [oldest] = all;
  if (all.size > MAX_RESTING && all.delete(oldest!)) oldest!();
  return () => {
    all.delete(takeBack);
    takeBack();
  };
}

function callAll(this: AbortSignal): void {
  const all = callbacks.get(this) ?? new Set();
  callbacks.delete(this);
  // One may take another back.
  for (const callback of all) if (all.delete(callback)) callback();
}
