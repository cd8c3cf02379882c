import { DDSketch } from '@datadog/sketches-js';
import { wrongUse } from './errors.js';

/** Up to this many values the quantiles are exact. */
export const EXACT_COUNT = 256;
/** Above it they are off by at most this share of the true value. */
export const RELATIVE_ACCURACY = 0.01;

/**
 * Nanoseconds that the sketch tells apart: 31 years, whatever longer counts as that. The sketch holds
 * all bins between its smallest and its largest value: 69,120 for any doubles, 2,176 for these.
 */
const MAX_SKETCHED = 1e18;

/**
 * Durations as JSON, so that those of several processes can be merged: up to 256 themselves, as whole
 * nanoseconds in rising order, or else the bins of a sketch that are not empty.
 */
export type Durations = { readonly nanos: readonly number[] } | { readonly sketch: DurationSketch };

/**
 * A DDSketch with logarithmic bins: bin i holds what is above γ^(i−1) nanoseconds and not above γ^i,
 * γ = (1 + a) / (1 − a).
 */
export interface DurationSketch {
  /** The a above; 0.01. */
  readonly relativeAccuracy: number;
  /** The largest value, exact. */
  readonly maxNanos: number;
  /** How many values are 0. */
  readonly zeros: number;
  /** The bins that hold something, rising. */
  readonly indexes: readonly number[];
  /** How many values each of them holds. */
  readonly counts: readonly number[];
}

/** How many values one bin of the sketch holds. */
export interface Bin {
  /** −1 for the value 0. */
  readonly index: number;
  readonly count: number;
}

const ZERO_BIN = -1;

function emptySketch(): DDSketch {
  return new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
}

const { mapping } = emptySketch();
const MAX_INDEX = mapping.key(MAX_SKETCHED);

/**
 * Quantiles of durations in nanoseconds, in bounded memory: exact (nearest rank) up to
 * {@link EXACT_COUNT} values, a DDSketch with a relative error of at most 1 % beyond (Masson, Rim and
 * Lee, "DDSketch", VLDB 2019). The maximum is always exact. Values are kept to the nanosecond; those
 * that are not finite numbers of at least 0 are ignored.
 *
 * The order in which values came does not matter, nor which of them came by a merge.
 */
export class Quantiles {
  #values: number[] = [];
  #sketch: DDSketch | undefined;
  #count = 0;
  #max = 0;

  /** How many values were added. */
  get count(): number {
    return this.#count;
  }

  /** The largest value, 0 when there is none. */
  get max(): number {
    return this.#max;
  }

  /** Adds one value, or several that are the same; `times` is at least 1. */
  add(value: number, times = 1): void {
    if (!(value >= 0 && value < Infinity)) return;
    const nanos = Math.round(value);
    this.#count += times;
    if (nanos > this.#max) this.#max = nanos;
    if (this.#count > EXACT_COUNT) this.#startSketch();
    if (this.#sketch !== undefined) this.#sketch.accept(Math.min(nanos, MAX_SKETCHED), times);
    else if (times === 1) this.#values.push(nanos);
    else this.#values.push(...Array.from({ length: times }, () => nanos));
  }

  /** Adds all values of another, which stays as it is. */
  merge(other: Quantiles): void {
    if (other.#sketch === undefined) {
      for (const value of [...other.#values]) this.add(value);
      return;
    }
    this.#startSketch().merge(other.#sketch);
    this.#count += other.#count;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** The value at `quantile` (0 to 1); 0 when there is none. */
  at(quantile: number): number {
    if (this.#count === 0) return 0;
    if (this.#sketch !== undefined) {
      return Math.min(this.#sketch.getValueAtQuantile(quantile), this.#max);
    }
    const sorted = this.#sorted();
    const rank = Math.max(1, Math.ceil(quantile * sorted.length));
    return sorted[rank - 1] ?? 0;
  }

  /** The values by the bins of the sketch, rising; also when they are known exactly. */
  bins(): Bin[] {
    const { zeroCount, store } = this.#sketch ?? sketchOf(this.#values);
    const bins = zeroCount > 0 ? [{ index: ZERO_BIN, count: zeroCount }] : [];
    store.bins.forEach((count, at) => {
      if (count > 0) bins.push({ index: at + store.offset, count });
    });
    return bins;
  }

  /** All that {@link fromJson} needs to go on from here. */
  toJson(): Durations {
    if (this.#sketch === undefined) return { nanos: [...this.#sorted()] };
    const bins = this.bins().filter(({ index }) => index !== ZERO_BIN);
    return {
      sketch: {
        relativeAccuracy: RELATIVE_ACCURACY,
        maxNanos: this.#max,
        zeros: this.#sketch.zeroCount,
        indexes: bins.map(({ index }) => index),
        counts: bins.map(({ count }) => count),
      },
    };
  }

  /**
   * What {@link toJson} gave: the same quantiles, to the last digit.
   *
   * @throws TypeError when it is something else
   */
  static fromJson(json: Durations): Quantiles {
    const problem = findDurationsProblem(json);
    if (problem !== undefined) throw wrongUse('Quantiles.fromJson', problem, json);
    const quantiles = new Quantiles();
    if ('nanos' in json) {
      for (const value of json.nanos) quantiles.add(value);
      return quantiles;
    }
    const { zeros, indexes, counts, maxNanos } = json.sketch;
    const sketch = quantiles.#startSketch();
    if (zeros > 0) sketch.accept(0, zeros);
    indexes.forEach((index, at) => sketch.accept(mapping.value(index), counts[at]));
    quantiles.#count = sketch.count;
    quantiles.#max = maxNanos;
    return quantiles;
  }

  #sorted(): readonly number[] {
    return this.#values.sort((a, b) => a - b);
  }

  #startSketch(): DDSketch {
    if (this.#sketch === undefined) {
      this.#sketch = sketchOf(this.#values);
      this.#values = [];
    }
    return this.#sketch;
  }
}

function sketchOf(values: readonly number[]): DDSketch {
  const sketch = emptySketch();
  for (const value of values) sketch.accept(Math.min(value, MAX_SKETCHED));
  return sketch;
}

/** What `value` should have been to be {@link Durations}, as `… to be …`; `undefined` when it is. */
export function findDurationsProblem(value: unknown): string | undefined {
  const { nanos, sketch } = Object(value) as { nanos?: unknown; sketch?: unknown };
  if (nanos !== undefined) {
    return isListOf(nanos, isDuration) ? undefined : '`nanos` to be a list of durations';
  }
  if (sketch === undefined) return 'an object with `nanos` or `sketch`';
  const { relativeAccuracy, maxNanos, zeros, indexes, counts } = Object(sketch) as Partial<
    Record<keyof DurationSketch, unknown>
  >;
  if (relativeAccuracy !== RELATIVE_ACCURACY) {
    return `\`sketch.relativeAccuracy\` to be ${RELATIVE_ACCURACY}`;
  }
  if (!isDuration(maxNanos)) return '`sketch.maxNanos` to be a duration';
  if (!isCount(zeros)) return '`sketch.zeros` to be a count';
  if (!isListOf(indexes, isIndex) || !indexes.every((at, i) => i === 0 || at > indexes[i - 1]!)) {
    return `\`sketch.indexes\` to be rising whole numbers from 0 to ${MAX_INDEX}`;
  }
  if (!isListOf(counts, isCount) || counts.includes(0) || counts.length !== indexes.length) {
    return '`sketch.counts` to be one count for each index';
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

function isIndex(value: unknown): value is number {
  return isCount(value) && value <= MAX_INDEX;
}
