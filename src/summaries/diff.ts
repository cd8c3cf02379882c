import { diffWarnings } from './diff-warnings.js';
import { changesOf, isChanged, type FigureChange, type Pair } from './figure-change.js';
import { amountFigure, costFigure, COUNT, quantileFigure, shareFigure, TIME } from './figure.js';
import type { Figure } from './figure.js';
import { rowKey } from './merge-rows.js';
import { successesOf } from './merge-summaries.js';
import { Quantiles, type Bin, type Durations } from '../durations.js';
import { requireSummary } from './require-summary.js';
import type { Bottleneck, Summary } from '../summary.js';

/** What changed for those who wait and pay. */
export interface OverallChanges {
  readonly p50Seconds: FigureChange;
  readonly p95Seconds: FigureChange;
  readonly p99Seconds: FigureChange;
  readonly successRate: FigureChange;
  readonly costPerTraceUsd: FigureChange;
  readonly costPerSuccessUsd: FigureChange;
  /** Input and output. */
  readonly tokensPerTrace: FigureChange;
  readonly retriesPerTrace: FigureChange;
  readonly wastedSecondsPerTrace: FigureChange;
}

/** What changed in one row. */
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

/** One row before and after; of a row that one side alone has, the other side is absent. */
export interface RowDiff extends RowChanges {
  readonly name: string;
  readonly service: string;
}

/** Two summaries side by side: plain data, `schemaVersion` 1. */
export interface SummaryDiff {
  readonly schemaVersion: 1;
  readonly traces: { readonly before: number; readonly after: number };
  readonly overall: OverallChanges;
  /**
   * Those that both have: first those of which something changed, and of these that one by which the
   * critical time of a trace changed most.
   */
  readonly rows: readonly RowDiff[];
  /** Those that are new, most critical time first. */
  readonly added: readonly RowDiff[];
  /** Those that are gone, most critical time first. */
  readonly removed: readonly RowDiff[];
  /** Sentences for people: what could not be told, and what each side leaves out. */
  readonly warnings: readonly string[];
}

interface OverallSide {
  readonly summary: Summary;
  readonly bins: readonly Bin[] | undefined;
}

interface RowSide {
  readonly summary: Summary;
  readonly row: Bottleneck;
  readonly traces: number;
  readonly bins: readonly Bin[] | undefined;
}

const latencyOf = (pick: (latency: Summary['latency']) => number) => (side: OverallSide) =>
  side.summary.latency.count > 0 ? pick(side.summary.latency) : undefined;
/** Of all rows together: whose calls they are a summary does not tell. */
const unpricedOf = ({ summary }: { readonly summary: Summary }) => summary.totals.unpricedCalls;
const binsOf = ({ bins }: { readonly bins: readonly Bin[] | undefined }) => bins;

const OVERALL: Readonly<Record<keyof OverallChanges, Figure<OverallSide>>> = {
  p50Seconds: quantileFigure(
    0.5,
    latencyOf(({ p50Seconds }) => p50Seconds),
    binsOf,
  ),
  p95Seconds: quantileFigure(
    0.95,
    latencyOf(({ p95Seconds }) => p95Seconds),
    binsOf,
  ),
  p99Seconds: quantileFigure(
    0.99,
    latencyOf(({ p99Seconds }) => p99Seconds),
    binsOf,
  ),
  successRate: shareFigure(({ summary }) => ({
    count: successesOf(summary),
    of: summary.latency.count,
  })),
  costPerTraceUsd: costFigure(({ summary }) => costOf(summary, summary.latency.count), unpricedOf),
  costPerSuccessUsd: costFigure(({ summary }) => costOf(summary, successesOf(summary)), unpricedOf),
  tokensPerTrace: amountFigure(COUNT, ({ summary: { totals, latency } }) => ({
    sum: totals.inputTokens + totals.outputTokens,
    events: totals.llmCalls,
    units: latency.count,
  })),
  retriesPerTrace: amountFigure(COUNT, ({ summary: { totals, latency } }) => ({
    sum: totals.retries,
    events: totals.retries,
    units: latency.count,
  })),
  wastedSecondsPerTrace: amountFigure(COUNT, ({ summary: { totals, latency } }) => ({
    sum: totals.wastedSeconds,
    events: totals.retries,
    units: latency.count,
  })),
};

const ROW: Readonly<Record<keyof RowChanges, Figure<RowSide>>> = {
  criticalSecondsPerTrace: amountFigure(TIME, ({ row, traces }) => ({
    sum: row.criticalSeconds,
    events: row.calls,
    units: traces,
  })),
  p50Seconds: quantileFigure(0.5, ({ row }: RowSide) => row.p50Seconds, binsOf),
  p95Seconds: quantileFigure(0.95, ({ row }: RowSide) => row.p95Seconds, binsOf),
  callsPerTrace: amountFigure(COUNT, ({ row, traces }) => ({
    sum: row.calls,
    events: row.calls,
    units: traces,
  })),
  costPerCallUsd: costFigure(
    ({ row: { costUsd, calls } }: RowSide) =>
      costUsd === undefined ? undefined : { sum: costUsd, events: calls, units: calls },
    unpricedOf,
  ),
  errorRate: shareFigure(({ row }) => ({ count: row.errors, of: row.calls })),
  savingSecondsPerTrace: amountFigure(COUNT, ({ row: { savingSeconds, calls }, traces }) =>
    savingSeconds === undefined ? undefined : { sum: savingSeconds, events: calls, units: traces },
  ),
};

