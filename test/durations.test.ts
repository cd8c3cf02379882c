import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EXACT_COUNT,
  findDurationsProblem,
  Quantiles,
  RELATIVE_ACCURACY,
} from '../src/durations.js';

function quantilesOf(values: readonly number[]): Quantiles {
  const quantiles = new Quantiles();
  for (const value of values) quantiles.add(value);
  return quantiles;
}

function nearestRank(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? 0;
}

/** Whole nanoseconds, mostly of very different orders of magnitude. */
const durations = fc
  .double({ min: 0, max: 30, noNaN: true })
  .map((log) => Math.round(Math.E ** log));
const quantile = fc.double({ min: 0, max: 1, noNaN: true });

describe('Quantiles', () => {
  it('is exact for few values', () => {
    expect([0.5, 0.95, 0.99].map((q) => quantilesOf([3, 1, 2]).at(q))).toEqual([2, 3, 3]);
    fc.assert(
      fc.property(
        fc.array(durations, { minLength: 1, maxLength: EXACT_COUNT }),
        quantile,
        (values, q) => {
          expect(quantilesOf(values).at(q)).toBe(nearestRank(values, q));
        },
      ),
    );
  });

  it('is within its relative accuracy of the nearest rank for many', () => {
    const many = fc.array(durations, { minLength: EXACT_COUNT + 1, maxLength: 1_500 });
    fc.assert(
      fc.property(many, quantile, (values, q) => {
        const exact = nearestRank(values, q);
        const value = quantilesOf(values).at(q);
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(exact * RELATIVE_ACCURACY);
      }),
      { numRuns: 50 },
    );
  });

  it('knows the maximum exactly, and never answers more', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => index * 1_001);
    const quantiles = quantilesOf(values);
    expect(quantiles.max).toBe(999 * 1_001);
    expect(quantiles.at(1)).toBeLessThanOrEqual(quantiles.max);
  });

  it('ignores what is not a duration', () => {
    const quantiles = quantilesOf([Number.NaN, -1, Infinity, 5]);
    expect(quantiles.count).toBe(1);
    expect(quantiles.at(0.5)).toBe(5);
  });

  it('answers 0 when there is nothing', () => {
    expect(quantilesOf([]).at(0.5)).toBe(0);
  });

  it('keeps to the nanosecond', () => {
    expect(quantilesOf([1.4, 1.4, 0.2]).at(0.5)).toBe(1);
  });

  it('takes any values in bounded memory', () => {
    const extreme = [0, 1e-300, 1e-9, 1, 1e15, 1e18, 1e200, Number.MAX_VALUE];
    const quantiles = quantilesOf(extreme.flatMap((value) => Array<number>(100).fill(value)));
    expect(quantiles.count).toBe(800);
    expect(quantiles.max).toBe(Number.MAX_VALUE);
    // 2^(3827/64) ns are 31 years; without a bound the last bucket would be the 65,535th.
    expect(quantiles.bins().map(({ index }) => index)).toEqual([-2, -1, 3189, 3826]);
    expect(quantiles.at(0.5)).toBeCloseTo(1, 1);
  });
});

