import type { RunningCode, Switches } from './cpu-profile-table.js';

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

  /** Then it should be taken. */
  get isHalfFull(): boolean {
    return this.#atMillis.length > MAX_SWITCHES / 2;
  }

  enter(next: RunningCode | undefined): void {
    if (next === undefined) {
      this.leave();
      return;
    }
    if (next === this.#last && this.#leftAt === undefined) return;
    const now = performance.now();
    if (next === this.#last && now - this.#leftAt! < PAUSE_MILLIS) {
      this.#leftAt = undefined;
      return;
    }
    this.#noteLeft();
    this.#push(now, next);
    this.#last = next;
    this.#leftAt = undefined;
  }

  leave(): void {
    this.#leftAt ??= performance.now();
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
