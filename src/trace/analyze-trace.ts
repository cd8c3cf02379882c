import { toleranceOf, walkCriticalPath, type CriticalPathOptions } from './critical-path.js';
import { findPlace } from './place.js';
import { PassiveSiblings } from './passive-sibling.js';
import { analyzePlain } from './plain-trace.js';
import { byEndDescending, cutToParent, isInOrder, leaveOutLosers, selfTime } from './self-time.js';
import { SLICE, sortInSlices, type Sliced } from './slices.js';
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
  addCriticalTimes(tree, options);
}

/** As {@link analyzeTrace}, for large traces. The walk along the path itself is one slice. */
export function* analyzeInSlices(tree: TraceTree, options: CriticalPathOptions = {}): Sliced {
  const tolerance = toleranceOf(options);
  const passive = new PassiveSiblings(tree);
  let looked = 0;
  for (const node of tree.nodes) {
    findPlace(node);
    if (!isInOrder(node.children)) {
      node.children = yield* sortInSlices(node.children, byEndDescending);
    }
    passive.look(node);
    if (!hasOrder(node, tolerance)) {
      node.children = yield* sortInSlices(node.children, byEndDescending);
    }
    leaveOutLosers(node.children, tolerance);
    node.selfNanos = selfTime(node);
    looked += 1 + node.children.length;
    if (looked < SLICE) continue;
    looked = 0;
    yield;
  }
  passive.finish();
  addCriticalTimes(tree, options);
}

/** Cuts the children of a node; `false` if they have to be sorted again. */
function hasOrder(node: SpanNode, tolerance: number): boolean {
  if (node.children.length === 0) return true;
  cutToParent(node, tolerance);
  return isInOrder(node.children);
}

function addCriticalTimes(tree: TraceTree, options: CriticalPathOptions): void {
  const { nodes, roots } = tree;
  const streams = nodes.filter(({ record }) => record.facts.stream !== undefined);
  if (streams.length > 0) {
    tree.streams = streams;
    addTimesOfStreams(tree, options);
  } else for (const root of roots) walkCriticalPath(root, addCriticalTime, options);
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
