import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import { preorder, type SpanNode } from '../trace/trace-tree.js';
import { Shown } from './shown.js';

/** The traces that started first, of which those count that started before the first one had ended. */
const MAX_FIRST = 8;
/** Rows with less of a trace explain nothing of it. */
const MIN_SHARE = 0.1;
/** Cold starts are added up in so many rows. */
const MAX_ROWS = 50;

/** What a row did in cold traces. */
interface ColdRow {
  readonly row: RowName;
  calls: number;
  criticalNanos: number;
  longestNanos: number;
}

export interface ColdTraces {
  readonly traces: number;
  readonly nanos: number;
  /** `true` if the platform says that they are, and not their order. */
  readonly isTold: boolean;
  readonly rows: readonly ColdRow[];
}

interface First {
  readonly startMillis: number;
  readonly nanos: number;
  readonly rows: readonly ColdRow[];
}

/** The first traces of an entry point, or all whose platform says that an instance was started for them. */
export class FirstTraces extends Shown {
  readonly #first: First[] = [];
  readonly #told = new ColdSum();

  add(root: SpanNode, originEpochMillis: number): void {
    if (root.stillRunning) return;
    const nanos = root.endNanos - root.startNanos;
    if (root.record.facts.isColdStart === true) this.#told.add(nanos, rowsIn(root));
    const startMillis = originEpochMillis + root.startNanos / 1e6;
    const first = this.#first;
    if (first.length === MAX_FIRST && startMillis >= first[MAX_FIRST - 1]!.startMillis) return;
    first.push({ startMillis, nanos, rows: rowsIn(root) });
    first.sort((a, b) => a.startMillis - b.startMillis);
    first.length = Math.min(first.length, MAX_FIRST);
  }

  cold(): ColdTraces | undefined {
    if (this.#told.traces > 0) return { ...this.#told.sum(), isTold: true };
    const [first] = this.#first;
    if (first === undefined) return undefined;
    const endMillis = first.startMillis + first.nanos / 1e6;
    const cold = new ColdSum();
    for (const { startMillis, nanos, rows } of this.#first) {
      if (startMillis < endMillis) cold.add(nanos, rows);
    }
    return { ...cold.sum(), isTold: false };
  }
}

class ColdSum {
  traces = 0;
  #nanos = 0;
  readonly #rows = new Map<RowName, ColdRow>();

  add(nanos: number, rows: readonly ColdRow[]): void {
    this.traces += 1;
    this.#nanos += nanos;
    for (const { row, calls, criticalNanos, longestNanos } of rows) {
      if (!this.#rows.has(row) && this.#rows.size >= MAX_ROWS) continue;
      const sum = getOrMake(this.#rows, row, () => emptyRow(row));
      sum.calls += calls;
      sum.criticalNanos += criticalNanos;
      sum.longestNanos = Math.max(sum.longestNanos, longestNanos);
    }
  }

  sum() {
    return { traces: this.traces, nanos: this.#nanos, rows: [...this.#rows.values()] };
  }
}

function rowsIn(root: SpanNode): ColdRow[] {
  const rows = new Map<RowName, ColdRow>();
  for (const { row, operation, record, criticalNanos } of preorder([root])) {
    if (row === undefined) continue;
    const sum = getOrMake(rows, row, () => emptyRow(row));
    sum.criticalNanos += criticalNanos;
    if (operation !== record) continue;
    sum.calls += 1;
    sum.longestNanos = Math.max(sum.longestNanos, record.endNanos - record.startNanos);
  }
  const least = MIN_SHARE * (root.endNanos - root.startNanos);
  return [...rows.values()].filter(
    ({ calls, criticalNanos }) => calls > 0 && criticalNanos >= least,
  );
}

function emptyRow(row: RowName): ColdRow {
  return { row, calls: 0, criticalNanos: 0, longestNanos: 0 };
}
