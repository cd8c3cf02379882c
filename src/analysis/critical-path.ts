import type { SpanNode } from './trace-tree.js';

/** How exact the clocks are taken to be. */
export interface CriticalPathOptions {
  /**
   * Of two siblings that really follow each other the second may seem to start before the first
   * ended, and a child may seem to end after its parent. Overlaps up to this many nanoseconds are
   * taken for that. Default 1,000,000 (1 ms), the most that a start time floored to a millisecond
   * can be off by; never more.
   */
  readonly toleranceNanos?: number;
}

/** A start time that was floored to a millisecond is off by less than this. */
export const MAX_TOLERANCE_NANOS = 1_000_000;

/** The tolerance that the options ask for, within its bounds. */
export function toleranceOf(options: CriticalPathOptions): number {
  return Math.min(Math.max(options.toleranceNanos ?? MAX_TOLERANCE_NANOS, 0), MAX_TOLERANCE_NANOS);
}

/** A stretch of time in which `node` was what its root waited for. */
export interface CriticalSection {
  readonly node: SpanNode;
  readonly startNanos: number;
  readonly endNanos: number;
}

type Visit = (node: SpanNode, startNanos: number, endNanos: number) => void;

/** A stretch of time; lists of them are ordered latest first and do not overlap. */
interface Gap {
  readonly startNanos: number;
  readonly endNanos: number;
}

/**
 * Who was being waited for, at every moment of `root`.
 *
 * Walks back from the end of the root: the child that ended last before the cursor is on the path;
 * go into it; at its start, look again for the sibling that had ended by then. What no child
 * explains is the node's own.
 *
 *     root    ├──────────────────────┤
 *     a         ├─────┤
 *     b         ├───┤                       beside a, which ended later: not on the path
 *     c                  ├────────┤
 *     path    rraaaaaaarrrccccccccrrrr
 *
 * A child that outlives its parent cannot be what the parent's end waited for, so the children that
 * did end come first. It explains only what they leave: a server span that ends with its response
 * while the handler still tidies up did wait for the handler, but not for a log written beside it.
 *
 *     root    ├──────────────┤
 *     d         ├──────┤
 *     log     ├──────────────╌╌╌╌╌╌╌        without d it would be on the path from end to end
 *     path    lldddddddlllll
 *
 * The sections that `visit` gets tile the root: they do not overlap, and they sum to its total time.
 * Iterative; every node is entered at most once. Expects children that `cutChildren` cut and
 * ordered. (Jaeger's own walk recurses, loses a sibling that touches, and knows no outliving.)
 */
export function walkCriticalPath(
  root: SpanNode,
  visit: Visit,
  options: CriticalPathOptions = {},
): void {
  const tolerance = toleranceOf(options);
  /** What is left to those that outlive their parent. */
  const left = new Map<SpanNode, Gap[]>();
  const explain: Visit = (node, startNanos, endNanos) => {
    const running = firstOutliving(node);
    if (running === undefined || running.startNanos >= endNanos) {
      visit(node, startNanos, endNanos);
      return;
    }
    const since = Math.max(running.startNanos, startNanos);
    if (since > startNanos) visit(node, startNanos, since);
    const gaps = left.get(running);
    const gap = { startNanos: since, endNanos };
    if (gaps === undefined) left.set(running, [gap]);
    else gaps.push(gap);
  };
  walkEnded(root, explain, tolerance);
  // Grows while it is walked: below one that outlives there may be others.
  for (const [node, gaps] of left) walkEnded(node, within(gaps, explain), tolerance);
}

/** The child that was still running when `node` ended; the one that started first, of several. */
function firstOutliving(node: SpanNode): SpanNode | undefined {
  // Children are ordered by end, then start, so these stand in front.
  for (const child of node.children) {
    if (child.endNanos < node.endNanos) return undefined;
    if (child.outlives && child.waitedFor) return child;
  }
  return undefined;
}

/** Passes on the parts of sections (latest first) that lie in `gaps`. */
function within(gaps: readonly Gap[], visit: Visit): Visit {
  let at = 0;
  return (node, startNanos, endNanos) => {
    for (let gap = gaps[at]; gap !== undefined && gap.endNanos > startNanos; gap = gaps[at]) {
      const start = Math.max(gap.startNanos, startNanos);
      const end = Math.min(gap.endNanos, endNanos);
      if (end > start) visit(node, start, end);
      // The gap goes on to the left of this section: the next section needs it too.
      if (gap.startNanos < startNanos) return;
      at += 1;
    }
  };
}

interface Frame {
  readonly node: SpanNode;
  /** Left of here is still to be explained. Moves towards the node's start. */
  cursor: number;
  /** The next child to look at. */
  next: number;
}

/** The walk along the children that ended in time, latest section first. */
function walkEnded(top: SpanNode, visit: Visit, tolerance: number): void {
  const stack: Frame[] = [{ node: top, cursor: top.endNanos, next: 0 }];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { node } = frame;
    const child = nextOnPath(frame, tolerance);
    if (child === undefined) {
      if (frame.cursor > node.startNanos) visit(node, node.startNanos, frame.cursor);
      stack.pop();
      continue;
    }
    const end = Math.min(child.endNanos, frame.cursor);
    if (end < frame.cursor) visit(node, end, frame.cursor);
    frame.cursor = child.startNanos;
    stack.push({ node: child, cursor: end, next: 0 });
  }
}

function nextOnPath(frame: Frame, tolerance: number): SpanNode | undefined {
  const { children } = frame.node;
  while (frame.next < children.length) {
    const child = children[frame.next]!;
    frame.next += 1;
    // The cursor only moves left, so a child passed over here is passed over for good.
    const inTime = child.endNanos <= frame.cursor + tolerance && !child.outlives;
    if (inTime && child.waitedFor && child.startNanos < frame.cursor) return child;
  }
  return undefined;
}

/** The sections of {@link walkCriticalPath} as a list, earliest first. */
export function criticalSections(
  root: SpanNode,
  options: CriticalPathOptions = {},
): CriticalSection[] {
  const sections: CriticalSection[] = [];
  walkCriticalPath(
    root,
    (node, startNanos, endNanos) => sections.push({ node, startNanos, endNanos }),
    options,
  );
  return sections.sort((a, b) => a.startNanos - b.startNanos);
}
