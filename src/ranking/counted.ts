import { sumOf } from '../sums.js';
import type { RowName } from '../trace/row-names.js';
import type { CriticalWithWaits } from './critical-with-waits.js';
import type { EntryPointFigures } from './entry-points.js';
import type { Model } from './model-calls.js';
import type { Row } from './row.js';
import type { RowSavings } from './savings-of-rows.js';

const NANOS = 1e9;

/** A row, with what the summary says of it beyond what it has counted itself. */
export interface CountedRow {
  readonly row: Row;
  readonly criticalSeconds: number;
  /** How long it waited for other rows. */
  readonly waitingSeconds: number;
  readonly savingSeconds: number;
}

/** What metrics are made of. Each keeps its place until it has a `goneTo`. */
export interface Counted {
  readonly rows: readonly CountedRow[];
  readonly entryPoints: readonly EntryPointFigures[];
  readonly models: readonly Model[];
}

export function countedRows(
  rows: readonly Row[],
  critical: ReadonlyMap<RowName, CriticalWithWaits>,
  savings: ReadonlyMap<RowName, RowSavings>,
): CountedRow[] {
  return rows.map((row) => {
    const { criticalNanos, waits } = critical.get(row)!;
    return {
      row,
      criticalSeconds: criticalNanos / NANOS,
      waitingSeconds: sumOf(waits, ({ seconds }) => seconds) ?? 0,
      savingSeconds: savings.get(row)?.savingSeconds ?? 0,
    };
  });
}
