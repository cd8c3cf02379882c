import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { isIdle } from '../trace/wait-section.js';

/** Spans of a row that wait for one of some slots. */
export interface Limit {
  readonly row: RowName;
  readonly slots: number;
  /** Critical time of the waits. */
  readonly waitNanos: number;
}

export interface PathSection {
  readonly node: SpanNode;
  readonly startNanos: number;
  readonly endNanos: number;
}

/** Critical time that goes from one row to another. */
export interface Flow {
  readonly to: RowName;
  /** `true` if nothing worked in it. */
  readonly isIdle: boolean;
  nanos: number;
}

/** So many rows are seen before those that are gone are looked for. */
const MIN_SWEPT = 2_000;

/** How much of the critical time of rows was a wait, and for whom. */
export class Flows {
  /** The critical time of all rows in the traces that were looked at. */
  readonly #seen = new Map<RowName, number>();
  readonly #flows = new Map<RowName, Flow[]>();
  readonly #limits = new Map<RowName, Limit>();
  #sweepAt = MIN_SWEPT;

  see({ nodes }: TraceTree): void {
    for (const { row, criticalNanos } of nodes)
      if (criticalNanos > 0) this.#see(row, criticalNanos);
  }

  /** Compares the critical paths of a trace without its waits and with them: both tile the same time. */
  add(before: readonly PathSection[], after: readonly PathSection[]): void {
    let next = 0;
    for (const { node, startNanos, endNanos } of before) {
      let at = startNanos;
      while (at < endNanos && next < after.length) {
        const now = after[next]!;
        const until = Math.min(endNanos, now.endNanos);
        this.#add(node.row, now.node.row, isIdle(now.node), until - at);
        at = until;
        if (now.endNanos <= until) next += 1;
      }
    }
  }

  /** Adds waits for slots to those that are known of the row. */
  addLimit({ row, slots, waitNanos }: Limit): void {
    const known = this.#limits.get(row) ?? { slots, waitNanos: 0 };
    const sum = known.waitNanos + waitNanos;
    this.#limits.set(row, { row, slots: Math.max(slots, known.slots), waitNanos: sum });
  }

  merge(other: Flows): void {
    for (const limit of other.#limits.values()) this.addLimit(limit);
    for (const [row, nanos] of other.#seen) this.#see(row, nanos);
    for (const [row, flows] of other.#flows) {
      for (const { to, isIdle, nanos } of flows) this.#add(row, to, isIdle, nanos);
    }
  }

  /** Returns what goes from a row, of all its critical time: traces that were looked at stand for the others. */
  from(row: RowName, criticalNanos: number): Flow[] {
    const scale = this.#scale(row, criticalNanos);
    return (this.#flows.get(row) ?? []).map((flow) => ({ ...flow, nanos: flow.nanos * scale }));
  }

  /** As {@link from}, for its waits for slots. */
  limitOf(row: RowName, criticalNanos: number): Limit | undefined {
    const limit = this.#limits.get(row);
    return limit && { ...limit, waitNanos: limit.waitNanos * this.#scale(row, criticalNanos) };
  }

  #scale(row: RowName, criticalNanos: number): number {
    return criticalNanos / (this.#seen.get(row) ?? Infinity);
  }

  #see(row: RowName | undefined, nanos: number): void {
    if (row === undefined) return;
    this.#seen.set(row, (this.#seen.get(row) ?? 0) + nanos);
    if (this.#seen.size > this.#sweepAt) this.#sweep();
  }

  /** Forgets the rows that the ranking has given up: there is no end of them. */
  #sweep(): void {
    for (const row of this.#seen.keys()) {
      if (row.isGone !== true) continue;
      this.#seen.delete(row);
      this.#flows.delete(row);
      this.#limits.delete(row);
    }
    for (const [row, flows] of this.#flows) {
      const kept = flows.filter(({ to }) => to.isGone !== true);
      if (kept.length < flows.length) this.#flows.set(row, kept);
    }
    this.#sweepAt = Math.max(MIN_SWEPT, 2 * this.#seen.size);
  }

  #add(from: RowName | undefined, to: RowName | undefined, isIdle: boolean, nanos: number): void {
    if (from === undefined || to === undefined || (from === to && !isIdle)) return;
    const flows = getOrMake(this.#flows, from, () => []);
    const known = flows.find((flow) => flow.to === to && flow.isIdle === isIdle);
    if (known === undefined) flows.push({ to, isIdle, nanos });
    else known.nanos += nanos;
  }
}
