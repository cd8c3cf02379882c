import { isOfOuterServer } from './place.js';
import { NO_FACTS } from './span-record.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

/**
 * Fills in the figures of a trace in which one thing happened at a time, as in most of them; returns `false`
 * and does nothing for any other. All self time is critical then.
 *
 *     root    ├────────────────┤
 *     a         ├───┤
 *     b                ├────┤
 *     path    rraaaaarrbbbbbbrrr
 *
 * It finds what `analyzeTrace` finds, for a third of the time: nothing has to be cut, sorted or searched.
 */
export function analyzePlain({ nodes, roots, orphans }: TraceTree): boolean {
  if (orphans.length > 0) return false;
  let found = roots.length;
  for (const node of nodes) {
    if (!isPlain(node)) return false;
    found += node.children.length;
  }
  if (found < nodes.length) return false;
  for (const node of nodes) {
    const nanos = node.endNanos - node.startNanos;
    node.selfNanos = nanos - childrenNanos(node);
    node.criticalNanos = node.selfNanos;
    node.criticalInsideNanos = nanos;
    // The latest end comes first.
    if (node.children.length > 1) node.children.reverse();
  }
  return true;
}

/** `true` if the children come one after another, in order, inside this span, which waited for each. */
function isPlain(node: SpanNode): boolean {
  const { record, stillRunning, startNanos, endNanos, children } = node;
  // An error may be that of a cancelled loser of a race.
  if (record.facts !== NO_FACTS || record.errorType !== undefined || stillRunning) return false;
  if (record.followsFrom === true) return false;
  if (isOfOuterServer(node)) return false;
  let edge = startNanos;
  for (const child of children) {
    if (child.startNanos < edge || child.startNanos >= endNanos) return false;
    // Of two that end together, the order would have to be found.
    if (child.endNanos <= edge) return false;
    edge = child.endNanos;
  }
  return edge <= endNanos;
}

function childrenNanos({ children }: SpanNode): number {
  let nanos = 0;
  for (const child of children) nanos += child.endNanos - child.startNanos;
  return nanos;
}
