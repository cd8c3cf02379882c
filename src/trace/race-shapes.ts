import { SLICE, type Sliced } from './slices.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

/** Races have a few runners; of many children each pair would have to be looked at. */
const MAX_CHILDREN = 64;

/** Two siblings that overlapped, of which `first` ended first. */
export interface Overlap {
  readonly parent: SpanNode;
  readonly first: SpanNode;
  readonly last: SpanNode;
  /**
   * What went on when the first ended, although the last still ran, and nothing did when that ended: a sibling, or
   * the parent itself when it ended. `undefined` where something waited for the last of them.
   */
  readonly wonBy: SpanNode | undefined;
}

/**
 * Finds siblings that overlap, and whether it was the first or the last end that something waited for.
 *
 *     request     ├────────────────────┤
 *     mirror a      ├──────┤                   won: `answer` started when it ended
 *     mirror b      ├─────────┤                nothing starts when it ends
 *     answer                ├────────┤
 *
 * A single trace does not tell a race from work that nobody waits for, but many do: each of the runners wins some.
 */
export function* findOverlaps({ nodes }: TraceTree): Sliced<Overlap[]> {
  const overlaps: Overlap[] = [];
  let looked = 0;
  for (const parent of nodes) {
    const { length } = parent.children;
    const before = overlaps.length;
    if (length > 1 && length <= MAX_CHILDREN) addOverlaps(parent, overlaps);
    looked += 1 + overlaps.length - before;
    if (looked < SLICE) continue;
    looked = 0;
    yield;
  }
  return overlaps;
}

function addOverlaps(parent: SpanNode, overlaps: Overlap[]): void {
  const byEnd = parent.children.filter(({ startNanos, endNanos }) => endNanos > startNanos);
  // Those that outlive the parent are cut to its end.
  byEnd.sort((a, b) => Number(a.outlives) - Number(b.outlives) || a.endNanos - b.endNanos);
  if (!byEnd.some((child, at) => at > 0 && child.startNanos < byEnd[at - 1]!.endNanos)) return;
  const followers = followersOf(parent, byEnd);
  for (const [at, first] of byEnd.entries()) {
    if (first.outlives) break;
    for (const last of byEnd.slice(at + 1)) {
      if (last.startNanos >= first.endNanos) continue;
      const next = followers.get(first);
      if (followers.has(last)) overlaps.push({ parent, first, last, wonBy: undefined });
      else if (next !== undefined && (next === parent || next.startNanos < last.endNanos)) {
        overlaps.push({ parent, first, last, wonBy: next });
      }
    }
  }
}

/** Returns, by the child that ended last before it, the start of a sibling or the end of the parent. */
function followersOf(parent: SpanNode, byEnd: readonly SpanNode[]): Map<SpanNode, SpanNode> {
  const followers = new Map<SpanNode, SpanNode>();
  const starts = [...byEnd].sort((a, b) => a.startNanos - b.startNanos);
  const inTime = byEnd.filter(({ outlives }) => !outlives);
  let next = 0;
  for (const child of starts) {
    while (next < inTime.length && inTime[next]!.endNanos <= child.startNanos) next += 1;
    const before = inTime[next - 1];
    if (before !== undefined && !followers.has(before)) followers.set(before, child);
  }
  const last = inTime.at(-1);
  if (last !== undefined && !followers.has(last)) followers.set(last, parent);
  return followers;
}
