import type { SpanNode } from './trace-tree.js';

/** Returns how long a timer ran before an attempt started, in which nothing worked. */
export function backoffNanos(node: SpanNode | undefined): number {
  return (node?.record.facts.attempt?.backoffSeconds ?? 0) * 1e9;
}
