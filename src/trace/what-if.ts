import { getOrMake } from '../bounded.js';
import type { CriticalPathOptions } from './critical-path.js';
import { Replay } from './replay.js';
import { runAtOnce, type Sliced } from './slices.js';
import type { SpanRecord } from './span-record.js';
import { preorder, type SpanNode, type TraceTree } from './trace-tree.js';
import { isIdle } from './wait-section.js';

/** The row of what no change of a row makes shorter. */
const UNCHANGED = -1;

/** So many spans are run again for one trace, all replays together: a few milliseconds of work. */
const MAX_SPANS_REPLAYED = 1_000_000;

export interface ReplayOptions extends CriticalPathOptions {
  /** Count attempts and the spans inside LLM calls toward their operation. Default true. */
  readonly fold?: boolean;
}

/**
 * Replays an analyzed trace with the own work of some spans (or operations) `factor` times as long, and
 * returns how many nanoseconds each of its local roots would have taken. Its streams are split already.
 */
export function durationsIf(
  tree: TraceTree,
  isChanged: (record: SpanRecord) => boolean,
  factor: number,
  options: ReplayOptions = {},
): number[] {
  const rowOf = (node: SpanNode) =>
    isIdle(node) || !isChanged(rowRecord(node, options)) ? UNCHANGED : 0;
  return tree.roots.map((root) => {
    const nodes = preorder([root]);
    const changed = nodes.filter((node) => rowOf(node) === 0);
    const before = root.endNanos - root.startNanos;
    if (changed.length === 0) return before;
    const critical = changed.reduce((sum, { criticalNanos }) => sum + criticalNanos, 0);
    // The critical path is a way through the replay, so at most that much is saved: a theorem where clocks
    // are exact and no limiter lets tasks in earlier. Where siblings overlap by a clock's error, the replay
    // could take away more.
    const replay = runAtOnce(Replay.of({ ...tree, roots: [root], nodes }, rowOf, options));
    const saving = replay.totalNanos() - replay.totalNanos(0, factor);
    return before - (replay.hasLimiter ? saving : Math.min(saving, (1 - factor) * critical));
  });
}

export interface SavingsOptions extends ReplayOptions {
  /** Returns the key of the row that a span counts for. */
  readonly keyOf: (record: SpanRecord) => string;
  /** How many rows to look at, most critical time first. Default: as a few milliseconds allow. */
  readonly maxReplays?: number;
  /** Of so many rows, those that save most, to find also what a part of it saves. Default: none. */
  readonly rowsInParts?: number;
}

/** What the replays of one trace found of a row. */
export interface RowSaving {
  savedNanos: number;
  criticalNanos: number;
  /** The rows that would have more critical time then, by their keys. */
  takenOver?: readonly (readonly [key: string, nanos: number])[];
  /** What is saved where its work takes each of {@link PARTS} of its time. Absent where that was not looked for. */
  savedInParts?: readonly number[];
}

/** How long the own work of a row may take instead, besides not at all. */
export const PARTS: readonly number[] = [0.25, 0.5, 0.75];

/** By the key of a row; other rows have no critical time. */
export type TraceSavings = Map<string, RowSaving>;

/** Who takes over is looked for where less of the critical time would be saved. */
export const TAKEN_OVER_BELOW = 0.5;
const MAX_TAKING_OVER = 3;

/**
 * Adds to `savings` how much shorter the local roots of an analyzed trace would have been together had the own
 * work of a row taken no time. Returns the rows that a large trace leaves out, most critical time first.
 * 0 ≤ saving ≤ critical time, but where a limiter let tasks in. O(n log n) and O(n) for each row.
 */
export function* findSavings(
  tree: TraceTree,
  savings: TraceSavings,
  options: SavingsOptions,
): Sliced<string[]> {
  const rows = new Map<string, { key: string; row: number; criticalNanos: number }>();
  const rowOf = (node: SpanNode) => {
    const key = options.keyOf(rowRecord(node, options));
    const row = getOrMake(rows, key, () => ({ key, row: rows.size, criticalNanos: 0 }));
    row.criticalNanos += node.criticalNanos;
    return isIdle(node) ? UNCHANGED : row.row;
  };
  const replay = yield* Replay.of(tree, rowOf, options);
  const ranked = [...rows.values()]
    .filter(({ criticalNanos }) => criticalNanos > 0)
    .sort((a, b) => b.criticalNanos - a.criticalNanos || (a.key < b.key ? -1 : 1));
  const affordable = Math.max(1, Math.floor(MAX_SPANS_REPLAYED / Math.max(1, replay.size)));
  const count = options.maxReplays ?? affordable;
  const before = replay.totalNanos();
  let walks = 0;
  let pathBefore: ReadonlyMap<number, number> | undefined = undefined;
  const keys = [...rows.keys()];
  for (const [place, { key, row, criticalNanos }] of ranked.slice(0, count).entries()) {
    // What a limiter lets in earlier may save more than was on the path, in one trace.
    const most = replay.hasLimiter ? Infinity : criticalNanos;
    const savedNanos = Math.min(before - replay.totalNanos(row, 0), most);
    const saving: RowSaving = { savedNanos, criticalNanos };
    savings.set(key, saving);
    yield;
    if (savedNanos >= TAKEN_OVER_BELOW * criticalNanos || place + walks >= affordable) continue;
    walks += 1;
    const path = yield* replay.criticalNanos();
    if (pathBefore === undefined) {
      replay.totalNanos();
      pathBefore = yield* replay.criticalNanos();
    }
    saving.takenOver = growthOf(pathBefore, path, keys);
    yield;
  }
  const left = affordable - Math.min(count, ranked.length) - walks;
  const most = Math.min(options.rowsInParts ?? 0, Math.floor(left / PARTS.length));
  const savedMost = [...savings].filter(([, { savedNanos }]) => savedNanos > 0).sort(bySaved);
  for (const [key, saving] of savedMost.slice(0, Math.max(0, most))) {
    const { row } = rows.get(key)!;
    saving.savedInParts = PARTS.map((factor) => before - replay.totalNanos(row, factor));
    yield;
  }
  return ranked.slice(count).map(({ key }) => key);
}

function bySaved([, a]: readonly [string, RowSaving], [, b]: readonly [string, RowSaving]) {
  return b.savedNanos - a.savedNanos;
}

/** The largest first. */
function growthOf(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
  keys: readonly string[],
) {
  return [...after]
    .map(([row, nanos]) => [keys[row] ?? '', nanos - (before.get(row) ?? 0)] as const)
    .filter(([key, nanos]) => key !== '' && nanos > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_TAKING_OVER);
}

/** The record that says which row a span's own work counts for. */
export function rowRecord(node: SpanNode, { fold = true }: ReplayOptions): SpanRecord {
  return fold ? node.operation : node.record;
}
