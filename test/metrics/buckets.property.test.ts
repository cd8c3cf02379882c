import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Quantiles } from '../../src/durations.js';
import { Buckets } from '../../src/metrics/buckets.js';

/** Seconds from 100 ns to a day. */
const seconds = fc.double({ min: -16, max: 11, noNaN: true }).map(Math.exp);

function bucketsOf(values: readonly number[]): Buckets {
  const buckets = new Buckets();
  for (const value of values) buckets.add(value);
  return buckets;
}

function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('buckets', () => {
  it('count each value between the edges of its bucket, at any scale', () => {
    fc.assert(
      fc.property(fc.array(seconds, { minLength: 1, maxLength: 50 }), (values) => {
        const { scale, offset, counts } = bucketsOf(values).toExponential();
        const base = 2 ** (2 ** -scale);
        expect(counts.length).toBeLessThanOrEqual(160);
        expect(totalOf(counts)).toBe(values.length);
        for (const [at, count] of counts.entries()) {
          // A value is rounded to a nanosecond.
          const low = base ** (offset + at) - 1e-9;
          const high = base ** (offset + at + 1) + 1e-9;
          const inside = values.filter((value) => value > low && value <= high).length;
          expect(inside).toBeGreaterThanOrEqual(count);
        }
      }),
    );
  });

  it('grow by what durations grow, whenever they are looked at, and off by 1.1 % at most', () => {
    fc.assert(
      fc.property(fc.array(fc.array(seconds, { maxLength: 200 }), { maxLength: 5 }), (parts) => {
        const durations = new Quantiles();
        const shown = new Buckets();
        const seen = new Buckets();
        let nanos = 0;
        for (const part of parts) {
          for (const value of part) {
            durations.add(value * 1e9);
            nanos += value * 1e9;
          }
          shown.addGrowth(durations, nanos, seen);
        }
        const values = parts.flat();
        expect(shown.count).toBe(values.length);
        expect(shown.sum).toBeCloseTo(nanos / 1e9, 6);
        const exact = bucketsOf(values.map((value) => value * 1.0047)).toExponential();
        const { counts, scale, offset } = shown.toExponential();
        expect(totalOf(counts)).toBe(totalOf(exact.counts));
        if (exact.scale === scale) expect(Math.abs(offset - exact.offset)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('have explicit boundaries, which count in the bucket below', () => {
    const buckets = bucketsOf([0, 0.005, 1, 4, 5, 100, NaN, -1]);
    expect(buckets.toExplicit([0.01, 1, 4, 16])).toEqual([2, 1, 1, 1, 1]);
    expect([buckets.count, buckets.sum]).toEqual([6, 110.005]);
  });

  it('are none without values', () => {
    const nothing = { scale: 6, offset: 0, counts: [], zeroCount: 0 };
    expect(new Buckets().toExponential()).toEqual(nothing);
    expect(bucketsOf([0]).toExponential()).toEqual({ ...nothing, zeroCount: 1 });
  });
});
