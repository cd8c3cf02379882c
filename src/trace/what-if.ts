import type { CriticalPathOptions } from './critical-path.js';
import { Replay } from './replay.js';
import { runAtOnce, type Sliced } from './slices.js';
import type { SpanRecord } from './span-record.js';
import { preorder, type SpanNode, type TraceTree } from './trace-tree.js';

/** So many spans are run again for one trace, all replays together: a few milliseconds of work. */
const MAX_SPANS_REPLAYED = 1_000_000;

/** How a trace is replayed. */
export interface WhatIfOptions extends CriticalPathOptions {
  /** Count attempts and the spans inside LLM calls toward their operation. Default true. */
  readonly fold?: boolean;
}

/**
 * Replays an analyzed trace with some of its work faster or slower, and returns how many nanoseconds
 * each of its local roots would have taken, in the order of `tree.roots`. The order of events is kept: a
 * child starts when those that it waited for have ended, and then as much later as it did.
 *
 * The own work of a row is the time of its spans that is in none of their children.
 *
 * @param isChanged says of a span, or of the operation that it is a part of, whether its work changes
 * @param factor what that work's time is multiplied by: 0 is no time at all, 0.5 twice as fast
 */
export function durationsIf(
  tree: TraceTree,
  isChanged: (record: SpanRecord) => boolean,
  factor: number,
  options: WhatIfOptions = {},
): number[] {
  const { fold = true } = options;
  const rowOf = (node: SpanNode) => (isChanged(rowRecord(node, fold)) ? 0 : 1);
  return tree.roots.map((root) => {
    const nodes = preorder([root]);
    const changed = nodes.filter((node) => rowOf(node) === 0);
    const before = root.endNanos - root.startNanos;
    if (changed.length === 0) return before;
    const critical = changed.reduce((sum, { criticalNanos }) => sum + criticalNanos, 0);
    const replay = runAtOnce(Replay.of({ ...tree, roots: [root], nodes }, rowOf, options));
    const saving = replay.totalNanos() - replay.totalNanos(0, factor);
    return before - atMost(saving, (1 - factor) * critical);
  });
}

/**
 * The critical path is a way through the replay, so this is a theorem where clocks are exact; only
 * where siblings overlap by a clock's error could the replay take away more.
 */
function atMost(saving: number, criticalNanos: number): number {
  return Math.min(saving, criticalNanos);
}

export interface SavingsOptions extends WhatIfOptions {
  /** The key of the row that a span counts for. Default: its service and name. */
  readonly keyOf?: (record: SpanRecord) => string;
  /**
   * How many rows are looked at, those with the most critical time first. Default: as many as can be
   * in a few milliseconds, which is every row of traces with up to 1,000 spans.
   */
  readonly maxReplays?: number;
}

export interface Savings {
  /** Nanoseconds, by the key of the row. Rows that are in neither list would save nothing. */
  readonly nanos: ReadonlyMap<string, number>;
  /** The rows that were not looked at, because the trace is too large; most critical time first. */
  readonly notComputed: readonly string[];
}

interface RowTime {
  readonly key: string;
  readonly row: number;
  criticalNanos: number;
}

/**
 * How much shorter the local roots of an analyzed trace would have been together had the own work of
 * a row taken no time, for each row that has critical time. 0 ≤ saving ≤ critical time.
 *
 * O(n log n) and O(n) for each row. Never throws.
 */
export function savingsOf(tree: TraceTree, options: SavingsOptions = {}): Savings {
  return runAtOnce(savingsInSlices(tree, options));
}

/** As {@link savingsOf}. */
export function* savingsInSlices(tree: TraceTree, options: SavingsOptions = {}): Sliced<Savings> {
  const { fold = true, keyOf = ({ service, name }) => `${service}\n${name}` } = options;
  const rows = new Map<string, RowTime>();
  const rowOf = (node: SpanNode): RowTime => {
    const key = keyOf(rowRecord(node, fold));
    let row = rows.get(key);
    if (row === undefined) rows.set(key, (row = { key, row: rows.size, criticalNanos: 0 }));
    row.criticalNanos += node.criticalNanos;
    return row;
  };
  const replay = yield* Replay.of(tree, (node) => rowOf(node).row, options);
  const ranked = [...rows.values()]
    .filter(({ criticalNanos }) => criticalNanos > 0)
    .sort((a, b) => b.criticalNanos - a.criticalNanos || (a.key < b.key ? -1 : 1));
  const affordable = Math.max(1, Math.floor(MAX_SPANS_REPLAYED / Math.max(1, replay.size)));
  const count = options.maxReplays ?? affordable;
  const before = replay.totalNanos();
  const nanos = new Map<string, number>();
  for (const { key, row, criticalNanos } of ranked.slice(0, count)) {
    nanos.set(key, atMost(before - replay.totalNanos(row, 0), criticalNanos));
    yield;
  }
  return { nanos, notComputed: ranked.slice(count).map(({ key }) => key) };
}

/** The record that says which row a span's own work counts for. */
function rowRecord(node: SpanNode, fold: boolean): SpanRecord {
  return fold ? node.operation : node.record;
}
