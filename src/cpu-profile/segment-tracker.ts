import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { MAX_LEVELS, type RunningCode } from './cpu-profile-table.js';
import { SwitchLog } from './switch-log.js';

/** Callbacks within callbacks; far more than programs have. */
const MAX_NESTED = 1_000;

/** A run of a profiled segment. */
export class TrackedSegment implements RunningCode {
  readonly enclosing: readonly string[];
  #isOpen = true;

  constructor(
    readonly segment: string,
    private outer: TrackedSegment | undefined,
  ) {
    const around = outer === undefined ? [] : [outer.segment, ...outer.enclosing];
    this.enclosing = around.slice(0, MAX_LEVELS - 1);
  }

  close(): void {
    this.#isOpen = false;
    // So that runs that start each other one after another do not form a chain that never ends.
    this.outer = this.outer?.nearestOpen();
  }

  /** Returns this one, or what is open around it: work that outlives its segment is that one's. */
  nearestOpen(): TrackedSegment | undefined {
    let open = this as TrackedSegment | undefined;
    while (open !== undefined && !open.#isOpen) open = open.outer;
    return open;
  }
}

/**
 * Knows at every moment which profiled segment's code is running, also when many wait at the same time: it
 * follows their async context through every callback and every `await`. V8's samples do not know that, so
 * the two are joined by time. While a segment is open, each callback and `await` of the process costs about
 * 0.3 µs more.
 */
export class SegmentTracker {
  readonly #inside = new AsyncLocalStorage<TrackedSegment>();
  readonly #hook = createHook({
    before: (id) => this.#enter(id),
    after: (id) => this.#leave(id),
  });
  readonly log = new SwitchLog();
  readonly #ids: number[] = [];
  /** Whose turn it was before each of these callbacks. */
  readonly #before: (RunningCode | undefined)[] = [];
  #openCount = 0;

  get hasOpen(): boolean {
    return this.#openCount > 0;
  }

  open(segment: string): TrackedSegment {
    if (this.#openCount === 0) this.#hook.enable();
    this.#openCount += 1;
    return new TrackedSegment(segment, this.#inside.getStore()?.nearestOpen());
  }

  close(open: TrackedSegment): void {
    open.close();
    this.#openCount -= 1;
    if (this.#openCount > 0) return;
    this.#hook.disable();
    this.#inside.disable();
    this.#ids.length = this.#before.length = 0;
    this.log.leave();
  }

  /** The code of `fn` counts for `open`, also after an `await`. */
  run<T>(open: TrackedSegment, fn: () => T): T {
    const before = this.log.current;
    return this.#inside.run(open, () => {
      this.log.enter(open);
      try {
        return callProfiled(fn);
      } finally {
        this.log.enter(before);
      }
    });
  }

  #enter(id: number): void {
    // After an uncaught error some may have been left without a word.
    if (this.#ids.length >= MAX_NESTED) this.#ids.length = this.#before.length = 0;
    this.#ids.push(id);
    this.#before.push(this.log.current);
    this.log.enter(this.#inside.getStore()?.nearestOpen());
  }

  #leave(id: number): void {
    const at = this.#ids.lastIndexOf(id);
    // It had begun before this was switched on.
    const before = at < 0 ? undefined : this.#before[at];
    this.#ids.length = this.#before.length = Math.max(at, 0);
    this.log.enter(before);
  }
}

/** The name is looked for in stacks: {@link BOUNDARY}. */
function callProfiled<T>(fn: () => T): T {
  return fn();
}
