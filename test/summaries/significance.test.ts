import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Quantiles, type Bin } from '../../src/durations.js';
import {
  adjustTogether,
  amountTest,
  rankTest,
  shareTest,
  tailTest,
  type TestResult,
} from '../../src/summaries/significance.js';
import { seededRandom } from '../support/random.js';

function binsOf(values: readonly number[]): Bin[] {
  const quantiles = new Quantiles();
  for (const value of values) quantiles.add(value);
  return quantiles.bins();
}

/** How often a test of two sides that do not differ says that they do, at 5 %. */
function falseAlarms(runs: number, test: () => TestResult): number {
  let count = 0;
  for (let run = 0; run < runs; run += 1) if (test().pValue <= 0.05) count += 1;
  return count / runs;
}

const bins = fc
  .array(fc.record({ index: fc.nat({ max: 20 }), count: fc.integer({ min: 1, max: 50 }) }), {
    minLength: 1,
  })
  .map((list) => [...new Map(list.map((bin) => [bin.index, bin])).values()]);

describe('shareTest', () => {
  const share = (of: number, count: number) => ({ count, of });

  it('is exact', () => {
    // Fisher's lady tasting tea: 1 of 70 ways to be right by chance, 17 to be this right.
    expect(shareTest(share(4, 0), share(4, 4)).pValue).toBeCloseTo(2 / 70, 12);
    expect(shareTest(share(4, 0), share(4, 4)).sign).toBe(1);
    expect(shareTest(share(4, 3), share(4, 1)).pValue).toBeCloseTo(34 / 70, 12);
    expect(shareTest(share(0, 0), share(9, 3))).toEqual({ pValue: 1, sign: 0 });
  });

  it('is what counting all ways gives', () => {
    const choose = (n: number, k: number): number =>
      k < 0 || k > n ? 0 : k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
    const side = fc
      .integer({ min: 1, max: 25 })
      .chain((of) => fc.record({ of: fc.constant(of), count: fc.nat({ max: of }) }));
    fc.assert(
      fc.property(side, side, (before, after) => {
        const marked = before.count + after.count;
        const ways = (count: number) =>
          choose(marked, count) * choose(before.of + after.of - marked, after.of - count);
        const sum = (from: number, to: number) => {
          let total = 0;
          for (let count = from; count <= to; count += 1) total += ways(count);
          return total / choose(before.of + after.of, after.of);
        };
        const { pValue, sign } = shareTest(before, after);
        const tail = sign > 0 ? sum(after.count, after.of) : sum(0, after.count);
        // Stirling's series is off by less than 1e-9.
        expect(pValue).toBeCloseTo(sign === 0 ? 1 : Math.min(1, 2 * tail), 7);
      }),
    );
  });

  it('takes counts of millions', () => {
    const { pValue } = shareTest(share(1e6, 3_000), share(1e6, 3_200));
    expect(pValue).toBeGreaterThan(0.0109);
    expect(pValue).toBeLessThan(0.0115);
    expect(shareTest(share(1e9, 0), share(1e9, 1e9)).pValue).toBe(0);
  });
});

describe('rankTest', () => {
  it('counts the pairs in which the one took longer', () => {
    fc.assert(
      fc.property(bins, bins, (before, after) => {
        let [won, all] = [0, 0];
        for (const a of before) {
          for (const b of after) {
            const pairs = a.count * b.count;
            all += pairs;
            won += b.index > a.index ? pairs : b.index === a.index ? pairs / 2 : 0;
          }
        }
        const { sign, pValue } = rankTest(before, after);
        const isOneBin = new Set([...before, ...after].map(({ index }) => index)).size === 1;
        expect(sign).toBe(isOneBin ? 0 : Math.sign(won - all / 2));
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1 + 1e-7);
        const swapped = rankTest(after, before);
        expect(swapped.pValue).toBeCloseTo(pValue, 9);
        expect(swapped.sign + sign).toBe(0);
      }),
    );
  });

  it('knows what the tables say', () => {
    // U = 0 of 8 against 8: z = (32 - 0.5) / √(64 · 17 / 12).
    const sides = [0, 8].map((from) =>
      Array.from({ length: 8 }, (_, at) => ({ index: from + at, count: 1 })),
    );
    expect(rankTest(sides[0]!, sides[1]!).pValue).toBeCloseTo(0.00094, 5);
  });

  it('takes account of ties', () => {
    const half = (first: number) => [first, 100 - first].map((count, index) => ({ index, count }));
    // With two bins it is the test of two shares: z = 0.15 / √(0.575 · 0.425 / 50) · √(199 / 200).
    expect(rankTest(half(50), half(35)).pValue).toBeCloseTo(0.0324, 3);
  });

  it('raises a false alarm about as often as it is allowed to', () => {
    const random = seededRandom(11);
    for (const size of [10, 200]) {
      const side = () => binsOf(Array.from({ length: size }, () => random.lognormal(1e6, 0.5)));
      const alarms = falseAlarms(1_000, () => rankTest(side(), side()));
      expect(alarms).toBeGreaterThan(0.02);
      expect(alarms).toBeLessThan(0.07);
    }
  });
});

