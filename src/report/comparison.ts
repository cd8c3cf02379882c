import type { Change, Comparison } from '../analysis/compare.js';
import { requireObject, requireOptions } from '../errors.js';
import {
  formatChange,
  formatCount,
  formatSeconds,
  formatShare,
  formatUsd,
  printable,
} from './format.js';
import { drawTable, type Column } from './table.js';

interface Line {
  readonly what: string;
  readonly change: Change;
  readonly format: (value: number) => string;
}

/** How a comparison looks. */
export interface ComparisonTextOptions {
  /** What the baseline and the candidate are called. Default `Baseline` and `Candidate`. */
  readonly labels?: readonly [baseline: string, candidate: string] | undefined;
}

/**
 * Two configurations side by side, as a table for a person. Without colour codes. Ends without a line
 * break.
 *
 * @param comparison what `compare` gave
 */
export function comparisonToText(
  comparison: Comparison,
  options: ComparisonTextOptions = {},
): string {
  requireOptions('comparisonToText', options, ['labels']);
  requireObject('comparisonToText', '`comparison`', comparison);
  const [baselineLabel, candidateLabel] = options.labels ?? ['Baseline', 'Candidate'];
  const lines: Line[] = [
    { what: 'succeeded', change: comparison.successRate, format: formatShare },
    { what: 'cost per success', change: comparison.costPerSuccessUsd, format: formatUsd },
    { what: 'p50', change: comparison.p50Seconds, format: formatSeconds },
    { what: 'p95', change: comparison.p95Seconds, format: formatSeconds },
    {
      what: 'tokens per trace',
      change: comparison.tokensPerTrace,
      format: (tokens) => formatCount(Math.round(tokens)),
    },
  ];
  const side =
    (pick: (change: Change) => number | undefined) =>
    ({ change, format }: Line) => {
      const value = pick(change);
      return value === undefined ? undefined : format(value);
    };
  const columns: Column<Line>[] = [
    { head: '', align: 'left', cell: ({ what }) => what },
    { head: printable(baselineLabel, 40), cell: side(({ baseline }) => baseline) },
    { head: printable(candidateLabel, 40), cell: side(({ candidate }) => candidate) },
    { head: 'Change', cell: ({ change }) => formatChange(change.ratio) },
  ];
  return drawTable(columns, lines);
}
