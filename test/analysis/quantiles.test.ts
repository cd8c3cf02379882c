import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXACT_COUNT, Quantiles, RELATIVE_ACCURACY } from '../../src/analysis/quantiles.js';

function quantilesOf(values: readonly number[]): Quantiles {
  const quantiles = new Quantiles();
  for (const value of values) quantiles.add(value);
  return quantiles;
}

function nearestRank(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? 0;
}

const durations = fc.double({ min: 1, max: 1e12, noNaN: true });
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

  it('is within its relative accuracy of a neighbouring rank for many', () => {
    const many = fc.array(durations, { minLength: EXACT_COUNT + 1, maxLength: 1_500 });
    fc.assert(
      fc.property(many, quantile, (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        const at = q * (sorted.length - 1);
        const low = sorted[Math.floor(at)] ?? 0;
        const high = sorted[Math.ceil(at)] ?? 0;
        const value = quantilesOf(values).at(q);
        // The sketch's own promise, and the last bit of its logarithm.
        expect(value).toBeGreaterThanOrEqual(low * (1 - RELATIVE_ACCURACY - 1e-9));
        expect(value).toBeLessThanOrEqual(high * (1 + RELATIVE_ACCURACY + 1e-9));
      }),
      { numRuns: 50 },
    );
  });

  it('knows the maximum exactly, and never answers more', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => index * 1.001);
    const quantiles = quantilesOf(values);
    expect(quantiles.max).toBe(999 * 1.001);
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
});
