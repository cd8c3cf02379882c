import { getOrMake } from '../bounded.js';

/** The names of rows to compare. */
const MAX_ROWS = 50;
const MIN_CALLS = 20;
/** Calls that take so much longer beside the row wait for it, or for what it uses. */
const MIN_EXCESS = 0.05;
/** In standard errors: sure among many rows, and sure enough for one. */
const SURE = 3;
const LIKELY = 2.5;

/**
 * When a call of another request begins: while no call of the row runs, while one works, or soon after: in a delay, or
 * where one would have been.
 */
export type Moment = 'alone' | 'beside' | 'delayed' | 'after';

class Spread {
  count = 0;
  mean = 0;
  #squares = 0;

  add(value: number): void {
    this.count += 1;
    const deviation = value - this.mean;
    this.mean += deviation / this.count;
    this.#squares += deviation * (value - this.mean);
  }

  /** The variance of the mean. */
  get error(): number {
    return this.#squares / (this.count - 1) / this.count;
  }
}

/**
 * Finds out whether the delays of a row hold up others as its work does. They come after the work, and so after what it
 * gave back: a connection that it waited for inside the segment.
 *
 *     report  ├──────────┤╌╌╌╌┤
 *     select     ╌╌╌╌╌╌╌╌╌├──┤        waits for the work, not for the delay
 */
export class HeldUp {
  readonly #rows = new Map<string, Record<Moment, Spread>>();
  #working = 0;
  #untilMillis = -Infinity;
  #isDelayed = false;

  begin(): void {
    this.#working += 1;
  }

  /** @param delayMillis what the call is delayed by, or would be in a slower period */
  end(nowMillis: number, delayMillis: number, isDelayed: boolean): void {
    this.#working -= 1;
    this.#untilMillis = nowMillis + delayMillis;
    this.#isDelayed = isDelayed;
  }

  momentAt(nowMillis: number): Moment {
    if (this.#working > 0) return 'beside';
    if (nowMillis >= this.#untilMillis) return 'alone';
    return this.#isDelayed ? 'delayed' : 'after';
  }

  add(row: string, moment: Moment, millis: number): void {
    if (this.#rows.size >= MAX_ROWS && !this.#rows.has(row)) return;
    getOrMake(this.#rows, row, none)[moment].add(millis);
  }

  /** Returns who takes longer beside the row's work, if nobody does beside its delays. */
  notByDelays(): { readonly row: string; readonly millis: number } | undefined {
    let most: { row: string; millis: number } | undefined;
    for (const [row, { alone, beside, delayed, after }] of this.#rows) {
      const millis = beside.mean - alone.mean;
      if (millis < MIN_EXCESS * alone.mean || !isLonger(beside, alone, SURE)) continue;
      if (delayed.count < MIN_CALLS || after.count < MIN_CALLS) continue;
      if (isLonger(delayed, after, LIKELY)) return undefined;
      if (most === undefined || millis > most.millis) most = { row, millis };
    }
    return most;
  }
}

const none = (): Record<Moment, Spread> => ({
  alone: new Spread(),
  beside: new Spread(),
  delayed: new Spread(),
  after: new Spread(),
});

/** By Welch's test. */
function isLonger(long: Spread, short: Spread, errors: number): boolean {
  if (long.count < MIN_CALLS || short.count < MIN_CALLS) return false;
  return long.mean - short.mean > errors * Math.sqrt(long.error + short.error);
}
