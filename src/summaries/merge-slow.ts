import { groupBy } from '../bounded.js';
import { judged, MAX_SLOW_SPANS, mostExcess } from '../ranking/slow-rows.js';
import type { SlowEntryPoint, SlowRow, Summary } from '../summary.js';
import { sumOf } from '../sums.js';
import { rowKey, slowestOf } from './merge-rows.js';

/** The slowest of each process stand for as many traces as it had: their means are weighted by these. */
export function mergeSlow(points: readonly SlowEntryPoint[]): Summary['slow'] {
  const groups = [...groupBy(points, rowKey).values()];
  return mostExcess(groups.map((same) => (same.length === 1 ? same[0]! : together(same)))).slow;
}

function together(same: readonly SlowEntryPoint[]): SlowEntryPoint {
  const { name, service } = same[0]!;
  const calls = sumOf(same, (point) => point.calls)!;
  const weighted = (secondsOf: (point: SlowEntryPoint) => number) =>
    same.reduce((sum, point) => sum + (point.calls / calls) * secondsOf(point), 0);
  const rows = groupBy(
    same.flatMap((point) => point.rows.map((row) => ({ row, share: point.calls / calls }))),
    ({ row }) => rowKey(row),
  );
  const point = {
    ...{ name, service, calls },
    beyondSeconds: Math.min(...same.map(({ beyondSeconds }) => beyondSeconds)),
    slowTraces: sumOf(same, ({ slowTraces }) => slowTraces)!,
    slowSeconds: weighted(({ slowSeconds }) => slowSeconds),
    typicalTraces: sumOf(same, ({ typicalTraces }) => typicalTraces)!,
    typicalSeconds: weighted(({ typicalSeconds }) => typicalSeconds),
  };
  return judged(point, [...rows.values()].map(rowOfAll));
}

function rowOfAll(parts: readonly { readonly row: SlowRow; readonly share: number }[]) {
  const { name, service } = parts[0]!.row;
  const weighted = (secondsOf: (row: SlowRow) => number) =>
    parts.reduce((sum, { row, share }) => sum + share * secondsOf(row), 0);
  return {
    ...{ name, service },
    slowSeconds: weighted(({ slowSeconds }) => slowSeconds),
    typicalSeconds: weighted(({ typicalSeconds }) => typicalSeconds),
    traces: sumOf(parts, ({ row }) => row.traces)!,
    slowest: slowestOf(
      parts.flatMap(({ row }) => row.slowest),
      MAX_SLOW_SPANS,
    ),
  };
}
