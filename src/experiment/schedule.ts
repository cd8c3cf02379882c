import { getOrMake } from '../bounded.js';
import { Requests, type PairOfPeriods } from './effect.js';

/** The most pairs to keep of each row. When all rows have them, the experiment is over. */
const MAX_PAIRS = 200;
/** How long a period is, and how much of its beginning and end is left out, in mean durations of requests. */
const PERIOD_DURATIONS = 8;
const WASHOUT_DURATIONS = 1.5;
const TAIL_DURATIONS = 1;
const MAX_PERIOD_MILLIS = 120_000;

/** A stretch of time in which one row is slower, or nothing is. */
export interface Period {
  readonly row: string;
  readonly isSlowed: boolean;
  readonly endMillis: number;
  /** Requests count that begin from here to there: others run in two periods, or among requests of the one before. */
  readonly countedFromMillis: number;
  readonly countedToMillis: number;
  readonly requests: Requests;
}

/**
 * Alternates between slow and normal periods for all requests at once, since requests that share a pool slow one another
 * down: a switchback (Bojinov, Simchi-Levi and Zhao, "Design and Analysis of Switchback Experiments", 2023). Of each
 * pair, chance says which period comes first. There are no timers: who asks moves it on.
 */
export class Schedule {
  readonly #pairs = new Map<string, PairOfPeriods[]>();
  #turn = 0;
  #period: Period | undefined;
  /** The second half of the pair that has begun. */
  #second: Requests | undefined;

  constructor(
    private readonly rows: readonly string[],
    private readonly minPeriodMillis: number,
  ) {}

  pairsOf(row: string): readonly PairOfPeriods[] {
    return this.#pairs.get(row) ?? [];
  }

  /** Returns the period of now; `undefined` when the experiment is over. */
  at(nowMillis: number, meanRequestMillis: number): Period | undefined {
    const last = this.#period;
    if (last !== undefined && nowMillis < last.endMillis) return last;
    const longest = Math.max(this.minPeriodMillis, PERIOD_DURATIONS * meanRequestMillis);
    const lengthMillis = Math.min(longest, Math.max(MAX_PERIOD_MILLIS, this.minPeriodMillis));
    const isInTime = last !== undefined && nowMillis - last.endMillis < lengthMillis;
    const next =
      isInTime && this.#second !== undefined
        ? { row: last.row, isSlowed: !last.isSlowed, requests: this.#second }
        : this.#newPair();
    if (next === undefined) return (this.#period = undefined);
    if (next.requests === this.#second) this.#second = undefined;
    const endMillis = nowMillis + lengthMillis;
    return (this.#period = {
      ...next,
      endMillis,
      countedFromMillis:
        nowMillis + Math.min(WASHOUT_DURATIONS * meanRequestMillis, lengthMillis / 3),
      countedToMillis: endMillis - Math.min(TAIL_DURATIONS * meanRequestMillis, lengthMillis / 3),
    });
  }

  #newPair(): Pick<Period, 'row' | 'isSlowed' | 'requests'> | undefined {
    const row = this.rows[this.#turn % this.rows.length]!;
    this.#turn += 1;
    const pairs = getOrMake(this.#pairs, row, () => [] as PairOfPeriods[]);
    // The rows have as many pairs each.
    if (pairs.length >= MAX_PAIRS) return undefined;
    const pair = { slowed: new Requests(), normal: new Requests() };
    pairs.push(pair);
    const isSlowed = Math.random() < 0.5;
    this.#second = isSlowed ? pair.normal : pair.slowed;
    return { row, isSlowed, requests: isSlowed ? pair.slowed : pair.normal };
  }
}
