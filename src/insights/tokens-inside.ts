import type { SpanNode, TraceTree } from '../trace/trace-tree.js';

/** Of the steps from one to the next. */
const MIN_GROWING_SHARE = 0.75;

/**
 * The input tokens of the LLM calls inside each span of a trace. Added up when somebody asks for the
 * first time: most traces have nothing to ask about.
 */
export class TokensInside {
  #tokens: Map<SpanNode, number> | undefined;

  constructor(private readonly tree: TraceTree) {}

  /** `true` for a call of a model, too. */
  asksModel(node: SpanNode): boolean {
    return this.#byNode().has(node);
  }

  /** `true` if the input grows from span to span, as with the answer of the one before, or nobody knows. */
  mayBuildUp(nodes: readonly SpanNode[]): boolean {
    const tokens = this.#byNode();
    let steps = 0;
    let growing = 0;
    for (let at = 1; at < nodes.length; at += 1) {
      const before = tokens.get(nodes[at - 1]!);
      const now = tokens.get(nodes[at]!);
      if (before === undefined || now === undefined) continue;
      if (Number.isNaN(before) || Number.isNaN(now)) return true;
      steps += 1;
      if (now > before) growing += 1;
    }
    return steps > 0 && growing >= MIN_GROWING_SHARE * steps;
  }

  #byNode(): Map<SpanNode, number> {
    return (this.#tokens ??= addUp(this.tree));
  }
}

/** Those of a call itself; NaN where they are not known. */
function ownTokens({ record, operation, hasTokensAbove }: SpanNode): number | undefined {
  const { llmCall, inputTokens, cacheHit } = record.facts;
  if (hasTokensAbove) return undefined;
  if (inputTokens !== undefined) return inputTokens;
  const isAnswered = cacheHit === undefined && record.errorType === undefined;
  return llmCall !== undefined && record === operation && isAnswered ? Number.NaN : undefined;
}

/** Children come after their parents: backwards, each hands on what it has. */
function addUp({ nodes }: TraceTree): Map<SpanNode, number> {
  const tokens = new Map<SpanNode, number>();
  for (let at = nodes.length - 1; at >= 0; at -= 1) {
    const node = nodes[at]!;
    const own = ownTokens(node);
    const below = tokens.get(node);
    if (own === undefined && below === undefined) continue;
    const sum = (own ?? 0) + (below ?? 0);
    tokens.set(node, sum);
    if (node.parent !== undefined) tokens.set(node.parent, (tokens.get(node.parent) ?? 0) + sum);
  }
  return tokens;
}
