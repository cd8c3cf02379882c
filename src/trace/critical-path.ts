import { getOrMake } from '../bounded.js';
import { namesBefore } from './known-waits.js';
import type { SpanNode } from './trace-tree.js';

export interface CriticalPathOptions {
  /** The longest overlap that counts as an error of the clocks. Default, and at most, 1 ms. */
  readonly toleranceNanos?: number;
}

/** A start time that was floored to a millisecond is off by less. */
const MAX_TOLERANCE_NANOS = 1_000_000;

export function toleranceOf({ toleranceNanos = MAX_TOLERANCE_NANOS }: CriticalPathOptions): number {
  return Math.min(Math.max(toleranceNanos, 0), MAX_TOLERANCE_NANOS);
}

/** Real traces need a few. A hostile one must not hold up the process: further gaps are the parents' own. */
const MAX_GAPS = 1_000_000;

type Visit = (node: SpanNode, startNanos: number, endNanos: number) => void;

/** Lists of them are ordered latest first and do not overlap. */
interface Gap {
  startNanos: number;
  endNanos: number;
}

/**
 * Tells `visit` who was being waited for, at every moment of `root`.
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
 * The sections tile the root. Iterative; every node is entered at most once. The children are cut, in order.
 */
export function walkCriticalPath(
  root: SpanNode,
  visit: Visit,
  options: CriticalPathOptions = {},
): void {
  if (root.children.length === 0) {
    if (root.endNanos > root.startNanos) visit(root, root.startNanos, root.endNanos);
    return;
  }
  const tolerance = toleranceOf(options);
  const left = new HandedDown(visit);
  walkEnded(root, visit, tolerance, left);
  const { byFirst } = left;
  if (byFirst === undefined) return;
  // Grows while it is walked: what explains a gap may itself be outlived.
  for (const [first, gaps] of byFirst) {
    byFirst.delete(first);
    walkRunning(first, gaps, left, tolerance);
  }
}

class HandedDown {
  /** By the first of each chain; mostly there is none. */
  byFirst: Map<SpanNode, Gap[]> | undefined = undefined;
  #count = 0;

  constructor(readonly visit: Visit) {}

  /** Explains a stretch by a node, as far as nothing outlived it. */
  explain(node: SpanNode, startNanos: number, endNanos: number): void {
    const running = node.outlivedBy;
    if (running === undefined || running.startNanos >= endNanos || this.#count >= MAX_GAPS) {
      this.visit(node, startNanos, endNanos);
      return;
    }
    this.#count += 1;
    const since = Math.max(running.startNanos, startNanos);
    if (since > startNanos) this.visit(node, startNanos, since);
    this.byFirst ??= new Map();
    getOrMake(this.byFirst, running, () => []).push({ startNanos: since, endNanos });
  }
}

/**
 * Explains gaps by a node that was still running in them, what that leaves by the child that outlives it, and
 * so on. Touches only gaps that change: a deep chain must not cost its depth times the length of the trace.
 */
function walkRunning(first: SpanNode, gaps: Gap[], left: HandedDown, tolerance: number): void {
  for (let node: SpanNode | undefined = first; node !== undefined; node = node.outlivedBy) {
    const running = node;
    const explain: Visit = (explaining, startNanos, endNanos) => {
      if (explaining === running) return;
      for (const gap of take(gaps, startNanos, endNanos)) {
        left.explain(explaining, gap.startNanos, gap.endNanos);
      }
    };
    walkEnded(running, explain, tolerance);
    const since = running.outlivedBy?.startNanos ?? Infinity;
    for (let gap = gaps.at(-1); gap !== undefined && gap.startNanos < since; gap = gaps.at(-1)) {
      left.visit(running, gap.startNanos, Math.min(gap.endNanos, since));
      if (gap.endNanos > since) gap.startNanos = since;
      else gaps.pop();
    }
  }
}

/** Takes a stretch out of the gaps, and returns the parts of them that were in it. */
function take(gaps: Gap[], startNanos: number, endNanos: number): Gap[] {
  // The latest gap that begins before the end of the stretch.
  let low = 0;
  let high = gaps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (gaps[middle]!.startNanos < endNanos) high = middle;
    else low = middle + 1;
  }
  const taken: Gap[] = [];
  const kept: Gap[] = [];
  let at = low;
  for (; at < gaps.length && gaps[at]!.endNanos > startNanos; at += 1) {
    const gap = gaps[at]!;
    const start = Math.max(gap.startNanos, startNanos);
    const end = Math.min(gap.endNanos, endNanos);
    taken.push({ startNanos: start, endNanos: end });
    if (gap.endNanos > end) kept.push({ startNanos: end, endNanos: gap.endNanos });
    if (gap.startNanos < start) kept.push({ startNanos: gap.startNanos, endNanos: start });
  }
  if (at > low) gaps.splice(low, at - low, ...kept);
  return taken;
}

interface Frame {
  readonly node: SpanNode;
  /** Left of here is still to be explained. */
  cursor: number;
  /** The next child to look at. */
  next: number;
  /** What the child that starts at the cursor waited for by name, if that is known. */
  after: readonly string[] | undefined;
}

/** Walks along the children that ended in time; `left` takes the sections of nodes that are outlived. */
function walkEnded(top: SpanNode, visit: Visit, tolerance: number, left?: HandedDown): void {
  const stack: Frame[] = [];
  let frame: Frame | undefined = {
    ...{ node: top, cursor: top.endNanos, next: 0, after: undefined },
  };
  while (frame !== undefined) {
    const { node } = frame;
    const child = nextOnPath(frame, tolerance);
    const end = child === undefined ? node.startNanos : Math.min(child.endNanos, frame.cursor);
    if (frame.cursor > end) {
      if (left === undefined || node.outlivedBy === undefined) visit(node, end, frame.cursor);
      else left.explain(node, end, frame.cursor);
    }
    if (child === undefined) {
      frame = stack.pop();
      continue;
    }
    frame.cursor = child.startNanos;
    frame.after = namesBefore(child);
    if (child.children.length === 0) {
      if (end > child.startNanos) visit(child, child.startNanos, end);
      continue;
    }
    stack.push(frame);
    frame = { node: child, cursor: end, next: 0, after: undefined };
  }
}

function nextOnPath(frame: Frame, tolerance: number): SpanNode | undefined {
  const { children } = frame.node;
  while (frame.next < children.length) {
    const child = children[frame.next]!;
    frame.next += 1;
    // The cursor only moves left, so a child passed over here is passed over for good.
    const inTime = child.endNanos <= frame.cursor + tolerance && !child.outlives;
    if (frame.after?.includes(child.record.name) === false) continue;
    if (inTime && child.waitedFor && child.startNanos < frame.cursor) return child;
  }
  return undefined;
}
