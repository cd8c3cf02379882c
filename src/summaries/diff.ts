import { changesOf, comparedOf, isChanged, type FigureChange, type Pair } from './compare.js';
import { diffPaths, type PathDiff } from './diff-paths.js';
import { allOf, rowOf, type Subject } from './figure.js';
import { formatCount, plural } from '../format.js';
import { defined } from '../sums.js';
import { SLOWEST_PER_ROW } from '../ranking/row.js';
import { rowKey } from './merge-rows.js';
import { requireSummary } from './require-summary.js';
import type { Bottleneck, SlowSpan, Summary } from '../summary.js';

/** The changes of all traces together. */
export interface OverallChanges {
  readonly p50Seconds: FigureChange;
  readonly p95Seconds: FigureChange;
  readonly p99Seconds: FigureChange;
  readonly successRate: FigureChange;
  readonly costPerTraceUsd: FigureChange;
  readonly costPerSuccessUsd: FigureChange;
  /** Input and output tokens. */
  readonly tokensPerTrace: FigureChange;
  readonly retriesPerTrace: FigureChange;
  readonly wastedSecondsPerTrace: FigureChange;
}

/** The changes of one row. */
export interface RowChanges {
  readonly criticalSecondsPerTrace: FigureChange;
  readonly p50Seconds: FigureChange;
  readonly p95Seconds: FigureChange;
  readonly callsPerTrace: FigureChange;
  readonly costPerCallUsd: FigureChange;
  /** The share of the calls that ended with an error. */
  readonly errorRate: FigureChange;
  readonly savingSecondsPerTrace: FigureChange;
}

/** One row before and after. If only one summary has it, the other side is absent. */
export interface RowDiff extends RowChanges {
  readonly name: string;
  readonly service: string;
  /** Its slowest spans on each side, slowest first, as many as the summaries have: at most 3. */
  readonly slowest?: { readonly before: readonly SlowSpan[]; readonly after: readonly SlowSpan[] };
}

/** Two summaries side by side: plain data, `schemaVersion` 1. */
export interface SummaryDiff {
  readonly schemaVersion: 1;
  readonly traces: { readonly before: number; readonly after: number };
  readonly overall: OverallChanges;
  /**
   * The rows of both summaries: first those that changed, then the others, each by how much the critical
   * time of a trace changed.
   */
  readonly rows: readonly RowDiff[];
  /** The new rows, most critical time first. */
  readonly added: readonly RowDiff[];
  /** The rows that are gone, most critical time first. */
  readonly removed: readonly RowDiff[];
  /**
   * The call paths of both, parents before their children: at most 2,000, the rest is in boxes named `(other)`. Absent
   * if a summary has no trace, or an older version saved it.
   */
  readonly callPaths?: readonly PathDiff[];
  /** Sentences for people: what the diff cannot tell, and what each summary leaves out. */
  readonly warnings: readonly string[];
}

const OVERALL = comparedOf('all');
const ROW = comparedOf('row');

/**
 * Compares two summaries, and says of each figure whether it changed by more than noise.
 *
 * - Medians are compared by all durations of both sides, with the test of Mann and Whitney. Other
 *   quantiles are compared by the share of durations above their common quantile, with Fisher's exact
 *   test; so are success and error rates. No test assumes a distribution. Few calls prove little: with
 *   ten calls, no p95 is ever called a change.
 * - A summary does not hold how much its sums (cost, tokens, calls, retries, waste, critical time,
 *   saving) vary between traces or calls. They are assumed to vary as much as their mean, as Poisson
 *   counts and exponential amounts do. Most vary less, so this errs on the careful side: with 200 traces
 *   on each side, a sum that rose by a fifth is noise, and one that rose by half is not.
 * - The tests of the overall figures, those of the rows and those of the call paths are each corrected
 *   for their number by the method of Benjamini and Hochberg: expect at most 5 % of the changes to be noise.
 * - A figure that moved by less than 2 % is the `same`, however sure it is.
 *
 * Quantiles get no verdict if a summary lacks its durations (an older version saved it). Costs get none
 * if a summary has unpriced LLM calls: a lost price is not a saving. Rows of only one summary are not
 * tested.
 *
 * ```ts
 * import { BottleneckSpanProcessor } from 'hotspan/processor';
 * import { diffSummaries, toText } from 'hotspan/report';
 *
 * const before = new BottleneckSpanProcessor().summary();
 * const after = new BottleneckSpanProcessor().summary();
 * console.log(toText(diffSummaries(before, after)));
 * ```
 *
 * @throws TypeError if one of them is not a summary
 */
