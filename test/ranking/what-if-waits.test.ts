import { expect, it } from 'vitest';
import { SHARED_CASES } from '../../scripts/accuracy/shared-programs.js';
import { simulateMany } from '../../scripts/accuracy/simulator.js';
import { groupBy } from '../../src/bounded.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import type { SpanRecord } from '../../src/trace/span-record.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { durationsIf } from '../../src/trace/what-if.js';

function ranked(records: readonly SpanRecord[], row?: string, factor = 0) {
  const isChanged = ({ name }: SpanRecord) => name === row;
  const ranking = new Ranking(
    row === undefined
      ? {}
      : { durationsOf: (tree, options) => durationsIf(tree, isChanged, factor, options) },
  );
  const traces = [...groupBy(records, ({ traceId }) => traceId).values()];
  const endOf = (trace: readonly SpanRecord[]) => trace.at(-1)!.endNanos;
  for (const trace of traces.sort((a, b) => endOf(a) - endOf(b))) {
    const tree = buildTraceTree(trace);
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
  }
  return ranking;
}

it.each(SHARED_CASES)(
  'what-if knows waits: it predicts the savings of rows: $title',
  async ({ program }) => {
    const { records } = await simulateMany(program, 1);
    const { bottlenecks, latency, traces } = ranked(records).toSummary({ nowEpochMillis: 0 });
    // Those of rows are estimates where not all traces are in the sample.
    const isEstimate = traces.replayed! < traces.analyzed;
    const most = (isEstimate ? 0.02 : 0.002) * latency.totalSeconds;
    for (const { name, savingSeconds = 0 } of bottlenecks.slice(0, 2)) {
      const { totalNanos, durations } = ranked(records, name).changed()!;
      const saving = latency.totalSeconds - totalNanos / 1e9;
      expect(Math.abs(saving - savingSeconds)).toBeLessThan(most);
      expect(durations.max / 1e9).toBeLessThanOrEqual(latency.maxSeconds + 1e-9);
      const half = ranked(records, name, 0.5).changed()!;
      expect(half.totalNanos).toBeGreaterThanOrEqual(totalNanos - 1e3);
      expect(half.totalNanos / 1e9).toBeLessThanOrEqual(latency.totalSeconds + 1e-6);
    }
  },
);

it('predicts for every trace, also where savings are estimates from a sample', async () => {
  const { records } = await simulateMany((world) => {
    return world.requests(6_000, 40, 'request', async (request) => {
      await request.segment('a', 20);
      await request.segment('b', 30);
    });
  }, 1);
  const ranking = ranked(records, 'a');
  const { durations, totalNanos } = ranking.changed()!;
  expect(durations.count).toBe(6_000);
  const rest = records.filter(({ name }) => name === 'b');
  const nanos = rest.reduce((sum, { startNanos, endNanos }) => sum + endNanos - startNanos, 0);
  expect(totalNanos / nanos).toBeCloseTo(1, 6);
});
