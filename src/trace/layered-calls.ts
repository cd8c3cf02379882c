import { getOrMake } from '../bounded.js';
import { isSameModel } from '../cost/model-name.js';
import { attach, preorder, type SpanNode, type TraceTree } from './trace-tree.js';

/** Clocks of two instrumentations are this far apart at most. */
const TOLERANCE_NANOS = 1_000_000;
/** More calls with the same tokens are left as they are, since each is compared with each. */
const MAX_ALIKE = 1_000;

/**
 * Puts the spans of one call into each other where two instrumentations report it beside each other: the outer one
 * does not run its work in the context of its span, as LangChain's callbacks.
 *
 *     answer         ├─────────────┤         answer         ├─────────────┤
 *     . ChatOpenAI     ├────────┤      ->    . ChatOpenAI     ├────────┤
 *     . chat gpt-4o      ├────┤              . . chat gpt-4o    ├────┤
 *
 * They are of one model and service, have the same tokens, and one is within the time of the other. Expects a tree that is
 * not analyzed yet, and may change it.
 */
export function joinLayers(tree: TraceTree): TraceTree {
  let isChanged = false;
  for (const alike of callsWithSameTokens(tree.nodes).values()) {
    if (alike.length > 1 && alike.length <= MAX_ALIKE) isChanged = joinAlike(alike) || isChanged;
  }
  return isChanged ? { ...tree, nodes: preorder([...tree.roots, ...tree.orphans]) } : tree;
}

function callsWithSameTokens(nodes: readonly SpanNode[]): Map<string, SpanNode[]> {
  const found = new Map<string, SpanNode[]>();
  for (const node of nodes) {
    const { llmCall, inputTokens, outputTokens, attempt } = node.record.facts;
    if (llmCall?.reporter === undefined || attempt !== undefined) continue;
    if (inputTokens === undefined && outputTokens === undefined) continue;
    const key = [node.record.service, inputTokens, outputTokens].join('\n');
    getOrMake(found, key, () => []).push(node);
  }
  return found;
}

/** The shortest first, each into the shortest that it fits into. */
function joinAlike(calls: readonly SpanNode[]): boolean {
  const sorted = [...calls].sort((a, b) => nanosOf(a) - nanosOf(b));
  const taken = new Set<SpanNode>();
  let isChanged = false;
  sorted.forEach((inner, at) => {
    if (inner.parent === undefined || sorted.some((other) => isInside(inner, other))) return;
    const outer = sorted
      .slice(at + 1)
      .find((other) => !taken.has(other) && areLayers(inner, other));
    if (outer === undefined) return;
    taken.add(outer);
    inner.parent.children = inner.parent.children.filter((child) => child !== inner);
    attach(outer, inner);
    isChanged = true;
  });
  return isChanged;
}

function areLayers(inner: SpanNode, outer: SpanNode): boolean {
  const { llmCall: a } = inner.record.facts;
  const { llmCall: b } = outer.record.facts;
  return (
    a!.reporter !== b!.reporter &&
    isSameModel(a!.model, b!.model) &&
    inner.startNanos >= outer.startNanos - TOLERANCE_NANOS &&
    inner.endNanos <= outer.endNanos + TOLERANCE_NANOS &&
    !isInside(outer, inner)
  );
}

function isInside(node: SpanNode, other: SpanNode): boolean {
  for (let at = node.parent; at !== undefined; at = at.parent) if (at === other) return true;
  return false;
}

function nanosOf({ startNanos, endNanos }: SpanNode): number {
  return endNanos - startNanos;
}
