import type { Quantiles } from '../durations.js';
import { bucketOf, FIRST_INDEX, SCALE } from '../exponential-histogram.js';

/** What OpenTelemetry's SDK has, too. Neighbours are joined where there would be more. */
const MAX_BUCKETS = 160;
const NANOS = 1e9;
const PER_OCTAVE = 2 ** SCALE;
/** Values become whole numbers of 2^-30, so that the buckets are those of the unit itself. */
const PARTS_EXPONENT = 30;
const PARTS = 2 ** PARTS_EXPONENT;
const PARTS_SHIFT = PARTS_EXPONENT * PER_OCTAVE;
const MAX_PARTS = 1e18;
/** The edges of buckets of nanoseconds and of seconds are 0.43 of a bucket apart: values become 0.5 % larger. */
const NANOS_SHIFT = Math.floor(Math.log2(NANOS) * PER_OCTAVE);

/** Base-2 exponential buckets as OpenTelemetry's data model has them: `counts` begin with the bucket `offset`. */
export interface ExponentialBuckets {
  readonly scale: number;
  readonly offset: number;
  readonly counts: number[];
  readonly zeroCount: number;
}

/** A histogram that only grows: of values in the unit of their metric. */
export class Buckets {
  readonly #counts = new Map<number, number>();
  #zeroCount = 0;
  count = 0;
  sum = 0;

  /** Ignores what is no number from 0. */
  add(value: number): void {
    if (!(value >= 0 && value < Infinity)) return;
    const parts = Math.round(value * PARTS);
    this.sum += value;
    if (parts === 0) this.#addZeros(1);
    else this.#addTo(bucketOf(Math.min(parts, MAX_PARTS)) - PARTS_SHIFT, 1);
  }

  /**
   * Adds by how much durations have grown beyond what was seen of them, which is then all of them.
   *
   * @param nanos their sum
   */
  addGrowth(durations: Quantiles, nanos: number, seen: Buckets): void {
    if (durations.count === seen.count) return;
    for (const { index, count } of durations.bins()) {
      const isZero = index < FIRST_INDEX;
      const at = index - NANOS_SHIFT;
      const grown = count - (isZero ? seen.#zeroCount : (seen.#counts.get(at) ?? 0));
      if (!(grown > 0)) continue;
      for (const buckets of [this, seen]) {
        if (isZero) buckets.#addZeros(grown);
        else buckets.#addTo(at, grown);
      }
    }
    const grown = Math.max(0, nanos / NANOS - seen.sum);
    this.sum += grown;
    seen.sum += grown;
  }

  merge(other: Buckets): void {
    this.#addZeros(other.#zeroCount);
    for (const [index, count] of other.#counts) this.#addTo(index, count);
    this.sum += other.sum;
  }

  toExponential(): ExponentialBuckets {
    const indexes = [...this.#counts.keys()];
    const first = indexes.reduce((a, b) => Math.min(a, b), Infinity);
    const last = indexes.reduce((a, b) => Math.max(a, b), -Infinity);
    let joined = 0;
    while ((last >> joined) - (first >> joined) >= MAX_BUCKETS) joined += 1;
    const offset = indexes.length === 0 ? 0 : first >> joined;
    const counts = Array<number>(indexes.length === 0 ? 0 : (last >> joined) - offset + 1).fill(0);
    for (const [index, count] of this.#counts) counts[(index >> joined) - offset]! += count;
    return { scale: SCALE - joined, offset, counts, zeroCount: this.#zeroCount };
  }

  /** Returns how many values are up to each boundary and above the one before; a bucket is where its middle is. */
  toExplicit(boundaries: readonly number[]): number[] {
    const counts = Array<number>(boundaries.length + 1).fill(0);
    counts[0]! += this.#zeroCount;
    for (const [index, count] of this.#counts) {
      const middle = 2 ** ((index + 0.5) / PER_OCTAVE);
      const at = boundaries.findIndex((boundary) => boundary >= middle);
      counts[at < 0 ? boundaries.length : at]! += count;
    }
    return counts;
  }

  #addZeros(times: number): void {
    this.#zeroCount += times;
    this.count += times;
  }

  #addTo(index: number, times: number): void {
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + times);
    this.count += times;
  }
}
