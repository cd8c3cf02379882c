import type { Change, Comparison } from '../analysis/compare.js';
import { formatCount, formatSeconds, formatShare, formatUsd } from './format.js';
import { drawTable, type Column } from './table.js';

interface Line {
  readonly what: string;
  readonly change: Change;
  readonly format: (value: number) => string;
}

/**
 * Two configurations side by side, as a table for a person. Without colour codes. Ends without a line
 * break.
 *
 * @param comparison what `compare` gave
 */
export function comparisonToText(comparison: Comparison): string {
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
    { head: 'Baseline', cell: side(({ baseline }) => baseline) },
    { head: 'Candidate', cell: side(({ candidate }) => candidate) },
    { head: 'Change', cell: ({ change }) => formatChange(change.ratio) },
  ];
  return drawTable(columns, lines);
}

function formatChange(ratio: number | undefined): string | undefined {
  if (ratio === undefined) return undefined;
  const percent = (ratio - 1) * 100;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}
