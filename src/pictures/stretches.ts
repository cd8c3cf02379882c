import { sumOf } from '../sums.js';

/** A part of a trace's time, in nanoseconds. */
export interface PathPart {
  from: number;
  to: number;
}

/** Shorter gaps are narrower than a pixel. */
const UNSEEN_SHARE = 1 / 2_000;
const WIDER = 4;

/**
 * Orders the parts of each list and joins those that overlap, or that nobody could tell apart in a picture of the
 * trace: of lists that have more than `most` parts together also those that one could. Of what are still more the
 * longest are kept.
 */
export function joinParts<T extends PathPart>(
  lists: readonly (readonly T[])[],
  traceNanos: number,
  most: number,
  isSame: (a: T, b: T) => boolean = () => true,
): T[][] {
  let gap = traceNanos * UNSEEN_SHARE;
  let joined = lists.map((parts) => join(parts.toSorted(byStart), gap, isSame));
  while (gap < traceNanos && (sumOf(joined, ({ length }) => length) ?? 0) > most) {
    gap *= WIDER;
    joined = joined.map((parts) => join(parts, gap, isSame));
  }
  return longest(joined, most);
}

function longest<T extends PathPart>(lists: T[][], most: number): T[][] {
  const all = lists.flat();
  if (all.length <= most) return lists;
  const kept = new Set(all.sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, most));
  return lists.map((parts) => parts.filter((part) => kept.has(part)));
}

function byStart(a: PathPart, b: PathPart): number {
  return a.from - b.from || a.to - b.to;
}

function join<T extends PathPart>(
  sorted: readonly T[],
  gap: number,
  isSame: (a: T, b: T) => boolean,
): T[] {
  const joined: T[] = [];
  for (const part of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && part.from <= last.to + gap && isSame(last, part)) {
      last.to = Math.max(last.to, part.to);
    } else joined.push({ ...part });
  }
  return joined;
}
