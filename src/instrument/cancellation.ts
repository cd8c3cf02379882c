/** Timers with a longer delay fire at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

export interface Timeout {
  readonly millis: number;
  readonly error: () => Error;
}

export function shorter(a: Timeout | undefined, b: Timeout | undefined): Timeout | undefined {
  return a === undefined || (b !== undefined && b.millis < a.millis) ? b : a;
}

/** The way to a cancellation. Not itself: a new WeakRef holds its target for the rest of the job. */
interface Link {
  cancellation: Cancellation | undefined;
}

/** How an outer signal holds a link: strongly, or weakly while nothing runs under the cancellation. */
interface Hold {
  strong: Link | undefined;
  weak?: WeakRef<Link>;
}

/** Whoever has the signal of a cancellation may wait for its abort. */
const heldBySignal = new WeakMap<AbortSignal, Link>();
const forgotten = new FinalizationRegistry<() => void>((takeBack) => takeBack());

/**
 * A signal that is aborted together with an outer one, or when the time of some work under it is up.
 * {@link release} lets go of the outer signal; `AbortSignal.any` would keep a listener on it.
 */
export class Cancellation {
  /** Made for the first that asks for the signal: many never do. */
  #controller: AbortController | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  readonly #waiting = new Set<(reason: unknown) => void>();
  readonly #link: Link = { cancellation: this };
  readonly #hold: Hold = { strong: this.#link };
  #takeBack: (() => void) | undefined;

  constructor(outer: AbortSignal | undefined) {
    if (outer?.aborted === true) this.cancel(outer.reason);
    else this.#takeBack = outer && follow(outer, this.#hold);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
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
    return new Promise((resolve, reject) => {
      if (this.#cancelled !== undefined) {
        reject(this.#cancelled.reason);
        return;
      }
      const timer = timeout && startTimer(() => this.cancel(timeout.error()), timeout.millis);
      const stop = (reason: unknown) => {
        reject(reason);
        clearTimeout(timer);
        this.#waiting.delete(stop);
        if (this.#waiting.size === 0 && this.#hold.weak !== undefined) {
          this.#hold.strong = undefined;
        }
      };
      this.#waiting.add(stop);
      this.#hold.strong = this.#link;
      try {
        // Not by a promise of our own, each of which costs as much as an attribute.
        Promise.resolve(work()).then((value) => {
          resolve(value);
          stop(undefined);
        }, stop);
      } catch (error) {
        stop(error);
      }
    });
  }

  /** Lets the outer signal hold it only while something runs: its user may abandon it. */
  weaken(): void {
    if (this.#takeBack === undefined) return;
    this.#hold.weak = new WeakRef(this.#link);
    this.#hold.strong = undefined;
    heldBySignal.set(this.signal, this.#link);
    forgotten.register(this.#link, this.#takeBack, this.#link);
  }

  release(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
    if (this.#hold.weak === undefined) return;
    this.#link.cancellation = undefined;
    forgotten.unregister(this.#link);
  }

  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.release();
    // Before the abort: this reason comes out, and not what the work makes of it.
    for (const stop of this.#waiting) stop(reason);
    this.#controller?.abort(reason);
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

/** Not in the constructor: a closure there would hold the cancellation. */
function follow(outer: AbortSignal, hold: Hold): () => void {
  return onAbort(outer, () =>
    (hold.strong ?? hold.weak?.deref())?.cancellation?.cancel(outer.reason),
  );
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

function callAll(this: AbortSignal): void {
  const all = callbacks.get(this) ?? new Set();
  callbacks.delete(this);
  // One may take another back.
  for (const callback of all) if (all.delete(callback)) callback();
}
