import type { TraceBuffer } from './trace-buffer.js';

/**
 * How long spans may go on after their local root and still belong to it: handlers of Express end after the
 * response, callbacks of LangChain after the call.
 */
const GRACE_MILLIS = 100;

/** Traces whose first span has ended, while others run: they are analyzed when their time is up. The first come first. */
export class WaitingTraces {
  readonly #all = new Set<TraceBuffer>();
  #timer: NodeJS.Timeout | undefined = undefined;

  /**
   * @param analyzeOne analyzes a trace, and deletes it here
   * @param onError is called when that threw
   */
  constructor(
    private readonly analyzeOne: (buffer: TraceBuffer) => void,
    private readonly onError: () => void,
  ) {}

  get size(): number {
    return this.#all.size;
  }

  has(buffer: TraceBuffer): boolean {
    return this.#all.has(buffer);
  }

  delete(buffer: TraceBuffer): void {
    if (this.#all.size > 0) this.#all.delete(buffer);
  }

  add(buffer: TraceBuffer): void {
    buffer.waitsUntil = performance.now() + GRACE_MILLIS;
    this.#all.add(buffer);
    if (this.#timer === undefined) this.#startTimer(GRACE_MILLIS);
  }

  /** Analyzes all of them, or those whose time is up then. */
  analyze(present = Infinity): void {
    for (const buffer of this.#all) {
      if (buffer.waitsUntil > present) break;
      try {
        this.analyzeOne(buffer);
      } catch {
        this.onError();
      }
    }
  }

  /** Analyzes the one whose time is up next, and those of the same moment. */
  analyzeNext(): void {
    const [next] = this.#all;
    if (next !== undefined) this.analyze(next.waitsUntil);
  }

  readonly #onTime = (): void => {
    this.#timer = undefined;
    this.analyze(performance.now());
    const [next] = this.#all;
    if (next !== undefined) this.#startTimer(Math.max(1, next.waitsUntil - performance.now()));
  };

  /** One for all; it does not keep the process alive. */
  #startTimer(millis: number): void {
    this.#timer = setTimeout(this.#onTime, millis);
    this.#timer.unref();
  }
}
