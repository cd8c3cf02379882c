import type { ExponentialHistogram } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BottleneckMetrics, recorderOf } from '../../src/metrics/bottleneck-metrics.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { OwnMetrics, valuesOf, WAYS } from '../support/metrics.js';
import { records } from '../support/trace.js';

const MAX_ROWS = 6;

/** Traces of one span each: which name it has, and how long it takes; `undefined` is a collection. */
const work = fc.array(
  fc.option(fc.record({ name: fc.nat({ max: 40 }), millis: fc.integer({ min: 1, max: 1000 }) }), {
    nil: undefined,
    freq: 4,
  }),
  { maxLength: 120 },
);

describe.each(WAYS)('counters of rows, %s,', (_, Metrics) => {
  it('keep the sums of all rows, whichever rows have series and whenever they are collected', async () => {
    await fc.assert(
      fc.asyncProperty(work, async (steps) => {
        const metrics = new Metrics();
        const recorder = recorderOf(
          new BottleneckMetrics(metrics.provider, { maxRows: MAX_ROWS }),
        )!;
        // So few that rows are given up, and come again.
        const ranking = new Ranking({ maxRows: 12, observer: recorder });
        recorder.attach(() => ranking.counted());
        let before: Record<string, number> = {};
        const collect = async () => {
          const points = await metrics.collect();
          const calls = valuesOf(points.get('hotspan.calls'), 'hotspan.row');
          expect(Object.keys(calls).length).toBeLessThanOrEqual(MAX_ROWS + 1);
          for (const [row, count] of Object.entries(before)) {
            expect(calls[row]).toBeGreaterThanOrEqual(count);
          }
          before = calls;
          return points;
        };
        for (const step of steps) {
          if (step === undefined) {
            await collect();
            continue;
          }
          const id = `work ${'abcdefgh'[step.name % 8]}${'abcdefgh'[step.name >> 3]}`;
          const tree = buildTraceTree(records([{ id, start: 0, end: step.millis }]));
          analyzeTrace(tree, {});
          ranking.addTrace(tree, { originEpochMillis: 0 });
        }
        const points = await collect();
        const done = steps.filter((step) => step !== undefined);
        const sum = (name: string) =>
          Object.values(valuesOf(points.get(name), 'hotspan.row')).reduce((a, b) => a + b, 0);
        const millis = done.reduce((all, step) => all + step.millis, 0);
        expect(sum('hotspan.calls')).toBe(done.length);
        expect(sum('hotspan.self_time')).toBeCloseTo(millis / 1000, 6);
        expect(sum('hotspan.critical_time')).toBeCloseTo(millis / 1000, 6);
        if (Metrics !== OwnMetrics) return;
        const durations = (points.get('hotspan.row.duration') ?? []).map(
          ({ value }) => value as ExponentialHistogram,
        );
        const count = durations.reduce((all, each) => all + each.count, 0);
        const seconds = durations.reduce((all, each) => all + each.sum!, 0);
        expect([count, seconds]).toEqual([done.length, expect.closeTo(millis / 1000, 6)]);
      }),
    );
  });
});
