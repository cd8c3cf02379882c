import { addKinds, noKinds } from '../cost/cost-kinds.js';
import { addCost, bringsCost, costOfFigures, hasTokens, sum, type Used } from './count-usage.js';
import { NO_FACTS, type CallFigures, type LlmCall } from './span-record.js';
import type { SpanNode } from './trace-tree.js';

/** What is known of the calls inside a span. */
interface Inside {
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  /** Of the calls that bring theirs, and of the others. */
  brought: number | undefined;
  computed: number | undefined;
  /** One whose tokens are not known, and one whose cost is not known. */
  untold: LlmCall | undefined;
  uncosted: LlmCall | undefined;
}

/** What a span changes at the calls inside it: their computed costs, times a factor, and whether it tells the others'. */
interface Change {
  readonly factor: number;
  readonly covers: boolean;
}

/**
 * Counts what agents, chains and other spans above calls tell of all calls inside them together, where these do not
 * know it themselves: never more than the difference, so that nothing counts twice. A cost that such a span brings
 * comes before those that are computed from the tokens of all the calls inside it.
 *
 *     invoke_agent   30 tokens, $0.3          10 tokens and $0.2 count here
 *     . chat         20 tokens, $0.1
 *     . chat         ?                        neither unpriced, nor counted with 0
 */
export function countSums(nodes: readonly SpanNode[]): void {
  const inside = new Map<SpanNode, Inside>();
  const changes = new Map<SpanNode, Change>();
  // Children come after their parents.
  for (let at = nodes.length - 1; at >= 0; at -= 1) {
    const node = nodes[at]!;
    let all = inside.get(node);
    const { ifAlone } = node.record.facts;
    if (node.used !== undefined) all = withCall(node, node.used, all);
    else if (ifAlone !== undefined && node.operation === node.record && !node.stillRunning) {
      all ??= noneInside();
      const change = addDifference(node, ifAlone, all);
      if (change !== undefined) changes.set(node, change);
    }
    if (all === undefined || node.parent === undefined) continue;
    const known = inside.get(node.parent);
    inside.set(node.parent, known === undefined ? all : joined(known, all));
  }
  if (changes.size > 0) applyChanges(nodes, changes);
}

function noneInside(): Inside {
  const figures = { inputTokens: undefined, outputTokens: undefined };
  const costs = { brought: undefined, computed: undefined };
  return { ...figures, ...costs, untold: undefined, uncosted: undefined };
}

function withCall(node: SpanNode, used: Used, below: Inside | undefined): Inside {
  const { llmCall, cacheHit } = node.record.facts;
  const isAnswered = node.record.errorType === undefined && cacheHit === undefined;
  const call = isAnswered && node.operation === node.record ? llmCall : undefined;
  const own: Inside = {
    inputTokens: used.inputTokens,
    outputTokens: used.outputTokens,
    brought: used.isComputed === true ? undefined : used.costUsd,
    computed: used.isComputed === true ? used.costUsd : undefined,
    untold: hasTokens(used as CallFigures) ? undefined : call,
    uncosted: used.costUsd === undefined ? call : undefined,
  };
  return below === undefined ? own : joined(below, own);
}

function joined(a: Inside, b: Inside): Inside {
  return {
    inputTokens: sum(a.inputTokens, b.inputTokens),
    outputTokens: sum(a.outputTokens, b.outputTokens),
    brought: sum(a.brought, b.brought),
    computed: sum(a.computed, b.computed),
    untold: a.untold ?? b.untold,
    uncosted: a.uncosted ?? b.uncosted,
  };
}

type Sums = CallFigures & { readonly llmCall?: LlmCall };

/** Counts at the span what is not known inside it, and adds that to what is. */
function addDifference(node: SpanNode, sums: Sums, all: Inside): Change | undefined {
  const { untold, uncosted } = all;
  const used: Used = { call: sums.llmCall ?? untold ?? uncosted };
  const isAlone = all.inputTokens === undefined && all.outputTokens === undefined;
  const wasUntold = hasTokens(sums) && (untold !== undefined || isAlone);
  if (wasUntold) {
    used.inputTokens = difference(sums.inputTokens, all.inputTokens);
    used.outputTokens = difference(sums.outputTokens, all.outputTokens);
    all.inputTokens = sum(all.inputTokens, used.inputTokens);
    all.outputTokens = sum(all.outputTokens, used.outputTokens);
    all.untold = undefined;
  }
  const change = bringsCost(sums)
    ? addBrought(used, sums.costUsd!, all)
    : addComputed(used, sums, all, wasUntold && isAlone);
  if (hasTokens(used as CallFigures) || used.costUsd !== undefined) node.used = used;
  return change;
}

function addBrought(used: Used, usd: number, all: Inside): Change | undefined {
  const { brought, computed = 0, uncosted } = all;
  if (brought !== undefined && uncosted === undefined) return undefined;
  const rest = Math.max(0, usd - (brought ?? 0));
  const factor = brought === undefined && computed > rest ? rest / computed : 1;
  const here = rest - factor * computed;
  if (brought !== undefined && here <= 0) return undefined;
  if (here > 0 || computed === 0) used.costUsd = Math.max(0, here);
  all.brought = Math.max(usd, brought ?? 0);
  all.computed = undefined;
  all.uncosted = undefined;
  return { factor, covers: true };
}

/** Where nothing inside tells tokens, those of the span are priced. */
function addComputed(used: Used, sums: Sums, all: Inside, isWhole: boolean): Change | undefined {
  if (!isWhole || (all.brought ?? all.computed) !== undefined) return undefined;
  const cost = costOfFigures({ ...sums, llmCall: used.call }, { facts: NO_FACTS });
  if (cost === undefined) return undefined;
  addCost(used, cost);
  used.isComputed = true;
  all.computed = cost.costUsd;
  all.uncosted = undefined;
  return { factor: 1, covers: true };
}

function difference(all: number | undefined, known = 0): number | undefined {
  return all === undefined ? undefined : Math.max(0, all - known);
}

function applyChanges(nodes: readonly SpanNode[], changes: ReadonlyMap<SpanNode, Change>): void {
  const above = new Map<SpanNode, Change>();
  for (const node of nodes) {
    const change = node.parent === undefined ? undefined : above.get(node.parent);
    const { used } = node;
    if (change !== undefined && used !== undefined) {
      if (used.costUsd === undefined) used.isCovered = change.covers;
      else if (used.isComputed === true && change.factor !== 1) {
        used.costUsd *= change.factor;
        used.costByKind = addKinds(noKinds(), used.costByKind, change.factor);
      }
    }
    const own = changes.get(node);
    const both = own && change ? combined(own, change) : (own ?? change);
    if (both !== undefined) above.set(node, both);
  }
}

function combined(a: Change, b: Change): Change {
  return { factor: a.factor * b.factor, covers: a.covers || b.covers };
}
