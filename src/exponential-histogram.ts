/** Each power of two has 2^6 buckets, so that the middle of one is at most 0.55 % from its edges. */
export const SCALE = 6;
/** Larger values count as this one: in nanoseconds, 31 years. */
const MAX_VALUE = 1e18;
/** The bucket of 1, the smallest value that is not 0. */
export const FIRST_INDEX = -1;

const PER_OCTAVE = 2 ** SCALE;
const BASE = 2 ** (1 / PER_OCTAVE);
/** Where the buckets from 1 to 2 begin, and where the last of them ends. */
const EDGES = Float64Array.from({ length: PER_OCTAVE + 1 }, (_, at) => 2 ** (at / PER_OCTAVE));
/** Narrower than every bucket from 1 to 2, so that none holds more than one edge. */
const PARTS = 4 * PER_OCTAVE;
/** The bucket in which each part from 1 to 2 begins. */
const BUCKETS = Int8Array.from(
  { length: PARTS },
  (_, part) => EDGES.findIndex((edge) => edge >= 1 + part / PARTS) - 1,
);
const SHRINK = Float64Array.from({ length: 64 }, (_, exponent) => 2 ** -exponent);

/** Returns the bucket of a whole number from 1 to 1e18. A logarithm would take twice as long. */
export function bucketOf(value: number): number {
  const isSmall = value < 2 ** 32;
  const exponent = isSmall ? 31 - Math.clz32(value) : 63 - Math.clz32(value / 2 ** 32);
  const mantissa = value * SHRINK[exponent]!;
  const bucket = BUCKETS[((mantissa - 1) * PARTS) | 0]!;
  return exponent * PER_OCTAVE + (mantissa > EDGES[bucket + 1]! ? bucket + 1 : bucket);
}

/** The last bucket that there may be. */
export const LAST_INDEX = bucketOf(MAX_VALUE);

/**
 * A base-2 exponential histogram of whole numbers, as OpenTelemetry's metrics data model defines it:
 * bucket i counts the values above BASE^i and up to BASE^(i+1). The scale is fixed, so that two
 * histograms merge without loss. The buckets reach from the smallest value to the largest.
 */
export class ExponentialHistogram {
  zeroCount = 0;
  /** The bucket that `counts` begins with. */
  offset = 0;
  counts: number[] = [];

  add(value: number, times: number): void {
    if (value === 0) this.zeroCount += times;
    else this.#addToBucket(bucketOf(Math.min(value, MAX_VALUE)), times);
  }

  merge({ zeroCount, offset, counts }: Pick<this, 'zeroCount' | 'offset' | 'counts'>): void {
    this.zeroCount += zeroCount;
    counts.forEach((count, at) => {
      if (count > 0) this.#addToBucket(offset + at, count);
    });
  }

  /** Returns the value of a rank from 1, off by at most 0.55 %. */
  valueAt(rank: number): number {
    let below = this.zeroCount;
    if (rank <= below) return 0;
    const at = this.counts.findIndex((count) => (below += count) >= rank);
    // As far from the lower edge as from the upper one, in relation to the value.
    return (2 ** ((this.offset + at) / PER_OCTAVE) * 2 * BASE) / (1 + BASE);
  }

  #addToBucket(index: number, times: number): void {
    const { counts } = this;
    if (counts.length === 0) this.offset = index;
    const missing = this.offset - index;
    if (missing > 0) {
      counts.unshift(...Array<number>(missing).fill(0));
      this.offset = index;
    }
    const at = index - this.offset;
    while (counts.length <= at) counts.push(0);
    counts[at]! += times;
  }
}
