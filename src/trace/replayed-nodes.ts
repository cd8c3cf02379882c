import { getOrMake } from '../bounded.js';
import { toleranceOf, walkCriticalPath, type CriticalPathOptions } from './critical-path.js';
import { SLICE, sortInSlices } from './slices.js';
import { SpanNode, type TraceTree } from './trace-tree.js';

/** Returns the spans that a replay runs again, parents before children, those of one parent by their starts, from its `firstChild` to the next node's. */
export function* waitedForNodes(tree: TraceTree, options: CriticalPathOptions) {
  const tolerance = toleranceOf(options);
  const sections = sectionsBeside(tree, options);
  const nodes = [...tree.roots];
  const firstChild: number[] = [];
  // The list grows while it is walked.
  for (const node of nodes) {
    firstChild.push(nodes.length);
    if (node.children.length > 0) {
      const children = node.children.filter((child) => isWaitedFor(child, tolerance));
      for (const section of sections.get(node) ?? []) children.push(section);
      const sorted = yield* sortInSlices(children, (a, b) => a.startNanos - b.startNanos);
      for (const child of sorted) nodes.push(child);
    }
    if (firstChild.length % SLICE === 0) yield;
  }
  firstChild.push(nodes.length);
  return { nodes, firstChild, sections };
}

/** Checks whether the end of the parent, or the start of a sibling, may have waited for the whole span. */
function isWaitedFor(node: SpanNode, tolerance: number): boolean {
  if (!node.outlives || !node.waitedFor) return node.waitedFor;
  const parent = node.parent!;
  if (parent.outlivedBy !== node) return false;
  return !parent.children.some(
    (other) => other.waitedFor && !other.outlives && other.endNanos > node.startNanos + tolerance,
  );
}

/** Returns, by parent, what spans that outlive it explain of its gaps, as children of it. */
function sectionsBeside(tree: TraceTree, options: CriticalPathOptions): Map<SpanNode, SpanNode[]> {
  const sections = new Map<SpanNode, SpanNode[]>();
  if (!tree.nodes.some(({ outlivedBy }) => outlivedBy !== undefined)) return sections;
  const tolerance = toleranceOf(options);
  /** In whose gaps a span is, with all below it. */
  const hosts = new Map<SpanNode, SpanNode>();
  for (const node of tree.nodes) {
    const { parent } = node;
    if (parent === undefined) continue;
    const isBeside = parent.outlivedBy === node && !isWaitedFor(node, tolerance);
    const host = hosts.get(parent) ?? (isBeside ? parent : undefined);
    if (host !== undefined) hosts.set(node, host);
  }
  if (hosts.size === 0) return sections;
  const addSection = (node: SpanNode, startNanos: number, endNanos: number) => {
    const host = hosts.get(node);
    if (host === undefined) return;
    const section = new SpanNode(node.record);
    const { operation, parent } = node;
    const criticalNanos = endNanos - startNanos;
    Object.assign(section, { operation, parent, startNanos, endNanos, criticalNanos });
    getOrMake(sections, host, () => []).push(section);
  };
  for (const root of tree.roots) walkCriticalPath(root, addSection, options);
  return sections;
}
