import type { Used } from './count-usage.js';
import type { PathBox } from './path-box.js';
import type { RowName } from './row-names.js';
import type { SpanRecord } from './span-record.js';
import type { StreamWait } from './stream-waits.js';

/** Shared by all spans without children; never written to. */
const NO_CHILDREN: SpanNode[] = [];

/** One for every span of a process: a class, so that all have one shape. */
export class SpanNode {
  parent: SpanNode | undefined = undefined;
  /** Changed by {@link attach} and the analysis alone. */
  children: SpanNode[] = NO_CHILDREN;
  /** `true` when the span had not ended yet: its figures up to here count, the call does not. */
  stillRunning = false;

  // Until `analyzeTrace` these are what they are for a span by itself.
  /** Cut to the parent. */
  startNanos: number;
  endNanos: number;
  /** The record that this node's time counts for: its own, or that of the operation it is part of. */
  operation: SpanRecord;
  /** `false` for work that the parent did not wait for. */
  waitedFor = true;
  /** `true` when the parent ended first, so that it did not wait for the end of this span. */
  outlives = false;
  /** The child that was still running at the end of this span; the one that started first. */
  outlivedBy: SpanNode | undefined = undefined;
  /** The innermost failed attempt that this span is or ran inside: its time and cost are wasted. */
  failedAttempt: SpanNode | undefined = undefined;
  /** What counts here of the tokens and the cost of calls; see `countUsage`. */
  used: Used | undefined = undefined;
  /** The row that its time counts for, once it is ranked. */
  row: RowName | undefined = undefined;
  /** Where its row was called from, once it is ranked. */
  box: PathBox | undefined = undefined;
  selfNanos = 0;
  criticalNanos = 0;
  /** Critical time of this span and of all inside it. */
  criticalInsideNanos = 0;

  constructor(public record: SpanRecord) {
    this.operation = record;
    this.startNanos = record.startNanos;
    this.endNanos = Math.max(record.startNanos, record.endNanos);
  }
}

export interface TraceTree {
  /** Local roots: spans whose parent is absent or remote. Users waited for these. */
  readonly roots: readonly SpanNode[];
  /** Spans whose parent is missing although the trace has a local root: who waited for them is not known. */
  readonly orphans: readonly SpanNode[];
  /** Parents before children. */
  readonly nodes: SpanNode[];
  /** How many records were left out: their span was there already, or their times are not numbers. */
  readonly repeated: number;
  readonly untimed: number;
  /** Found by the analysis: streams whose reader took a part of the time, and the waits of both. */
  streams?: readonly SpanNode[];
  streamWaits?: readonly StreamWait[];
}

export function attach(parent: SpanNode, child: SpanNode): void {
  child.parent = parent;
  if (parent.children === NO_CHILDREN) parent.children = [child];
  else parent.children.push(child);
}

/** So that a node that is still referred to does not keep the whole tree. */
export function detach(node: SpanNode): void {
  node.parent = undefined;
  node.children = NO_CHILDREN;
  node.outlivedBy = undefined;
  node.failedAttempt = undefined;
}

/**
 * Builds the trees of one trace from its records, in any order. A span without its parent is a local root if
 * the parent is remote, or if there is no other local root. Of spans that are their own ancestors, the one
 * that started first is cut loose. O(n), no recursion.
 */
export function buildTraceTree(records: readonly SpanRecord[]): TraceTree {
  const bySpanId = new Map<string, SpanNode>();
  let repeated = 0;
  let untimed = 0;
  for (const record of records) {
    if (bySpanId.has(record.spanId)) repeated += 1;
    else if (!Number.isFinite(record.endNanos - record.startNanos)) untimed += 1;
    else bySpanId.set(record.spanId, new SpanNode(record));
  }

  const roots: SpanNode[] = [];
  const parentless: SpanNode[] = [];
  for (const node of bySpanId.values()) {
    const { parentSpanId, parentIsRemote } = node.record;
    const parent = parentSpanId === undefined ? undefined : bySpanId.get(parentSpanId);
    if (parent !== undefined && parent !== node) attach(parent, node);
    else if (parentSpanId === undefined || parentIsRemote) roots.push(node);
    else parentless.push(node);
  }

  const nodes = preorder([...roots, ...parentless]);
  if (nodes.length < bySpanId.size) {
    const cut = cutCycles(bySpanId.values(), new Set(nodes));
    parentless.push(...cut);
    nodes.push(...preorder(cut));
  }
  const tops =
    roots.length === 0 ? { roots: parentless, orphans: [] } : { roots, orphans: parentless };
  return { ...tops, nodes, repeated, untimed };
}

export function preorder(tops: readonly SpanNode[]): SpanNode[] {
  const nodes = [...tops];
  // The list grows while it is walked.
  for (const node of nodes) {
    for (const child of node.children) nodes.push(child);
  }
  return nodes;
}

/** Breaks every cycle among the nodes that no top reaches, and returns where each was cut. */
function cutCycles(all: Iterable<SpanNode>, reached: Set<SpanNode>): SpanNode[] {
  const cut: SpanNode[] = [];
  for (const start of all) {
    if (reached.has(start)) continue;
    // Up from an unreached node there is always a cycle: mark the way until it closes.
    const way = new Set<SpanNode>();
    let node = start;
    while (!way.has(node)) {
      way.add(node);
      node = node.parent!;
    }
    let first = node;
    for (let on = node.parent!; on !== node; on = on.parent!) {
      if (startsBefore(on, first)) first = on;
    }
    const parent = first.parent!;
    parent.children.splice(parent.children.indexOf(first), 1);
    first.parent = undefined;
    cut.push(first);
    for (const below of preorder([first])) reached.add(below);
  }
  return cut;
}

/** Of two that start together the one with the lower id is first, in whatever order they arrived. */
export function startsBefore(a: SpanNode, b: SpanNode): boolean {
  if (a.startNanos !== b.startNanos) return a.startNanos < b.startNanos;
  return a.record.spanId < b.record.spanId;
}
