import type { SpanNode, TraceTree } from '../trace/trace-tree.js';

/** Returns what each span and those inside it cost, where that is known. */
export function costsInside({ nodes }: TraceTree): Map<SpanNode, number> {
  const inside = new Map<SpanNode, number>();
  // Children come after their parents: backwards, each hands on what it has.
  for (let at = nodes.length - 1; at >= 0; at -= 1) {
    const node = nodes[at]!;
    const own = node.stillRunning ? undefined : node.used?.costUsd;
    const below = inside.get(node);
    if (own === undefined && below === undefined) continue;
    const total = (own ?? 0) + (below ?? 0);
    inside.set(node, total);
    const { parent } = node;
    if (parent !== undefined) inside.set(parent, (inside.get(parent) ?? 0) + total);
  }
  return inside;
}
