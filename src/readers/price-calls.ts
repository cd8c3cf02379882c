import type { SpanFacts, SpanRecord } from '../trace/span-record.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { priceFacts } from '../cost/price.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Gives the calls of models that bring their usage and no cost the cost that the prices say, once for
 * each call: on the outermost of its spans that tells of the usage, and not where a span inside brings
 * a cost. Expects an analyzed tree. The facts of its spans are changed.
 */
export function priceCalls(tree: TraceTree): void {
  const failedAttempts = new Map<SpanRecord, SpanNode | undefined>();
  for (const node of tree.nodes) {
    if (node.record.facts.llmCall !== undefined)
      failedAttempts.set(node.record, node.failedAttempt);
  }
  const brought = new Set<SpanRecord>();
  for (const { record, operation, failedAttempt } of tree.nodes) {
    if (record === operation || record.facts.costUsd === undefined) continue;
    // What a failed attempt used is not part of what the call tells.
    if (failedAttempts.get(operation) === failedAttempt) brought.add(operation);
  }
  for (const node of tree.nodes) {
    if (node.hasTokensAbove || node.hasCostAbove || brought.has(node.record)) continue;
    const usd = priceFacts(node.record.facts)?.usd;
    // Only spans without attributes share their facts.
    if (usd !== undefined) (node.record.facts as Mutable<SpanFacts>).costUsd = usd;
  }
}
