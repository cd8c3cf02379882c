import type { SampledRow, SampledTrace } from '../pictures.js';
import type { Bottleneck } from '../summary.js';
import { defined, sumOf } from '../sums.js';
import { MAX_ROWS_WITH_TRIES } from '../trace/failed-tries.js';
import { keyOfRow, rowOfKey } from '../trace/row-names.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import { PARTS, type RowSaving, type TraceSavings } from '../trace/what-if.js';
import { startOfTrace } from './picture-trace.js';

const NANOS = 1e9;
/** The most rows of one sampled trace. */
export const MAX_SAMPLED_ROWS = 12;

/** The slowest first, in an order that is always the same. */
export function bySlowness(a: SampledTrace, b: SampledTrace): number {
  if (a.seconds !== b.seconds) return b.seconds - a.seconds;
  if (a.startEpochSeconds !== b.startEpochSeconds) return a.startEpochSeconds - b.startEpochSeconds;
  const [one, other] = [idOf(a), idOf(b)];
  return one < other ? -1 : Number(one > other);
}

function idOf({ traceId, service, name }: SampledTrace): string {
  return `${traceId}\n${service}\n${name}`;
}

/** What is known of a trace before it is replayed. */
export interface AboutTrace {
  readonly traceId: string;
  /** The key of its entry point: that of its longest local root. */
  readonly entry: string;
  readonly startEpochSeconds: number;
  /** Of all its local roots. */
  readonly nanos: number;
  /** Of the longest. */
  readonly entryNanos: number;
  readonly isError: boolean;
  readonly costUsd: number | undefined;
  readonly spans: number;
  /** How many of the spans ended with an error. */
  readonly errors: number;
}

/** In seconds since the epoch. */
export function endOf({ startEpochSeconds, nanos }: AboutTrace): number {
  return startEpochSeconds + nanos / NANOS;
}

export function aboutTrace(
  tree: TraceTree,
  originEpochMillis: number,
  keyOf: (root: SpanNode) => string,
): AboutTrace {
  const longest = tree.roots.reduce((a, b) => (nanosOf(b) > nanosOf(a) ? b : a));
  let spans = 0;
  let errors = 0;
  for (const node of tree.nodes) {
    if (node instanceof WaitSection) continue;
    spans += 1;
    if (node.record.errorType !== undefined) errors += 1;
  }
  return {
    traceId: longest.record.traceId,
    entry: keyOf(longest),
    startEpochSeconds: Math.max(0, originEpochMillis / 1e3 + startOfTrace(tree) / NANOS),
    nanos: sumOf(tree.roots, nanosOf) ?? 0,
    entryNanos: nanosOf(longest),
    isError: longest.record.errorType !== undefined,
    costUsd: sumOf(tree.nodes, ({ used }) => used?.costUsd),
    ...{ spans, errors },
  };
}

function nanosOf({ startNanos, endNanos }: SpanNode): number {
  return endNanos - startNanos;
}

/** What a trace is called by, from the keys of rows. */
export interface RowKeys {
  /** The key by now of the row that a key was of. */
  readonly currentKey: (key: string) => string;
  /** The keys of the rows that matter. */
  readonly rows: ReadonlySet<string>;
}

/** Rows beyond so many save too little to be changed. */
const MAX_ROWS_TO_SAVE = 20;

/** Returns the keys of the rows that would save most. */
export function rowsToSave(rows: readonly Bottleneck[]): Set<string> {
  const most = rows
    .filter(({ savingSeconds = 0 }) => savingSeconds > 0)
    .sort(
      (a, b) =>
        (b.savingSeconds ?? 0) - (a.savingSeconds ?? 0) || (keyOfRow(a) < keyOfRow(b) ? -1 : 1),
    );
  return new Set(most.slice(0, MAX_ROWS_TO_SAVE).map(keyOfRow));
}

/** What the replays of one trace found. */
export interface FoundSavings {
  readonly savings: TraceSavings;
  /** What its failed attempts took. */
  readonly failedTries: TraceSavings;
}

export function sampledTrace(
  about: AboutTrace,
  weight: number,
  { savings, failedTries }: FoundSavings,
  { currentKey, rows }: RowKeys,
): SampledTrace {
  const { traceId, entry, startEpochSeconds, nanos, isError, costUsd } = about;
  const rowsOf = (found: TraceSavings, isWanted: (key: string) => boolean, limit: number) =>
    [...byRow(found, currentKey)]
      .filter(([key]) => isWanted(key))
      .sort(([, [a = 0]], [, [b = 0]]) => b - a)
      .slice(0, limit)
      .map(([key, parts]) => ({ ...rowOfKey(key), seconds: secondsLeft(nanos, parts) }));
  const tries = rowsOf(failedTries, () => true, MAX_ROWS_WITH_TRIES);
  return {
    traceId,
    ...rowOfKey(currentKey(entry)),
    startEpochSeconds,
    seconds: nanos / NANOS,
    ...(isError ? { isError } : {}),
    ...defined({ costUsd }),
    weight,
    rows: rowsOf(savings, (key) => rows.has(key), MAX_SAMPLED_ROWS),
    ...(tries.length > 0 ? { failedTries: tries } : {}),
  };
}

/** What is saved of each row, by the key that it has now. */
function byRow(found: TraceSavings, currentKey: RowKeys['currentKey']): Map<string, number[]> {
  const saved = new Map<string, number[]>();
  for (const [then, saving] of found) {
    if (saving.savedNanos <= 0) continue;
    const key = currentKey(then);
    const before = saved.get(key);
    saved.set(
      key,
      savedBy(saving).map((part, at) => part + (before?.[at] ?? 0)),
    );
  }
  return saved;
}

/**
 * What is saved where its work takes no time, and each of the parts of it. Where that was not looked for, it
 * is as much less as there is work left: at least so much, since the longest way through a trace is a convex function
 * of one row's work.
 */
function savedBy({ savedNanos, savedInParts }: RowSaving): readonly number[] {
  return [savedNanos, ...(savedInParts ?? PARTS.map((factor) => (1 - factor) * savedNanos))];
}

/** Less work never makes a trace longer here, although where a limiter lets tasks in it may. */
function secondsLeft(nanos: number, saved: readonly number[]): SampledRow['seconds'] {
  let most = nanos;
  const [none = 0, quarter = 0, half = 0, most3 = 0] = saved.map((part) => {
    most = Math.min(most, Math.max(0, part));
    return (nanos - most) / NANOS;
  });
  return [none, quarter, half, most3];
}
