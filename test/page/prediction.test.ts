import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesOf, predict, tallest, ticksTo } from '../../src/page/prediction.js';
import { changeOfKey, keyOf, timeAt, weightedQuantile } from '../../src/sampled-times.js';
import type { SampledTrace } from '../../src/summary.js';

const SLOW = { name: 'slow', service: 'shop' };
const ROW = keyOf(SLOW);

function trace(seconds: number, least: number, weight = 1): SampledTrace {
  const at = (factor: number) => least + factor * (seconds - least);
  return {
    ...{ traceId: 'a', name: 'GET /', service: 'shop', startEpochSeconds: 0, seconds, weight },
    rows: [{ ...SLOW, seconds: [at(0), at(0.25), at(0.5), at(0.75)] }],
  };
}

describe('what a request would take', () => {
  it('lies on the line between the factors that are known', () => {
    const bent: SampledTrace = { ...trace(10, 2), rows: [{ ...SLOW, seconds: [2, 2, 4, 8] }] };
    expect([0, 0.25, 0.375, 0.75, 0.875, 1].map((it) => timeAt(bent, ROW, it))).toEqual([
      2, 2, 3, 8, 9, 10,
    ]);
  });

  it('is what it takes now where the row does not change it', () => {
    expect(timeAt(trace(10, 2), 'shop\nother', 0)).toBe(10);
  });

  it('never rises when the row gets faster', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (times, a, b) => {
          const [zero, quarter, half, most, seconds] = times.sort((x, y) => x - y) as [
            number,
            number,
            number,
            number,
            number,
          ];
          const one = {
            ...trace(seconds, 0),
            rows: [{ ...SLOW, seconds: [zero, quarter, half, most] }],
          } as SampledTrace;
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          expect(timeAt(one, ROW, low)).toBeLessThanOrEqual(timeAt(one, ROW, high) + 1e-9);
        },
      ),
    );
  });
});

describe('the prediction', () => {
  it('keeps every request, now and then', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0.01, max: 50, noNaN: true }), fc.nat(9)), {
          minLength: 1,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (pairs, factor) => {
          const traces = pairs.map(([seconds, weight]) => trace(seconds, seconds / 3, weight + 1));
          const [entry] = entriesOf(traces);
          const { bins, savedSeconds } = predict(entry!, ROW, factor, 40, 50);
          const sum = (of: (bin: (typeof bins)[number]) => number) =>
            bins.reduce((all, bin) => all + of(bin), 0);
          expect(sum(({ still, moved }) => still + moved)).toBe(entry!.count);
          expect(sum(({ still, gone }) => still + gone)).toBe(entry!.count);
          expect(savedSeconds).toBeGreaterThanOrEqual(-1e-9);
        },
      ),
    );
  });

  it('tells the quantiles now and then, and what is saved of all that the sample stands for', () => {
    const [entry] = entriesOf([trace(10, 2, 3), trace(4, 4, 1)]);
    const { half, p95, savedSeconds } = predict(entry!, ROW, 0, 10, 10);
    expect({ half, p95, savedSeconds }).toEqual({ half: [10, 2], p95: [10, 4], savedSeconds: 24 });
  });

  it('weighs: three quarters of the weight are below', () => {
    const values = [
      { seconds: 9, weight: 1 },
      { seconds: 1, weight: 3 },
    ];
    expect([0.5, 0.75, 0.76].map((share) => weightedQuantile(values, share))).toEqual([1, 1, 9]);
    expect(weightedQuantile([], 0.5)).toBe(0);
  });

  it('is as high as what is there, now or then', () => {
    expect(
      tallest([
        { still: 2, moved: 3, gone: 1 },
        { still: 0, moved: 0, gone: 4 },
      ]),
    ).toBe(5);
    expect(tallest([])).toBe(1);
  });
});

it('takes failed tries apart from the work of their row', () => {
  const tries = keyOf({ ...SLOW, isTries: true });
  expect(changeOfKey(tries)).toEqual({ ...SLOW, isTries: true });
  expect(changeOfKey(keyOf({ name: 'a\nb', service: '' }))).toEqual({
    name: 'a\nb',
    service: '',
  });
  const both = { ...trace(10, 2), failedTries: [{ ...SLOW, seconds: [5, 6, 7, 8] as const }] };
  expect([ROW, tries].map((key) => timeAt(both, key, 0))).toEqual([2, 5]);
  expect(timeAt(trace(10, 2), tries, 0)).toBe(10);
});

it('marks an axis with round figures', () => {
  expect(ticksTo(17.8, 6)).toEqual([0, 5, 10, 15]);
  expect(ticksTo(0.9, 4)).toEqual([0, 0.25, 0.5, 0.75]);
  expect(ticksTo(0, 4)).toEqual([0]);
});
