import { toleranceOf, walkCriticalPath, type CriticalPathOptions } from './critical-path.js';
import { findPlace } from './place.js';
import { PassiveSiblings } from './passive-sibling.js';
import { analyzePlain } from './plain-trace.js';
import { byEndDescending, cutToParent, isInOrder, leaveOutLosers, selfTime } from './self-time.js';
import { runAtOnce, SLICE, sortInSlices, type Sliced } from './slices.js';
import { NO_FACTS } from './span-record.js';
import { addTimesOfStreams } from './stream-waits.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

/** Fills in the figures of every node. Orphans have self time alone. O(n log n), no recursion. */
export function analyzeTrace(tree: TraceTree, options: CriticalPathOptions = {}): void {
  if (analyzePlain(tree)) return;
  const tolerance = toleranceOf(options);
  const passive = new PassiveSiblings(tree);
  // Faster than all slices in one go, and most traces are small.
  for (const node of tree.nodes) {
    findPlace(node);
    if (node.children.length > 1) {
      if (!isInOrder(node.children)) node.children.sort(byEndDescending);
      passive.look(node);
    }
    if (!hasOrder(node, tolerance)) node.children.sort(byEndDescending);
    if (node.children.length > 1) leaveOutLosers(node.children, tolerance);
    node.selfNanos = selfTime(node);
  }
  passive.finish();
  if (hasStreams(tree)) runAtOnce(addTimesOfStreams(tree, options));
  else addTimes(tree, options);
  sumUp(tree);
}

/** As {@link analyzeTrace}, for large traces. The walk along the path itself is one slice. */
export function* analyzeInSlices(tree: TraceTree, options: CriticalPathOptions = {}): Sliced {
  const tolerance = toleranceOf(options);
  const passive = new PassiveSiblings(tree);
  let looked = 0;
  for (const node of tree.nodes) {
    const hasMany = node.children.length > SLICE;
    findPlace(node);
    if (!isInOrder(node.children)) {
      node.children = yield* sortInSlices(node.children, byEndDescending);
    }
    if (hasMany) yield;
    passive.look(node);
    if (hasMany) yield;
    if (!hasOrder(node, tolerance)) {
      node.children = yield* sortInSlices(node.children, byEndDescending);
    }
    if (hasMany) yield;
    leaveOutLosers(node.children, tolerance);
    node.selfNanos = selfTime(node);
    looked += 1 + node.children.length;
    if (looked < SLICE) continue;
    looked = 0;
    yield;
  }
  passive.finish();
  yield;
  if (hasStreams(tree)) yield* addTimesOfStreams(tree, options);
  else addTimes(tree, options);
  yield;
  sumUp(tree);
}

/** Cuts the children of a node; `false` if they have to be sorted again. */
function hasOrder(node: SpanNode, tolerance: number): boolean {
  if (node.children.length === 0) return true;
  cutToParent(node, tolerance);
  return isInOrder(node.children);
}

/** Finds the streams that can be split. */
function hasStreams(tree: TraceTree): boolean {
  let streams: SpanNode[] | undefined;
  for (const node of tree.nodes) {
    const { facts } = node.record;
    if (facts !== NO_FACTS && facts.stream !== undefined) (streams ??= []).push(node);
  }
  if (streams !== undefined) tree.streams = streams;
  return streams !== undefined;
}

function addTimes({ roots }: TraceTree, options: CriticalPathOptions): void {
  for (const root of roots) walkCriticalPath(root, addCriticalTime, options);
}

function sumUp({ nodes }: TraceTree): void {
  // Children come after their parents: backwards, each hands on what it has.
  for (let at = nodes.length - 1; at >= 0; at -= 1) {
    const node = nodes[at]!;
    node.criticalInsideNanos += node.criticalNanos;
    if (node.parent !== undefined) node.parent.criticalInsideNanos += node.criticalInsideNanos;
  }
}

function addCriticalTime(node: SpanNode, startNanos: number, endNanos: number): void {
  node.criticalNanos += endNanos - startNanos;
}
