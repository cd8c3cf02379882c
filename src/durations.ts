import { wrongUse } from './errors.js';
import { fields } from './fields.js';
import { ExponentialHistogram, FIRST_INDEX, LAST_INDEX, SCALE } from './exponential-histogram.js';

export const EXACT_COUNT = 256;
/** Beyond that many values, the most that quantiles differ from the true value, as a share of it. */
export const RELATIVE_ACCURACY = 0.01;

/** Durations as JSON, to be merged: up to 256 as whole nanoseconds in rising order, more as a histogram. */
export type Durations =
  { readonly nanos: readonly number[] } | { readonly histogram: DurationHistogram };

/**
 * The fields of OpenTelemetry's exponential histogram: `counts[k]` durations were above b^(offset + k)
 * nanoseconds and at most b^(offset + k + 1), for b = 2^(2^−scale).
 */
export interface DurationHistogram {
  /** Always 6. */
  readonly scale: number;
  /** How many durations were 0. */
  readonly zeroCount: number;
  readonly offset: number;
  readonly counts: readonly number[];
  /** The largest duration, exact. */
  readonly maxNanos: number;
}

export interface Bin {
  /** Of the histogram's bucket; the lowest one is that of the value 0. */
  readonly index: number;
  readonly count: number;
}

const ZERO_BIN = FIRST_INDEX - 1;

/**
 * Quantiles of durations in nanoseconds, in bounded memory: exact (nearest rank) up to
 * {@link EXACT_COUNT} values, off by at most 1 % beyond. The maximum is always exact. Values are rounded
 * to the nanosecond, and ignored unless they are finite and at least 0. Their order does not matter.
 */
export class Quantiles {
  #values: number[] = [];
  #histogram: ExponentialHistogram | undefined;
  count = 0;
  max = 0;

  add(value: number, times = 1): void {
    if (!(value >= 0 && value < Infinity)) return;
    const nanos = Math.round(value);
    this.count += times;
    if (nanos > this.max) this.max = nanos;
    if (this.count > EXACT_COUNT) this.#startHistogram().add(nanos, times);
    else for (let left = times; left > 0; left -= 1) this.#values.push(nanos);
  }

  merge(other: Quantiles): void {
    if (other.#histogram === undefined) {
      for (const value of [...other.#values]) this.add(value);
      return;
    }
    this.#startHistogram().merge(other.#histogram);
    this.count += other.count;
    this.max = Math.max(this.max, other.max);
  }

  /** Returns the value at `quantile` (0 to 1); 0 when there is none. */
  at(quantile: number): number {
    const rank = Math.max(1, Math.ceil(quantile * this.count));
    if (this.#histogram === undefined) return this.#sorted()[rank - 1] ?? 0;
    return Math.min(this.#histogram.valueAt(rank), this.max);
  }

  /** Rising; also when the values are known exactly. */
  bins(): Bin[] {
    const { zeroCount, offset, counts } = this.#histogram ?? histogramOf(this.#values);
    const bins = counts.map((count, at) => ({ index: offset + at, count }));
    return [{ index: ZERO_BIN, count: zeroCount }, ...bins].filter(({ count }) => count > 0);
  }

  toJson(): Durations {
    if (this.#histogram === undefined) return { nanos: [...this.#sorted()] };
    const { zeroCount, offset, counts } = this.#histogram;
    const maxNanos = this.max;
    return { histogram: { scale: SCALE, zeroCount, offset, counts: [...counts], maxNanos } };
  }

  /** Reads what {@link toJson} gave: the same quantiles, to the last digit. Throws a TypeError otherwise. */
  static fromJson(json: Durations): Quantiles {
    const problem = findDurationsProblem(json);
    if (problem !== undefined) throw wrongUse('Quantiles.fromJson', problem, json);
    const quantiles = new Quantiles();
    if ('nanos' in json) {
      for (const value of json.nanos) quantiles.add(value);
      return quantiles;
    }
    const { zeroCount, offset, counts, maxNanos } = json.histogram;
    quantiles.#startHistogram().merge({ zeroCount, offset, counts: [...counts] });
    quantiles.count = counts.reduce((sum, count) => sum + count, zeroCount);
    quantiles.max = maxNanos;
    return quantiles;
  }

  #sorted(): readonly number[] {
    return this.#values.sort((a, b) => a - b);
  }

  #startHistogram(): ExponentialHistogram {
    if (this.#histogram === undefined) {
      this.#histogram = histogramOf(this.#values);
      this.#values = [];
    }
    return this.#histogram;
  }
}

function histogramOf(values: readonly number[]): ExponentialHistogram {
  const histogram = new ExponentialHistogram();
  for (const value of values) histogram.add(value, 1);
  return histogram;
}

/** Returns what `value` should have been to be {@link Durations}; `undefined` when it is. */
export function findDurationsProblem(value: unknown): string | undefined {
  const { nanos, histogram, sketch } = fields(value);
  if (nanos !== undefined) {
    return isListOf(nanos, isDuration) ? undefined : '`nanos` to be a list of durations';
  }
  if (sketch !== undefined) {
    return 'a `histogram`, not the `sketch` of an older hotspan (save the summary again)';
  }
  if (histogram === undefined) return 'an object with `nanos` or `histogram`';
  const { scale, zeroCount, offset, counts, maxNanos } = fields(histogram);
  if (scale !== SCALE) return `\`histogram.scale\` to be ${SCALE}`;
  if (!isDuration(maxNanos)) return '`histogram.maxNanos` to be a duration';
  if (!isCount(zeroCount)) return '`histogram.zeroCount` to be a count';
  if (!isListOf(counts, isCount)) return '`histogram.counts` to be a list of counts';
  const last = Number(offset) + counts.length - 1;
  if (!Number.isInteger(offset) || Number(offset) < FIRST_INDEX || last > LAST_INDEX) {
    return `\`histogram.offset\` to keep the buckets from ${FIRST_INDEX} to ${LAST_INDEX}`;
  }
  return undefined;
}

function isListOf(value: unknown, isItem: (item: unknown) => item is number): value is number[] {
  return Array.isArray(value) && value.every(isItem);
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
