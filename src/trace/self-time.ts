import { startsBefore, type SpanNode } from './trace-tree.js';

/**
 * Cuts the children to their parent, which is cut already, and marks those that it cannot have waited for.
 *
 *     parent       ├──────────────┤
 *     outlives     ├──────────────╌╌╌╌╌╌╌╌       (dotted: cut away)
 *     outside      │              │ ├───┤        not waited for, keeps its times
 *
 * A `consumer` span works off what was queued: the parent waited for it if it ended within the parent. For a span
 * that only follows from its parent, nobody waits. A child in another process is cut but does not
 * count as outliving its parent: its clock is another. What is cut keeps the self time that it has uncut.
 */
export function cutToParent(node: SpanNode, tolerance: number): void {
  const { startNanos, endNanos, children } = node;
  for (const child of children) {
    if (child.endNanos <= startNanos || child.startNanos >= endNanos) {
      child.waitedFor = false;
      continue;
    }
    const { kind, followsFrom } = child.record;
    const endsLater = child.endNanos > endNanos + tolerance;
    if (followsFrom === true || (kind === 'consumer' && endsLater)) child.waitedFor = false;
    if (endsLater) child.outlives = !child.record.parentIsRemote;
    if (child.stillRunning) child.outlives = true;
    if (child.startNanos < startNanos || child.endNanos > endNanos) {
      if (!isInOrder(child.children)) child.children.sort(byEndDescending);
      child.selfNanos = selfTime(child);
      if (child.startNanos < startNanos) child.startNanos = startNanos;
      if (child.endNanos > endNanos) child.endNanos = endNanos;
    }
    if (!child.outlives || !child.waitedFor) continue;
    if (node.outlivedBy === undefined || startsBefore(child, node.outlivedBy))
      node.outlivedBy = child;
  }
}

/** The names of errors that libraries throw when they are told to stop: `AbortError`, `CanceledError`. */
const CANCELLED = /abort|cancel/i;

export function isCancelled({ record }: SpanNode): boolean {
  return record.errorType !== undefined && CANCELLED.test(record.errorType);
}

/** What is told to stop ends that much later, as a share of its time. */
const MAX_CANCELLING = 0.01;

/** Marks the losers of races as not waited for: children, in order, cancelled the moment a sibling ended. */
export function leaveOutLosers(children: readonly SpanNode[], tolerance: number): void {
  if (children.length < 2 || !children.some(isCancelled)) return;
  const winners = children.filter((child) => child.waitedFor && !isCancelled(child));
  let next = 0;
  for (const child of children) {
    if (!isCancelled(child) || child.outlives) continue;
    while (next < winners.length && winners[next]!.endNanos > child.endNanos + tolerance) next += 1;
    const winnersEnd = winners[next]?.endNanos ?? -Infinity;
    const most = Math.max(tolerance, MAX_CANCELLING * (child.endNanos - child.startNanos));
    if (winnersEnd >= child.endNanos - most) child.waitedFor = false;
  }
}

/** Turns the children round if that helps: most then need no sorting. */
export function isInOrder(children: SpanNode[]): boolean {
  return isOrdered(children) || isOrdered(children.reverse());
}

function isOrdered(children: readonly SpanNode[]): boolean {
  for (let at = 1; at < children.length; at += 1) {
    if (byEndDescending(children[at - 1]!, children[at]!) > 0) return false;
  }
  return true;
}

/** The order for the analysis: latest end first, and of those that end together the longest first. */
export function byEndDescending(a: SpanNode, b: SpanNode): number {
  if (a.endNanos !== b.endNanos) return b.endNanos - a.endNanos;
  if (a.startNanos !== b.startNanos) return a.startNanos - b.startNanos;
  return a.record.spanId < b.record.spanId ? -1 : 1;
}

/**
 * Returns the total time minus the union of the direct children's intervals, in nanoseconds: two children
 * side by side take their parent's time once.
 *
 *     parent  ├─────────────────┤
 *     a          ├─────┤
 *     b             ├─────┤
 *     self    ├──┤        ├─────┤
 *
 * The children are in order. A node that was cut to its parent has had its self time found before. O(children).
 */
export function selfTime(node: SpanNode): number {
  if (node.selfNanos > 0) return node.selfNanos;
  let covered = 0;
  // Everything from here to the right is accounted for.
  let edge = node.endNanos;
  for (const child of node.children) {
    const start = Math.max(child.startNanos, node.startNanos);
    const end = Math.min(child.endNanos, edge);
    if (end <= start) continue;
    covered += end - start;
    edge = start;
  }
  return node.endNanos - node.startNanos - covered;
}