function costOf({ totals }: Summary, units: number) {
  const { costUsd, llmCalls, unpricedCalls } = totals;
  if (costUsd === undefined) return undefined;
  return { sum: costUsd, events: llmCalls - unpricedCalls, units };
}

/**
 * Sets two summaries side by side and says of each figure whether it changed by more than noise.
 *
 * - A median changed when all durations of both sides, not the medians alone, say so: the test of Mann
 *   and Whitney. A p95 or p99 changed when the share of durations above the common one did: Fisher's
 *   exact test, as for success and error rates. None of them takes a distribution for granted, and few
 *   calls prove little: of ten no p95 is ever called a change.
 * - Of sums per trace or per call (cost, tokens, calls, retries, waste, critical time, saving) a
 *   summary does not know how much they vary. They are taken to vary as much as their mean, as Poisson
 *   counts and exponential amounts do. Most vary less, so that this is careful: with 200 traces on each
 *   side a sum that rose by a fifth is noise, one that rose by half is not.
 * - The tests of all overall figures, and those of all rows, are each corrected for their number by the
 *   method of Benjamini and Hochberg: of the figures called a change at most 5 % are expected to be noise.
 * - What moved by less than 2 % is called `same`, however sure it is.
 *
 * A side without the distribution of its durations, of an older version, gets no verdict on quantiles;
 * a side with unpriced LLM calls none on cost, of rows neither: a lost price is not a saving.
 * Rows that only one side has are not tested.
 *
 * ```ts
 * import { BottleneckSpanProcessor } from 'hotspan/processor';
 * import { diffSummaries, diffToText } from 'hotspan/report';
 *
 * const before = new BottleneckSpanProcessor().summary();
 * const after = new BottleneckSpanProcessor().summary();
 * console.log(diffToText(diffSummaries(before, after)));
 * ```
 *
 * @throws TypeError when one of them is not a summary
 */
export function diffSummaries(before: Summary, after: Summary): SummaryDiff {
  requireSummary('diffSummaries', '`before`', before);
  requireSummary('diffSummaries', '`after`', after);
  const [old, now] = [rowSides(before), rowSides(after)];
  const pairs = [...old].flatMap(([key, side]) => {
    const other = now.get(key);
    return other === undefined ? [] : [[side, other] as const];
  });
  const only = (side: ReadonlyMap<string, RowSide>, than: ReadonlyMap<string, RowSide>) =>
    [...side].filter(([key]) => !than.has(key)).map(([, row]) => row);
  return {
    schemaVersion: 1,
    traces: { before: before.latency.count, after: after.latency.count },
    overall: diffOverall(before, after),
    rows: sortRows(diffRows(pairs)),
    added: sortRows(diffRows(only(now, old).map((side) => [undefined, side]))),
    removed: sortRows(diffRows(only(old, now).map((side) => [side, undefined]))),
    warnings: diffWarnings(before, after),
  };
}

/** The changes of the figures that concern all traces. */
export function diffOverall(before: Summary, after: Summary): OverallChanges {
  const sideOf = (summary: Summary) => ({ summary, bins: binsFrom(summary.latency.durations) });
  return changesOf(OVERALL, [[sideOf(before), sideOf(after)]])[0]!;
}

function diffRows(pairs: readonly Pair<RowSide>[]): RowDiff[] {
  const changes = changesOf(ROW, pairs);
  return pairs.map(([before, after], at) => {
    const { name, service } = (before ?? after)!.row;
    return { name, service, ...changes[at]! };
  });
}

function rowSides(summary: Summary): ReadonlyMap<string, RowSide> {
  const { bottlenecks, latency } = summary;
  return new Map(
    bottlenecks.map((row) => [
      rowKey(row),
      { summary, row, traces: latency.count, bins: binsFrom(row.durations) },
    ]),
  );
}

function binsFrom(durations: Durations | undefined): Bin[] | undefined {
  return durations === undefined ? undefined : Quantiles.fromJson(durations).bins();
}

/** Those of which something changed first, each by how much the critical time of a trace changed. */
function sortRows(rows: readonly RowDiff[]): RowDiff[] {
  const movedBy = ({ criticalSecondsPerTrace: { before = 0, after = 0 } }: RowDiff) =>
    Math.abs(after - before);
  const names = Object.keys(ROW) as (keyof RowChanges)[];
  const hasChanged = (row: RowDiff) => (names.some((name) => isChanged(row[name])) ? 1 : 0);
  return [...rows].sort(
    (a, b) =>
      hasChanged(b) - hasChanged(a) || movedBy(b) - movedBy(a) || (rowKey(a) < rowKey(b) ? -1 : 1),
  );
}