export function diffSummaries(before: Summary, after: Summary): SummaryDiff {
  requireSummary('diffSummaries', '`before`', before);
  requireSummary('diffSummaries', '`after`', after);
  const [old, now] = [rowsOf(before), rowsOf(after)];
  const both = [...old.keys()].filter((key) => now.has(key));
  const only = (rows: Rows, others: Rows) => [...rows.keys()].filter((key) => !others.has(key));
  return {
    schemaVersion: 1,
    traces: { before: before.latency.count, after: after.latency.count },
    overall: changesOf(OVERALL, [[allOf(before), allOf(after)]])[0]!,
    rows: diffRows(both, old, now),
    added: diffRows(only(now, old), old, now),
    removed: diffRows(only(old, now), old, now),
    ...defined({ callPaths: diffPaths(before, after) }),
    warnings: [...warningsOf('before', before), ...warningsOf('after', after)],
  };
}

type Rows = ReadonlyMap<string, { readonly row: Bottleneck; readonly subject: Subject }>;

function rowsOf(summary: Summary): Rows {
  const rows = summary.bottlenecks;
  return new Map(rows.map((row) => [rowKey(row), { row, subject: rowOf(summary, row) }]));
}

function diffRows(keys: readonly string[], old: Rows, now: Rows): RowDiff[] {
  const pairs = keys.map((key): Pair => [old.get(key)?.subject, now.get(key)?.subject]);
  const changes = changesOf(ROW, pairs);
  const rows = keys.map((key, at): RowDiff => {
    const [was, is] = [old.get(key)?.row, now.get(key)?.row];
    const { name, service } = (was ?? is)!;
    const [before, after] = [was, is].map((row) => (row?.slowest ?? []).slice(0, SLOWEST_PER_ROW));
    const slowest = { before: before!, after: after! };
    return { name, service, ...changes[at]!, slowest };
  });
  const movedBy = ({ criticalSecondsPerTrace: { before = 0, after = 0 } }: RowDiff) =>
    Math.abs(after - before);
  const hasChanged = (row: RowDiff) => Number(ROW.some(({ name }) => isChanged(row[name])));
  return rows.sort(
    (a, b) =>
      hasChanged(b) - hasChanged(a) || movedBy(b) - movedBy(a) || (rowKey(a) < rowKey(b) ? -1 : 1),
  );
}

function warningsOf(side: string, summary: Summary): string[] {
  const { latency, bottlenecks, totals, traces, spans } = summary;
  const warnings: string[] = [];
  const isOlder = [latency, ...bottlenecks].some(({ durations }) => durations === undefined);
  if (latency.count > 0 && isOlder) {
    warnings.push(
      `an older version saved the summary ${side}: changes of its quantiles cannot be told`,
    );
  }
  if (totals.unpricedCalls > 0) {
    const calls = `${formatCount(totals.unpricedCalls)} of ${plural(totals.llmCalls, 'LLM call')}`;
    warnings.push(`${calls} ${side} have no price: changes of the cost cannot be told`);
  }
  const leftOut = [
    [traces.incomplete, 'trace', 'incomplete'],
    [traces.evicted, 'trace', 'evicted before its end'],
    [spans.dropped, 'span', 'dropped'],
  ] as const;
  for (const [count, what, why] of leftOut) {
    if (count > 0) warnings.push(`${side}: ${plural(count, what)} ${why}`);
  }
  return [...warnings, ...summary.warnings.map((text) => `${side}: ${text}`)];
}
