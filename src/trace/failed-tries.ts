import { getOrMake } from '../bounded.js';
import { backoffNanos } from './known-waits.js';
import { Replay } from './replay.js';
import { forEachInSlices, type Sliced } from './slices.js';
import type { SpanRecord } from './span-record.js';
import type { SpanNode, TraceTree } from './trace-tree.js';
import { isIdle, WaitSection } from './wait-section.js';
import { PARTS, type SavingsOptions, type TraceSavings } from './what-if.js';

const [UNCHANGED, TRIES] = [-1, 0];
/** The most rows of one trace, those with most time in failed attempts. */
export const MAX_ROWS_WITH_TRIES = 4;
/** The most spans of a trace: the replay is built anew for each of the rows. */
const MAX_SPANS = 100_000;

/** The failed attempts of one row in a trace, and the waits before its further attempts. */
interface Tries {
  nanos: number;
  readonly failed: SpanNode[];
  readonly further: Set<SpanNode>;
  /** Between the end of an operation's first attempt and the start of its last one, own idle time is a backoff. */
  readonly between: Map<SpanNode, { from: number; to: number }>;
}

/**
 * Finds how much shorter the local roots of an analyzed trace would have been together had the failed attempts of a
 * row's operations, with all inside them, and the waits before its further attempts taken no time, or each of
 * {@link PARTS} of it. An operation of which all attempts failed takes hardly any time then.
 *
 *     chat     ├──────────────────────────────┤          ├──────────┤
 *     attempt  ├─failed──┤ backoff  ├─────────┤          ├─────────┤
 */
export function* findTriesSavings(
  tree: TraceTree,
  savings: TraceSavings,
  options: SavingsOptions,
): Sliced {
  if (tree.nodes.length > MAX_SPANS) return;
  const most = [...(yield* triesIn(tree, options))]
    .sort(([one, a], [other, b]) => b.nanos - a.nanos || (one < other ? -1 : 1))
    .slice(0, MAX_ROWS_WITH_TRIES);
  for (const [key, tries] of most) {
    yield;
    const changed = recordsInside(tree, tries);
    const rowOf = (node: SpanNode) => (isInTries(node, tries, changed) ? TRIES : UNCHANGED);
    const timerRowOf = (node: SpanNode) => (tries.further.has(node) ? TRIES : UNCHANGED);
    const replay = yield* Replay.of(tree, rowOf, options, timerRowOf);
    const before = replay.totalNanos();
    const [savedNanos = 0, ...savedInParts] = [0, ...PARTS].map((factor) =>
      Math.max(0, before - replay.totalNanos(TRIES, factor)),
    );
    if (savedNanos > 0) savings.set(key, { savedNanos, criticalNanos: savedNanos, savedInParts });
  }
}

function* triesIn(
  { nodes }: TraceTree,
  { keyOf }: SavingsOptions,
): Sliced<ReadonlyMap<string, Tries>> {
  const all = new Map<string, Tries>();
  yield* forEachInSlices(nodes.length, (at) => {
    const node = nodes[at]!;
    const { attempt } = node.record.facts;
    if (attempt === undefined || node instanceof WaitSection || node.stillRunning) return;
    const hasFailed = attempt.outcome !== 'success';
    if (!hasFailed && attempt.number < 2) return;
    const tries = getOrMake(all, keyOf(node.operation), () => ({
      ...{ nanos: 0, failed: [], further: new Set<SpanNode>(), between: new Map() },
    }));
    if (hasFailed) {
      tries.failed.push(node);
      tries.nanos += node.endNanos - node.startNanos;
    }
    if (attempt.number > 1) {
      tries.further.add(node);
      tries.nanos += backoffNanos(node);
    }
    widen(tries, node, hasFailed);
  });
  return all;
}

function widen({ between }: Tries, attempt: SpanNode, hasFailed: boolean): void {
  if (attempt.parent === undefined) return;
  const known = getOrMake(between, attempt.parent, () => ({ from: Infinity, to: -Infinity }));
  if (hasFailed) known.from = Math.min(known.from, attempt.endNanos);
  known.to = Math.max(known.to, attempt.startNanos);
}

/** The records of all spans in failed attempts: where a span is run again in sections, they have its record. */
function recordsInside({ nodes }: TraceTree, { failed }: Tries): ReadonlySet<SpanRecord> {
  const inside = new Set(failed.map(({ record }) => record));
  // Parents come before their children.
  for (const node of nodes) {
    const { parent, record } = node;
    if (parent === undefined || node instanceof WaitSection) continue;
    if (inside.has(parent.record)) inside.add(record);
  }
  return inside;
}

function isInTries(node: SpanNode, { between }: Tries, changed: ReadonlySet<SpanRecord>): boolean {
  if (!(node instanceof WaitSection)) return changed.has(node.record);
  if (changed.has(node.host.record)) return true;
  const gap = between.get(node.host);
  return (
    gap !== undefined && isIdle(node) && node.startNanos >= gap.from && node.endNanos <= gap.to
  );
}
