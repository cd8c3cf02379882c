import { toleranceOf, type CriticalPathOptions } from '../trace/critical-path.js';
import { SLICE, type Sliced } from '../trace/slices.js';
import { attach, SpanNode, type TraceTree } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';

/** An analyzed and ranked trace, copied: its own spans may be let go. */
export interface HeldTrace extends TraceTree {
  /** What its times count from, in nanoseconds that are the same for all held traces. */
  readonly originNanos: number;
  /** The longest overlap that counts as an error of the clocks. */
  readonly toleranceNanos: number;
  readonly startNanos: number;
  readonly endNanos: number;
  /** Of its nodes, as the analysis found it. */
  readonly criticalNanos: readonly number[];
}

/** A trace, until its waits are explained. */
export interface Held {
  readonly trace: HeldTrace;
  /** Is given the trace with its waits explained. */
  readonly onExplained: ((tree: TraceTree) => Sliced) | undefined;
}

export function* holdTrace(
  tree: TraceTree,
  originNanos: number,
  options: CriticalPathOptions,
): Sliced<HeldTrace> {
  const roots = tree.roots.map((root) => copyOf(root));
  const originals = [...tree.roots];
  const nodes = [...roots];
  let startNanos = Infinity;
  let endNanos = -Infinity;
  // Both lists grow while they are walked.
  for (let at = 0; at < nodes.length; at += 1) {
    if (at % SLICE === SLICE - 1) yield;
    const copy = nodes[at]!;
    const original = originals[at]!;
    startNanos = Math.min(startNanos, copy.startNanos);
    endNanos = Math.max(endNanos, copy.endNanos);
    for (const child of original.children) {
      const childCopy = copyOf(child, copy);
      attach(copy, childCopy);
      if (child === original.outlivedBy) copy.outlivedBy = childCopy;
      originals.push(child);
      nodes.push(childCopy);
    }
  }
  const criticalNanos = nodes.map((node) => node.criticalNanos);
  const span = { startNanos: originNanos + startNanos, endNanos: originNanos + endNanos };
  const { repeated, untimed } = tree;
  const toleranceNanos = toleranceOf(options);
  return {
    originNanos,
    toleranceNanos,
    ...span,
    roots,
    orphans: [],
    nodes,
    repeated,
    untimed,
    criticalNanos,
  };
}

function copyOf(node: SpanNode, host?: SpanNode): SpanNode {
  const copy = emptyCopyOf(node, host);
  copy.stillRunning = node.stillRunning;
  copy.startNanos = node.startNanos;
  copy.endNanos = node.endNanos;
  if (node.operation !== node.record) copy.operation = { ...node.operation };
  copy.waitedFor = node.waitedFor;
  copy.outlives = node.outlives;
  copy.row = node.row;
  copy.criticalNanos = node.criticalNanos;
  copy.used = node.used;
  return copy;
}

function emptyCopyOf(node: SpanNode, host: SpanNode | undefined): SpanNode {
  // A copy, also of the record: V8 would allocate all records among the old objects, once many live on.
  if (!(node instanceof WaitSection) || host === undefined) return new SpanNode({ ...node.record });
  return new WaitSection(host, node.cause && copyOf(node.cause), node.startNanos, node.endNanos);
}