describe('merged Quantiles', () => {
  const merged = (parts: readonly (readonly number[])[]) => {
    const all = new Quantiles();
    for (const part of parts) all.merge(quantilesOf(part));
    return all;
  };
  /** Parts that are exact, parts that are histograms, and empty ones. */
  const parts = fc.array(
    fc.oneof(
      fc.array(durations, { maxLength: 20 }),
      fc.array(durations, { minLength: 200, maxLength: 400 }),
    ),
    { maxLength: 5 },
  );

  it('are what they would be had all values come in one place, in any order', () => {
    fc.assert(
      fc.property(parts, (values) => {
        const all = quantilesOf(values.flat()).toJson();
        expect(merged(values).toJson()).toEqual(all);
        expect(merged([...values].reverse()).toJson()).toEqual(all);
        expect('nanos' in all).toBe(values.flat().length <= EXACT_COUNT);
      }),
    );
  });

  it('leave the other as it is, also when it is the same', () => {
    for (const size of [3, 300]) {
      const values = Array.from({ length: size }, (_, index) => index);
      const quantiles = quantilesOf(values);
      const other = quantilesOf(values);
      quantiles.merge(other);
      expect(other.toJson()).toEqual(quantilesOf(values).toJson());
      other.merge(other);
      expect(other.toJson()).toEqual(quantiles.toJson());
    }
  });

  it('go on after a round trip as if there had been none', () => {
    fc.assert(
      fc.property(
        fc.array(durations, { maxLength: 400 }),
        durations,
        quantile,
        (values, next, q) => {
          const before = quantilesOf(values);
          const text = JSON.stringify(before.toJson());
          const after = Quantiles.fromJson(JSON.parse(text) as ReturnType<Quantiles['toJson']>);
          expect(JSON.stringify(after.toJson())).toBe(text);
          before.add(next);
          after.add(next);
          expect(after.at(q)).toBe(before.at(q));
          expect(after.count).toBe(before.count);
          expect(after.max).toBe(before.max);
        },
      ),
    );
  });

  it('count one value many times as that many values', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 300 }), durations, (value, times, other) => {
        const quantiles = quantilesOf([other]);
        quantiles.add(value, times);
        const values = [other, ...Array<number>(times).fill(value)];
        expect(quantiles.toJson()).toEqual(quantilesOf(values).toJson());
      }),
    );
  });

  const histogram = { scale: 6, zeroCount: 0, offset: 1, counts: [2, 0, 1], maxNanos: 9 };
  it.each([
    [5, 'an object with `nanos` or `histogram`'],
    [{ nanos: [1, '2'] }, '`nanos` to be a list of durations'],
    [{ nanos: [-1] }, '`nanos` to be a list of durations'],
    [{ sketch: { zeros: 1 } }, 'a `histogram`, not the `sketch` of an older hotspan (save the'],
    [{ histogram: null }, '`histogram.scale` to be 6'],
    [{ histogram: { ...histogram, scale: 5 } }, '`histogram.scale` to be 6'],
    [{ histogram: { ...histogram, maxNanos: null } }, '`histogram.maxNanos` to be a duration'],
    [{ histogram: { ...histogram, zeroCount: 0.5 } }, '`histogram.zeroCount` to be a count'],
    [{ histogram: { ...histogram, counts: [1, -1] } }, '`histogram.counts` to be a list of counts'],
    [{ histogram: { ...histogram, counts: 5 } }, '`histogram.counts` to be a list of counts'],
    [{ histogram: { ...histogram, offset: -2 } }, '`histogram.offset` to keep the buckets from -1'],
    [{ histogram: { ...histogram, offset: 0.5 } }, '`histogram.offset` to keep the buckets from'],
    [{ histogram: { ...histogram, offset: '1' } }, '`histogram.offset` to keep the buckets from'],
    [{ histogram: { ...histogram, offset: 3825 } }, '`histogram.offset` to keep the buckets from'],
  ])('refuse what is damaged: %j', (json, problem) => {
    expect(findDurationsProblem(json)).toContain(problem);
    expect(() => Quantiles.fromJson(json as never)).toThrow(
      `Quantiles.fromJson: expected ${problem}`,
    );
    expect(findDurationsProblem({ histogram })).toBeUndefined();
    expect(findDurationsProblem({ histogram: { ...histogram, offset: 3824 } })).toBeUndefined();
  });

  it('have the fields that OTLP asks for', () => {
    const quantiles = quantilesOf([0, ...Array<number>(300).fill(1_000), 4_000]);
    const counts = [300, ...Array<number>(127).fill(0), 1];
    expect(quantiles.toJson()).toEqual({
      histogram: { scale: 6, zeroCount: 1, offset: 637, counts, maxNanos: 4_000 },
    });
  });
});
