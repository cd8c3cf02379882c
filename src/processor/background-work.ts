import type { Sliced } from '../trace/slices.js';

/** How long one turn of the event loop may take, and up to one slice longer. */
const TURN_MILLIS = 4;

/** Does large work a few milliseconds at a time, in the order in which it came, and holds up nobody. */
export class BackgroundWork {
  readonly #work: Sliced[] = [];
  #timer: NodeJS.Immediate | undefined = undefined;
  #isWorking = false;

  /** @param onError is called when a piece of work threw an error, and was given up */
  constructor(private readonly onError: () => void) {}

  add(work: Sliced): void {
    this.#work.push(work);
    this.#timer ??= setImmediate(this.#turn);
  }

  /** Does all work now. Never throws. */
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

  /** Returns `false` if there was nothing to do. */
  #doSlice(): boolean {
    const [first] = this.#work;
    // A function of the user's that a slice calls may ask to finish.
    if (first === undefined || this.#isWorking) return false;
    this.#isWorking = true;
    try {
      if (first.next().done === true) this.#work.shift();
    } catch {
      this.#work.shift();
      this.onError();
    } finally {
      this.#isWorking = false;
    }
    return true;
  }
}
