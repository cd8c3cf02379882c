import type { SpanNode, TraceTree } from '../trace/trace-tree.js';

/**
 * Moves what the clocks of different services have put apart: a span that another service waited for
 * ran within the call. When it does not lie within by the clocks, it is moved with all that is below it
 * in its service: to the middle of the call if it is shorter (the way there and back are taken to be
 * equally long), to the start of the call if it is longer and seems to start before it. So Jaeger does
 * it, too; there a host has a clock, here a service.
 *
 *     caller      ├──────────────┤            ├──────────────┤
 *     server  ├─────┤                 ->          ├─────┤
 *
 * Spans that nobody waited for (consumers, what only follows) stay where they are. Expects a tree that
 * is not analyzed yet. O(n), no recursion.
 *
 * @returns how many calls between services were moved
 */
export function correctClockSkew(tree: TraceTree): number {
  /** By how much the spans of a service below one call of it are moved. */
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
