import type { SpanRecord } from '../trace/span-record.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { priceFacts } from '../cost/price.js';

/**
 * Prices LLM calls that bring their usage but no cost: once for each call, on its outermost span with
 * usage, unless a span inside brings a cost. Expects an analyzed tree, and changes the facts of its spans.
 */
export function priceCalls(tree: TraceTree): void {
  const failedAttempts = new Map<SpanRecord, SpanNode | undefined>();
  for (const { record, failedAttempt } of tree.nodes) {
    if (record.facts.llmCall !== undefined) failedAttempts.set(record, failedAttempt);
  }
  const brought = new Set<SpanRecord>();
  for (const { record, operation, failedAttempt } of tree.nodes) {
    if (record === operation || record.facts.costUsd === undefined) continue;
    // What a failed attempt used is not part of what the call tells.
    if (failedAttempts.get(operation) === failedAttempt) brought.add(operation);
  }
  for (const node of tree.nodes) {
    if (node.hasTokensAbove || node.hasCostAbove || brought.has(node.record)) continue;
    // Only spans without attributes share their facts.
    const facts: { costUsd?: number } = node.record.facts;
    const usd = priceFacts(node.record.facts)?.usd;
    if (usd !== undefined) facts.costUsd = usd;
  }
}
