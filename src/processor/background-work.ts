import type { Sliced } from '../trace/slices.js';

/** So long one turn of the event loop is used, and up to one slice longer. */
const TURN_MILLIS = 4;

/**
 * Does work a few milliseconds at a time, each in a turn of the event loop of its own, so that what is
 * large holds up nobody. In the order in which it came.
 */
export class BackgroundWork {
  readonly #work: Sliced[] = [];
  readonly #onError: () => void;
  #timer: NodeJS.Immediate | undefined = undefined;
  #isWorking = false;

  /** @param onError is told when a piece of work threw an error, and is given up */
  constructor(onError: () => void) {
    this.#onError = onError;
  }

  /** Does it soon. */
  add(work: Sliced): void {
    this.#work.push(work);
    this.#timer ??= setImmediate(this.#turn);
  }

  /** Does all of it now. Never throws. */
  finish(): void {
    while (this.#doSlice());
    if (this.#work.length > 0) return;
    clearImmediate(this.#timer);
    this.#timer = undefined;
  }

  readonly #turn = (): void => {
    const until = performance.now() + TURN_MILLIS;
    while (performance.now() < until && this.#doSlice());
    this.#timer = this.#work.length > 0 ? setImmediate(this.#turn) : undefined;
  };

  /** Whether there was something to do. */
  #doSlice(): boolean {
    const [first] = this.#work;
    // A function of the user's that is called from a slice may ask for the end of it.
    if (first === undefined || this.#isWorking) return false;
    this.#isWorking = true;
    try {
      if (first.next().done === true) this.#work.shift();
    } catch {
      this.#work.shift();
      this.#onError();
    } finally {
      this.#isWorking = false;
    }
    return true;
  }
}
