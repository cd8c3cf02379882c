import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import type { SpanRecord } from '../../src/trace/span-record.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { groupBy } from '../../src/bounded.js';
import type { Summary } from '../../src/summary.js';
import type { SharedCase } from './shared-programs.js';
import { simulateMany } from './simulator.js';

/** What was said of one run of a program of many requests, and what is so. */
export interface MeasuredShared {
  readonly case: SharedCase;
  readonly totalNanos: number;
  readonly summary: Summary;
  /** What each row would save, as predicted and in truth, as shares of the whole time. */
  readonly rows: readonly {
    readonly row: string;
    readonly predicted: number;
    readonly real: number;
  }[];
  /** What the first row brings, as a share of what the best would. */
  readonly brings: number;
}

/**
 * Runs a program, ranks its traces in the order in which they end, and runs it again without each row.
 *
 * @param runsAgain `false` to take what is predicted for the truth
 * @param rankTraces ranks the spans; `rankLive` does it through the processor
 */
export async function measureShared(
  one: SharedCase,
  seed: number,
  runsAgain = true,
  rankTraces: (records: readonly SpanRecord[]) => Summary | Promise<Summary> = (records) =>
    rankFile(records),
): Promise<MeasuredShared> {
  const { records, totalNanos } = await simulateMany(one.program, seed);
  const summary = await rankTraces(records);
  const rows: MeasuredShared['rows'][number][] = [];
  for (const { name, savingSeconds = 0 } of summary.bottlenecks) {
    if (!runsAgain) {
      rows.push({ row: name, predicted: savingSeconds, real: savingSeconds });
      continue;
    }
    const without = await simulateMany(one.program, seed, { row: name, factor: 0 });
    const real = (totalNanos - without.totalNanos) / totalNanos;
    rows.push({ row: name, predicted: (savingSeconds * 1e9) / totalNanos, real });
  }
  const best = Math.max(...rows.map(({ real }) => real));
  return { case: one, totalNanos, summary, rows, brings: best > 0 ? rows[0]!.real / best : 1 };
}

/**
 * Ranks spans as from a file.
 *
 * @param toleranceNanos as in `CriticalPathOptions`; by default the clocks have no error
 */
export function rankFile(records: readonly SpanRecord[], toleranceNanos = 0): Summary {
  const ranking = new Ranking();
  // A trace is complete when its root, which is recorded last, has ended.
  const traces = [...groupBy(records, ({ traceId }) => traceId).values()];
  const endOf = (trace: readonly SpanRecord[]) => trace.at(-1)!.endNanos;
  for (const trace of traces.sort((a, b) => endOf(a) - endOf(b))) {
    const tree = buildTraceTree(trace);
    analyzeTrace(tree, { toleranceNanos });
    ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos });
  }
  return ranking.toSummary({ nowEpochMillis: 0 });
}
