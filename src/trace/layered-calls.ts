import { groupBy } from '../bounded.js';
import { hasTokens, type Figures } from './count-usage.js';
import { mayBeSameModel } from './operation.js';
import type { LlmCall } from './span-record.js';
import { attach, preorder, type SpanNode, type TraceTree } from './trace-tree.js';

/** Clocks of two instrumentations are this far apart at most. */
const TOLERANCE_NANOS = 1_000_000;
/** More calls that are alike are left as they are, since each is compared with each. */
const MAX_ALIKE = 1_000;

/** A span of a call, or of what may be one. */
interface Seen {
  readonly node: SpanNode;
  readonly call: LlmCall;
  readonly figures: Figures;
}

/** What shows that two spans may be of one call. */
interface Evidence {
  /** Spans with the same key may be of one call; `undefined` for one that is like no other. */
  readonly keyOf: (seen: Seen) => string | undefined;
  readonly areLayers: (inner: Seen, outer: Seen) => boolean;
}

/** The strongest first. */
const EVIDENCE: readonly Evidence[] = [
  {
    // One answer, whatever each of them has made of its tokens. A cache may give it again later.
    keyOf: ({ call }) => call.responseId,
    areLayers: ({ node: a }, { node: b }) => {
      return a.startNanos <= b.endNanos && b.startNanos <= a.endNanos;
    },
  },
  {
    keyOf: ({ node, figures }) => {
      const { inputTokens, outputTokens } = figures;
      if (!hasTokens(figures)) return undefined;
      return [node.record.service, inputTokens, outputTokens].join('\n');
    },
    areLayers: isWithinOther,
  },
  {
    // LangChain's spans of a stream mostly know no tokens, and some not even the model.
    keyOf: ({ node }) => node.record.service,
    areLayers: (inner, outer) => {
      const isUntold = !hasTokens(inner.figures) || !hasTokens(outer.figures);
      const haveFailed = [inner, outer].map(({ node }) => node.record.errorType !== undefined);
      return isUntold && haveFailed[0] === haveFailed[1] && isWithinOther(inner, outer);
    },
  },
];

/**
 * Puts the spans of one call into each other where two instrumentations report it beside each other: the outer one
 * does not run its work in the context of its span, as LangChain's callbacks.
 *
 *     answer         ├─────────────┤         answer         ├─────────────┤
 *     . ChatOpenAI     ├────────┤      ->    . ChatOpenAI     ├────────┤
 *     . chat gpt-4o      ├────┤              . . chat gpt-4o    ├────┤
 *
 * They have the id of one answer; or two instrumentations report them, of one model and service, one is within the time of
 * the other, and what both know of the tokens is the same. Two calls of one instrumentation stay two. Expects a tree that
 * is not analyzed yet, and may change it.
 */
export function joinLayers(tree: TraceTree): TraceTree {
  const seen = tree.nodes.flatMap(seenAt);
  const nesting = new Nesting(tree, seen);
  let isChanged = false;
  for (const evidence of EVIDENCE) {
    for (const [key, alike] of groupBy(seen, evidence.keyOf)) {
      const isPossible = key !== undefined && alike.length > 1 && alike.length <= MAX_ALIKE;
      if (isPossible) isChanged = joinAlike(alike, nesting, evidence) || isChanged;
    }
  }
  return isChanged ? { ...tree, nodes: preorder([...tree.roots, ...tree.orphans]) } : tree;
}

/** Which calls are inside which. */
class Nesting {
  /** The innermost call around a span. */
  readonly #around = new Map<SpanNode, SpanNode | undefined>();
  /** How many calls are directly inside a call. */
  readonly #held = new Map<SpanNode, number>();

  constructor({ nodes }: TraceTree, seen: readonly Seen[]) {
    const calls = new Set(seen.map(({ node }) => node));
    // Parents come before their children.
    for (const node of nodes) {
      const { parent } = node;
      if (parent === undefined) continue;
      this.#around.set(node, calls.has(parent) ? parent : this.#around.get(parent));
    }
    for (const { node } of seen) this.#add(this.#around.get(node), 1);
  }

  holds(call: SpanNode): boolean {
    return (this.#held.get(call) ?? 0) > 0;
  }

  /** `true` if it is the one call in another, which is a layer around it; several are in what tells their sum. */
  hasLayer(call: SpanNode): boolean {
    const around = this.#around.get(call);
    return around !== undefined && this.#held.get(around) === 1;
  }

  move(call: SpanNode, into: SpanNode): void {
    this.#add(this.#around.get(call), -1);
    this.#add(into, 1);
    this.#around.set(call, into);
  }

  #add(call: SpanNode | undefined, count: 1 | -1): void {
    if (call !== undefined) this.#held.set(call, (this.#held.get(call) ?? 0) + count);
  }
}

function seenAt(node: SpanNode): Seen[] {
  const { facts } = node.record;
  const figures: Figures = facts.ifAlone ?? facts;
  const { llmCall: call } = figures;
  return call === undefined || facts.attempt !== undefined ? [] : [{ node, call, figures }];
}

/** The shortest first, each into the shortest that it fits into, which is around no call yet. */
function joinAlike(alike: readonly Seen[], nesting: Nesting, { areLayers }: Evidence): boolean {
  const sorted = [...alike].sort((a, b) => nanosOf(a) - nanosOf(b));
  let isChanged = false;
  sorted.forEach((inner, at) => {
    const { node } = inner;
    if (node.parent === undefined || nesting.hasLayer(node)) return;
    const outer = sorted.slice(at + 1).find((other) => {
      return !nesting.holds(other.node) && areLayers(inner, other) && !isInside(other.node, node);
    });
    if (outer === undefined) return;
    node.parent.children = node.parent.children.filter((child) => child !== node);
    attach(outer.node, node);
    nesting.move(node, outer.node);
    isChanged = true;
  });
  return isChanged;
}

function isWithinOther({ node: inner, call: a }: Seen, { node: outer, call: b }: Seen): boolean {
  if (a.reporter === undefined || b.reporter === undefined || a.reporter === b.reporter)
    return false;
  const haveIds = a.responseId !== undefined && b.responseId !== undefined;
  if (haveIds && a.responseId !== b.responseId) return false;
  return (
    mayBeSameModel(a, b) &&
    inner.startNanos >= outer.startNanos - TOLERANCE_NANOS &&
    inner.endNanos <= outer.endNanos + TOLERANCE_NANOS
  );
}

function isInside(node: SpanNode, other: SpanNode): boolean {
  for (let at = node.parent; at !== undefined; at = at.parent) if (at === other) return true;
  return false;
}

function nanosOf({ node: { startNanos, endNanos } }: Seen): number {
  return endNanos - startNanos;
}
