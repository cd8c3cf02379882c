import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { MAX_LEVELS, type RunningCode, type Switches } from './cpu-profile-table.js';
import { BOUNDARY } from './stacks.js';

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

/** A pause in which nobody else ran and that no sample is worth: between two microtasks. */
const PAUSE_MILLIS = 0.02;
/** Some 8 MB. */
const MAX_SWITCHES = 524_288;

/** Remembers whose code runs, and since when. What comes after the last place counts as nobody's. */
export class SwitchLog {
  #atMillis: number[] = [];
  #running: (RunningCode | undefined)[] = [];
  #isComplete = true;
  #last: RunningCode | undefined;
  /** When the last one's turn ended, while nobody has one. */
  #leftAt: number | undefined = 0;

  get current(): RunningCode | undefined {
    return this.#leftAt === undefined ? this.#last : undefined;
  }

  get isHalfFull(): boolean {
    return this.#atMillis.length > MAX_SWITCHES / 2;
  }

  enter(next: RunningCode | undefined): void {
    if (next === undefined) {
      this.#leftAt ??= performance.now();
      return;
    }
    if (next === this.current) return;
    const now = performance.now();
    if (next !== this.#last || now - this.#leftAt! >= PAUSE_MILLIS) {
      this.#noteLeft();
      this.#push(now, next);
      this.#last = next;
    }
    this.#leftAt = undefined;
  }

  /** Returns what was noted, and begins anew with the same turn. */
  take(): Switches {
    const { current } = this;
    this.#noteLeft();
    const toMicros = clockOffsetMicros();
    const switches = {
      atMicros: this.#atMillis.map((millis) => millis * 1e3 + toMicros),
      running: this.#running,
      isComplete: this.#isComplete,
    };
    this.#atMillis = [];
    this.#running = [];
    this.#isComplete = true;
    this.#last = undefined;
    this.#leftAt = 0;
    this.enter(current);
    return switches;
  }

  #noteLeft(): void {
    if (this.#last && this.#leftAt !== undefined) this.#push(this.#leftAt, undefined);
  }

  #push(atMillis: number, running: RunningCode | undefined): void {
    // The last place ends the turn that was noted last.
    const hasRoom = this.#atMillis.length < MAX_SWITCHES - 1;
    if (!hasRoom && !this.#isComplete) return;
    this.#atMillis.push(atMillis);
    this.#running.push(hasRoom ? running : undefined);
    this.#isComplete = hasRoom;
  }
}

/** From `performance.now()` to V8's clock, which is that of `process.hrtime()`. */
function clockOffsetMicros(): number {
  const before = performance.now();
  const hrtimeMicros = Number(process.hrtime.bigint()) / 1e3;
  return hrtimeMicros - ((before + performance.now()) / 2) * 1e3;
}

/**
 * Knows which profiled segment's code is running, by its async context; V8's samples do not, so the two are
 * joined by time. While a segment is open, each callback and `await` of the process costs 0.3 µs more.
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
    this.log.enter(undefined);
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

let callAtBoundary: ((fn: () => unknown) => unknown) | undefined;

/** By a function with an address of its own, {@link BOUNDARY}: a bundler changes names and places of others. */
function callProfiled<T>(fn: () => T): T {
  callAtBoundary ??= new (process.getBuiltinModule('node:vm').Script)('(fn) => fn()', {
    filename: BOUNDARY,
  }).runInThisContext() as typeof callAtBoundary;
  return callAtBoundary!(fn) as T;
}
