import type { Figure, FigureName, Subject } from './figure.js';
import type { Bottleneck, Summary } from '../summary.js';

/** Returns a figure of all traces or of a row; `undefined` if it is unknown there. */
export function valueOf(name: string, { from }: Figure, subject: Subject): number | undefined {
  return from?.[subject.side]?.(subject.values) ?? subject.values[name as FigureName];
}

/** Returns all traces of a summary as what budgets and diffs look at. */
export function allOf(summary: Summary): Subject {
  const { totals, latency } = summary;
  const traces = latency.count;
  return {
    side: 'all',
    values: { ...totals, ...latency },
    traces,
    calls: traces,
    successes: successesOf(summary),
    unpriced: totals.unpricedCalls,
    durations: latency.durations,
  };
}

/** Returns one row of a summary as what budgets and diffs look at. */
export function rowOf({ latency, totals }: Summary, row: Bottleneck): Subject {
  return {
    side: 'row',
    values: row,
    traces: latency.count,
    calls: row.calls,
    successes: row.calls - row.errors,
    unpriced: totals.unpricedCalls,
    durations: row.durations,
  };
}

/** Returns how many local roots ended without an error. */
export function successesOf({ latency, totals }: Summary): number {
  return Math.round((totals.successRate ?? 0) * latency.count);
}
