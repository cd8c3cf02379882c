import type { SpanNode, TraceTree } from '../trace/trace-tree.js';

/**
 * Moves a span that another service waited for into the call, when their clocks say that it ran
 * elsewhere, and with it all below it in its service. A shorter span goes to the middle of the call, a
 * longer one that seems to start before the call to its start. As Jaeger does, but per service, not host.
 *
 *     caller      ├──────────────┤            ├──────────────┤
 *     server  ├─────┤                 ->          ├─────┤
 *
 * Spans that nobody waited for stay where they are. Expects a tree that is not analyzed yet. O(n). Returns
 * how many calls between services were moved.
 */
export function correctClockSkew(tree: TraceTree): number {
  /** How far to move the spans of a service below one call of it. */
  const shifts = new Map<SpanNode, number>();
  let moved = 0;
  // Parents come before their children.
  for (const node of tree.nodes) {
    const { parent } = node;
    if (parent === undefined) continue;
    const isSameClock = node.record.service === parent.record.service;
    const shift = isSameClock ? shifts.get(parent) : skewOf(node, parent);
    if (shift === undefined || shift === 0) continue;
    if (!isSameClock) moved += 1;
    shifts.set(node, shift);
    node.startNanos += shift;
    node.endNanos += shift;
  }
  return moved;
}

function skewOf(node: SpanNode, parent: SpanNode): number {
  const { kind, followsFrom } = node.record;
  if (kind === 'consumer' || followsFrom === true) return 0;
  const room = parent.endNanos - parent.startNanos;
  const needed = node.endNanos - node.startNanos;
  if (needed > room) return Math.max(0, parent.startNanos - node.startNanos);
  const fits = node.startNanos >= parent.startNanos && node.endNanos <= parent.endNanos;
  return fits ? 0 : parent.startNanos + Math.round((room - needed) / 2) - node.startNanos;
}
