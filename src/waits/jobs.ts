import type { RowName } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import type { HeldTrace } from './held-trace.js';

export interface Job {
  readonly node: SpanNode;
  readonly trace: HeldTrace;
}

/** Spans that may hold a slot of a pool from some moment to their end, by their starts. */
export class Jobs {
  readonly starts: Float64Array;
  /** When each works at the latest: its first child has started. */
  readonly latest: Float64Array;
  readonly ends: Float64Array;
  #inside: ReadonlyMap<RowName, number> | undefined = undefined;

  /** @param list by their starts */
  constructor(readonly list: readonly Job[]) {
    const timesOf = (time: (node: SpanNode) => number) =>
      Float64Array.from(list, ({ node, trace }) => trace.originNanos + time(node));
    this.starts = timesOf((node) => node.startNanos);
    this.latest = timesOf(latestStart);
    this.ends = timesOf((node) => (node.outlives ? node.record.endNanos : node.endNanos));
  }

  static of(list: readonly Job[]): Jobs {
    return new Jobs([...list].sort(byStart));
  }

  static merge(all: readonly Jobs[]): Jobs {
    if (all.length === 1) return all[0]!;
    return Jobs.of(all.flatMap(({ list }) => list));
  }

  get size(): number {
    return this.list.length;
  }

  /** Returns how many of them are inside spans of each row. */
  inside(): ReadonlyMap<RowName, number> {
    return (this.#inside ??= countInside(this.list));
  }
}

function countInside(list: readonly Job[]): ReadonlyMap<RowName, number> {
  const counts = new Map<RowName, number>();
  for (const { node } of list) {
    const above = new Set<RowName>();
    for (let at = node.parent; at !== undefined; at = at.parent) if (at.row) above.add(at.row);
    for (const row of above) counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  return counts;
}

/** How long a span did nothing that can be seen. */
export function latestStart({ children, startNanos, endNanos }: SpanNode): number {
  let latest = endNanos;
  for (const child of children) {
    if (child.waitedFor && child.startNanos < latest) latest = child.startNanos;
  }
  return Math.max(latest, startNanos);
}

function byStart(a: Job, b: Job): number {
  return a.trace.originNanos + a.node.startNanos - b.trace.originNanos - b.node.startNanos;
}