describe('tailTest', () => {
  const sideOf =
    (random = seededRandom(5)) =>
    (size: number, slowShare: number) =>
      binsOf(
        Array.from({ length: size }, () =>
          random.lognormal(1e6 * (random.happens(slowShare) ? 5 : 1), 0.3),
        ),
      );

  it('finds a tail that became longer where the median did not', () => {
    const side = sideOf();
    const [before, after] = [side(500, 0.02), side(500, 0.1)];
    expect(tailTest(before, after, 0.95)).toMatchObject({ sign: 1 });
    expect(tailTest(before, after, 0.95).pValue).toBeLessThan(0.001);
    expect(tailTest(after, before, 0.95)).toMatchObject({ sign: -1 });
  });

  it('proves nothing from few calls', () => {
    const bin = (index: number) => [{ index, count: 10 }];
    expect(tailTest(bin(1), bin(500), 0.95).pValue).toBe(1);
    expect(tailTest([], [], 0.95).pValue).toBe(1);
  });

  it('raises a false alarm at most as often as it is allowed to', () => {
    const side = sideOf();
    for (const size of [20, 300]) {
      const alarms = falseAlarms(500, () => tailTest(side(size, 0.1), side(size, 0.1), 0.95));
      expect(alarms).toBeLessThan(0.06);
    }
  });
});

describe('amountTest', () => {
  const amount = (sum: number, units = 100, events = units) => ({ sum, events, units });

  it('asks how many there were of what is rarer, traces or events', () => {
    const of = (events: number) => amountTest(amount(10, 100, events), amount(20, 100, events));
    // ln 2 in units of √(2 / n): 4.9 and 0.69.
    expect(of(1_000).pValue).toBeCloseTo(of(100).pValue, 12);
    expect(of(100).pValue).toBeLessThan(1e-5);
    expect(of(2).pValue).toBeCloseTo(0.488, 3);
    expect(of(100).sign).toBe(1);
  });

  it('divides by the units', () => {
    expect(amountTest(amount(10, 10), amount(1_000, 1_000)).pValue).toBeCloseTo(1, 6);
    expect(amountTest(amount(10, 10), amount(999, 1_000)).sign).toBe(-1);
  });

  it('compares with nothing', () => {
    const none = amount(0, 100, 0);
    expect(amountTest(none, none)).toEqual({ pValue: 1, sign: 0 });
    expect(amountTest(none, amount(3, 100, 3)).pValue).toBeGreaterThan(0.05);
    expect(amountTest(none, amount(30, 100, 30)).pValue).toBeLessThan(0.01);
    expect(amountTest(amount(30, 100, 30), none)).toMatchObject({ sign: -1 });
  });

  it('raises a false alarm at most as often as it is allowed to when amounts are exponential', () => {
    const random = seededRandom(3);
    for (const units of [5, 100]) {
      const side = () => {
        let sum = 0;
        for (let unit = 0; unit < units; unit += 1) sum -= Math.log(random.uniform());
        return amount(sum, units);
      };
      expect(falseAlarms(1_000, () => amountTest(side(), side()))).toBeLessThan(0.07);
    }
  });
});

describe('adjustTogether', () => {
  it('is the step-up procedure of Benjamini and Hochberg', () => {
    expect(adjustTogether([0.01, 0.04, 0.03, 0.005])).toEqual([0.02, 0.04, 0.04, 0.02]);
    expect(adjustTogether([])).toEqual([]);
    const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(pValues, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (all, level) => {
        const sorted = [...all].sort((a, b) => a - b);
        const last = sorted.findLastIndex((p, at) => (p * all.length) / (at + 1) <= level);
        const rejected = all.map((p) => last >= 0 && p <= sorted[last]!);
        expect(adjustTogether(all).map((p) => p <= level)).toEqual(rejected);
      }),
    );
  });
});
