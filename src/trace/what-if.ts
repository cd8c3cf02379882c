import { wrongUse } from '../errors.js';
import { analyzeTrace } from './analyze-trace.js';
import type { CriticalPathOptions } from './critical-path.js';
import { Replay } from './replay.js';
import { runAtOnce, type Sliced } from './slices.js';
import type { SpanRecord } from './span-record.js';
import { buildTraceTree, type SpanNode, type TraceTree } from './trace-tree.js';

const NANOS = 1e9;
/** So many spans are run again for one trace, all replays together: a few milliseconds of work. */
const MAX_SPANS_REPLAYED = 1_000_000;

/** What is to take more or less time in {@link whatIf}. */
export interface WhatIfChange {
  /** The name of the segments. */
  readonly name: string;
  /** Only those of this service. Default: of every service. */
  readonly service?: string;
  /** What their own work's time is multiplied by: 0 is no time at all, 0.5 twice as fast. */
  readonly factor: number;
}

/** What {@link whatIf} found: of all local roots of the trace together. */
export interface WhatIfResult {
  readonly beforeSeconds: number;
  readonly afterSeconds: number;
  /** `beforeSeconds − afterSeconds`; negative when the change makes it slower. */
  readonly savingSeconds: number;
}

/** How a trace is read. */
export interface WhatIfOptions extends CriticalPathOptions {
  /** Whether attempts and the spans inside LLM calls are part of their operation. Default true. */
  readonly fold?: boolean;
}

/**
 * How long a trace would have taken had some of its work been faster or slower, by running it again
 * with its order of events kept: a child starts when those that it waited for have ended, and then as
 * much later as it did.
 *
 * The own work of a segment is what is in none of its children; attempts, and the spans of HTTP
 * clients and other instrumentations inside an LLM call, are part of their operation.
 *
 * Exact where the order of events is what determines the program. It cannot see races, timeouts, or
 * work that waits for a free slot; how far off it gets there is in docs/accuracy.md.
 *
 * ```ts
 * import { whatIf, type SpanRecord } from 'hotspan/report';
 *
 * const spans: SpanRecord[] = []; // the spans of one trace
 * const { savingSeconds } = whatIf(spans, { name: 'rerank', factor: 0.5 });
 * console.log(`twice as fast, it would have been ${savingSeconds} s shorter`);
 * ```
 *
 * @param trace the spans of one trace, in any order, or an analyzed tree of them
 * @throws TypeError when `factor` is not a number of at least 0, or another argument is missing or wrong
 */
export function whatIf(
  trace: readonly SpanRecord[] | TraceTree,
  change: WhatIfChange,
  options: WhatIfOptions = {},
): WhatIfResult {
  requireArguments(trace, change);
  const { name, service, factor } = change;
  if (!Number.isFinite(factor) || factor < 0) {
    throw wrongUse('whatIf', '`factor` to be a number of at least 0', factor);
  }
  const tree = 'nodes' in trace ? trace : analyzedTree(trace, options);
  const { fold = true } = options;
  const isMeant = (node: SpanNode) => {
    const record = rowRecord(node, fold);
    return record.name === name && (service === undefined || record.service === service);
  };
  const replay = runAtOnce(Replay.of(tree, (node) => (isMeant(node) ? 0 : 1), options));
  let before = 0;
  for (const root of tree.roots) before += root.endNanos - root.startNanos;
  let critical = 0;
  for (const node of tree.nodes) if (isMeant(node)) critical += node.criticalNanos;
  const saving = atMost(
    replay.totalNanos() - replay.totalNanos(0, factor),
    (1 - factor) * critical,
  );
  return {
    beforeSeconds: before / NANOS,
    afterSeconds: (before - saving) / NANOS,
    savingSeconds: saving / NANOS,
  };
}

/** A name that was forgotten would save nothing, without a word. */
function requireArguments(trace: unknown, change: unknown): void {
  const isTree = Array.isArray((Object(trace) as Partial<TraceTree>).nodes);
  if (!isTree && !Array.isArray(trace)) {
    throw wrongUse('whatIf', '`trace` to be a list of spans', trace);
  }
  if (typeof change !== 'object' || change === null) {
    throw wrongUse('whatIf', '`change` to be an object', change);
  }
  const { name } = change as Partial<WhatIfChange>;
  if (typeof name !== 'string') throw wrongUse('whatIf', '`name` to be a string', name);
}

function analyzedTree(records: readonly SpanRecord[], options: CriticalPathOptions): TraceTree {
  const tree = buildTraceTree(records);
  analyzeTrace(tree, options);
  return tree;
}

/**
 * The critical path is a way through the replay, so this is a theorem where clocks are exact; only
 * where siblings overlap by a clock's error could the replay take away more.
 */
function atMost(saving: number, criticalNanos: number): number {
  return Math.min(saving, criticalNanos);
}

/** How {@link savingsOf} is to go about it. */
export interface SavingsOptions extends WhatIfOptions {
  /** The key of the row that a span counts for. Default: its service and name. */
  readonly keyOf?: (record: SpanRecord) => string;
  /**
   * How many rows are looked at, those with the most critical time first. Default: as many as can be
   * in a few milliseconds, which is every row of traces with up to 1,000 spans.
   */
  readonly maxReplays?: number;
}

/** What {@link savingsOf} found. */
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
