import { sortInSlices, type Sliced } from './slices.js';
import type { SpanNode } from './trace-tree.js';

/**
 * Cuts the children to their parent, tells apart those the parent cannot have waited for, and
 * orders them for the analysis: latest end first, and of those that end together the longest first.
 *
 *     parent       ├──────────────┤
 *     outlives     ├──────────────╌╌╌╌╌╌╌╌       (dotted: cut away)
 *     outside      │              │ ├───┤        not waited for, keeps its times
 *
 * A `consumer` span is not waited for either: it works off what was queued, whenever that is; nor is
 * what only follows from its parent. A child in another process is cut but does not count as
 * outliving its parent: its clock is another.
 * Nor is one waited for that was cancelled the moment a sibling ended, as the losers of a race are.
 *
 * Expects the node itself to be cut already.
 *
 * @param tolerance how far past the parent's end still counts as in time, in nanoseconds
 */
export function cutChildren(node: SpanNode, tolerance: number): void {
  const { children } = node;
  cutEach(node, tolerance);
  if (children.length < 2) return;
  if (!findOrder(children)) children.sort(byEndDescending);
  if (children.some(isCancelled)) leaveOutLosers(children, tolerance);
}

/** As {@link cutChildren}, for many children. */
export function* cutInSlices(node: SpanNode, tolerance: number): Sliced {
  cutEach(node, tolerance);
  yield;
  if (!findOrder(node.children)) {
    node.children = yield* sortInSlices(node.children, byEndDescending);
  }
  yield;
  if (node.children.some(isCancelled)) leaveOutLosers(node.children, tolerance);
}

function cutEach(node: SpanNode, tolerance: number): void {
  const { startNanos, endNanos, children } = node;
  for (const child of children) {
    if (child.endNanos <= startNanos || child.startNanos >= endNanos) {
      child.waitedFor = false;
      continue;
    }
    const { kind, followsFrom } = child.record;
    if (kind === 'consumer' || followsFrom === true) child.waitedFor = false;
    if (child.endNanos > endNanos + tolerance) child.outlives = !child.record.parentIsRemote;
    if (child.stillRunning) child.outlives = true;
    if (child.startNanos < startNanos) child.startNanos = startNanos;
    if (child.endNanos > endNanos) child.endNanos = endNanos;
    if (child.outlives && child.waitedFor && startsFirst(child, node.outlivedBy)) {
      node.outlivedBy = child;
    }
  }
}

/** The names of errors that libraries throw when they are told to stop: `AbortError`, `CanceledError`. */
const CANCELLED = /abort|cancel/i;

function isCancelled({ record }: SpanNode): boolean {
  return record.errorType !== undefined && CANCELLED.test(record.errorType);
}

/** It was the sibling that ended which was waited for, although the cancelled one ended last. */
function leaveOutLosers(children: readonly SpanNode[], tolerance: number): void {
  const winners = children.filter((child) => child.waitedFor && !isCancelled(child));
  let next = 0;
  for (const child of children) {
    if (!isCancelled(child) || child.outlives) continue;
    // Both are ordered by their ends, the latest first.
    while (next < winners.length && winners[next]!.endNanos > child.endNanos + tolerance) next += 1;
    const winner = winners[next];
    if (winner !== undefined && winner.endNanos >= child.endNanos - tolerance) {
      child.waitedFor = false;
    }
  }
}

/** Of two that start together the one with the lower id, so that the order of arrival is no matter. */
function startsFirst(child: SpanNode, other: SpanNode | undefined): boolean {
  if (other === undefined) return true;
  if (child.startNanos !== other.startNanos) return child.startNanos < other.startNanos;
  return child.record.spanId < other.record.spanId;
}

/** Children mostly come in the order of their ends, or the other way round: they need no sorting. */
function findOrder(children: SpanNode[]): boolean {
  return isOrdered(children) || isOrdered(children.reverse());
}

function isOrdered(children: readonly SpanNode[]): boolean {
  for (let at = 1; at < children.length; at += 1) {
    if (byEndDescending(children[at - 1]!, children[at]!) > 0) return false;
  }
  return true;
}

function byEndDescending(a: SpanNode, b: SpanNode): number {
  if (a.endNanos !== b.endNanos) return b.endNanos - a.endNanos;
  if (a.startNanos !== b.startNanos) return a.startNanos - b.startNanos;
  return a.record.spanId < b.record.spanId ? -1 : 1;
}

/**
 * Total time minus the union of the direct children's intervals, in nanoseconds. Under concurrency
 * this is the union, never the sum: two children side by side take their parent's time once.
 *
 *     parent  ├─────────────────┤
 *     a          ├─────┤
 *     b             ├─────┤
 *     self    ├──┤        ├─────┤
 *
 * Expects children that {@link cutChildren} cut and ordered. O(children).
 */
export function selfTime(node: SpanNode): number {
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
