import { addKinds, type CostByKind } from '../cost/cost-kinds.js';
import { kindsOfCost, priceFacts } from '../cost/price.js';
import { countSums } from './count-sums.js';
import { addFacts, NO_FACTS } from './span-record.js';
import type { CallFigures, LlmCall, SpanRecord } from './span-record.js';
import { forEachInSlices, type Sliced } from './slices.js';
import { OWN_SCOPE } from '../version.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

/** What counts at a span of the tokens and the cost of calls. */
export interface Used {
  /** The call that it is of, if that is known. */
  readonly call: LlmCall | undefined;
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  /** Parts of the tokens above. */
  cacheReadTokens?: number | undefined;
  cacheWriteTokens?: number | undefined;
  reasoningTokens?: number | undefined;
  costUsd?: number | undefined;
  /** What the cost is for, as far as that is known. */
  costByKind?: CostByKind | undefined;
  /** Not empty. */
  costExcludes?: readonly string[] | undefined;
  /** `true` if no span brought the cost. */
  isComputed?: boolean;
  /** `true` if a span above tells what it cost together with other calls. */
  isCovered?: boolean;
}

export type Figures = CallFigures & { readonly llmCall?: LlmCall };

/** What a span and those above it tell of a call. */
interface Told {
  readonly tokens: boolean;
  readonly cost: boolean;
}

const NOTHING: Told = { tokens: false, cost: false };

/**
 * Finds what counts of the tokens and costs that spans tell, and sets the `used` of nodes, so that all that was
 * used counts once, however many spans tell of it. Expects an analyzed tree. Returns `false` if there was nothing.
 *
 * - Several spans may tell of one call: the call itself, and other instrumentations inside it. The outermost with
 *   tokens counts, at the call. A failed attempt's usage is never part of the call's, which is that of the attempt
 *   that succeeded.
 * - A cost that a span of the call brings comes first. Else its tokens are priced, where a price is known.
 * - What agents and chains tell of the calls inside them counts where these do not know; see `countSums`.
 */
export function countUsage({ nodes }: TraceTree): boolean {
  const told = partsOf(nodes);
  if (told === undefined) return false;
  const { parts, hasFolded, hasSums } = told;
  if (hasFolded) countParts(parts);
  else for (const node of parts) countAlone(node);
  if (hasSums) countSums(nodes);
  return true;
}

/** As {@link countUsage}, for large traces. */
export function* countInSlices({ nodes }: TraceTree): Sliced<boolean> {
  const told = partsOf(nodes);
  if (told === undefined) return false;
  const { parts, hasFolded, hasSums } = told;
  yield;
  if (hasFolded) countParts(parts);
  else yield* forEachInSlices(parts.length, (at) => countAlone(parts[at]!));
  yield;
  if (hasSums) countSums(nodes);
  return true;
}

function partsOf(nodes: readonly SpanNode[]) {
  const parts: SpanNode[] = [];
  let hasSums = false;
  let hasFolded = false;
  for (const node of nodes) {
    const { facts } = node.record;
    if (facts === NO_FACTS) continue;
    const isFolded = node.operation !== node.record;
    if (facts.ifAlone !== undefined && !isFolded && !node.stillRunning) hasSums = true;
    if (!isFolded && !tells(facts)) continue;
    parts.push(node);
    hasFolded ||= isFolded;
  }
  return parts.length === 0 && !hasSums ? undefined : { parts, hasSums, hasFolded };
}

/** Of a span that is a part of nothing, where nothing is a part of another. */
function countAlone(node: SpanNode): void {
  const { facts } = node.record;
  if (node.stillRunning) return;
  addUsed(node, facts, costOfFigures(facts, node.record), !bringsCost(facts));
}

/** The outermost first. */
function countParts(parts: readonly SpanNode[]): void {
  const tops = new Map<SpanRecord, SpanNode>();
  for (const node of parts) if (!tops.has(node.operation)) tops.set(node.operation, node);
  const topOf = (node: SpanNode) => {
    const { failedAttempt, operation } = node;
    return failedAttempt?.operation === operation ? failedAttempt : tops.get(operation)!;
  };
  const brought = new Set<SpanNode>();
  for (const node of parts) if (bringsCost(figuresOf(node))) brought.add(topOf(node));
  const richer = richerParts(parts, topOf);
  const costed = partsAroundCosts(parts, topOf);

  const told = new Map<SpanNode, Told>();
  for (const node of parts) {
    const top = topOf(node);
    const above = node === top ? toldOutside(node) : (told.get(node.parent!) ?? NOTHING);
    const isBrought = brought.has(top);
    const own = figuresOf(node);
    const most = richer.get(node) ?? own;
    const tokens = above.tokens ? NO_FACTS : most;
    const isLeft = costed.has(node) && own.costUsd === undefined && isOfHotspan(node);
    const isUseful = !above.cost && !isLeft && (!isBrought || bringsCost(own));
    const cost = isUseful ? costOfFigures(isBrought ? own : most, node.operation) : undefined;
    told.set(node, {
      tokens: above.tokens || hasTokens(tokens),
      cost: above.cost || cost !== undefined,
    });
    if (!top.stillRunning) addUsed(top, tokens, cost, !isBrought);
  }
}

function tells({ llmCall, inputTokens, outputTokens, costUsd }: Figures): boolean {
  return (llmCall ?? inputTokens ?? outputTokens ?? costUsd) !== undefined;
}

export function hasTokens({ inputTokens, outputTokens }: CallFigures): boolean {
  return (inputTokens ?? outputTokens) !== undefined;
}

export function bringsCost({ costUsd, isCostComputed }: CallFigures): boolean {
  return costUsd !== undefined && isCostComputed !== true;
}

/** A layer around one call tells of that alone. */
function figuresOf({ record: { facts }, operation, record }: SpanNode): Figures {
  const { ifAlone } = facts;
  return ifAlone === undefined || operation === record ? facts : addFacts(facts, ifAlone);
}

/** What the call is known to have used where its span is not in the tree. */
function toldOutside({ record, operation, failedAttempt }: SpanNode): Told {
  if (operation === record || failedAttempt?.operation === operation) return NOTHING;
  return { tokens: hasTokens(operation.facts), cost: operation.facts.costUsd !== undefined };
}

/** What counts of a span that is in no tree. Without the spans inside it, its sums may count twice: they do not count. */
export function usedOutside(record: SpanRecord, operation: SpanRecord): Used | undefined {
  const { facts } = record;
  if (!tells(facts)) return undefined;
  const isPart = record !== operation && facts.llmCall !== undefined;
  const above = isPart ? operation.facts : NO_FACTS;
  const { inputTokens, outputTokens } = hasTokens(above) ? NO_FACTS : facts;
  const cost = above.costUsd === undefined ? costOfFigures(facts, operation) : undefined;
  const call = operation.facts.llmCall ?? facts.llmCall;
  const used: Used = { call, inputTokens, outputTokens };
  if (cost !== undefined) addCost(used, cost);
  return used;
}

type Cost = Pick<CallFigures, 'costUsd' | 'costExcludes' | 'costByKind'>;

/** The cost that a span brings, or that was computed when it ended; else its tokens are priced. */
export function costOfFigures(
  figures: CallFigures & { readonly llmCall?: LlmCall | undefined },
  { facts }: Pick<SpanRecord, 'facts'>,
): Cost | undefined {
  const { costUsd, costExcludes = [], llmCall = facts.llmCall } = figures;
  if (costUsd !== undefined) {
    if (figures.costByKind !== undefined || llmCall === undefined) return figures;
    return { costUsd, costExcludes, costByKind: kindsOfCost(costUsd, figures, llmCall) };
  }
  const priced = priceFacts({ ...figures, llmCall, cacheHit: facts.cacheHit });
  if (priced === undefined) return undefined;
  const { usd, excludes = [], byKind } = priced;
  return { costUsd: usd, costExcludes: excludes, costByKind: byKind };
}

function addUsed(top: SpanNode, tokens: CallFigures, cost: Cost | undefined, isComputed: boolean) {
  const used = (top.used ??= { call: top.operation.facts.llmCall });
  used.inputTokens = sum(used.inputTokens, tokens.inputTokens);
  used.outputTokens = sum(used.outputTokens, tokens.outputTokens);
  used.cacheReadTokens = sum(used.cacheReadTokens, tokens.cacheReadTokens);
  used.cacheWriteTokens = sum(used.cacheWriteTokens, tokens.cacheWriteTokens);
  used.reasoningTokens = sum(used.reasoningTokens, tokens.reasoningTokens);
  if (cost === undefined) return;
  used.isComputed = isComputed;
  addCost(used, cost);
}

/** Adds a cost, what it is for, and what is not in it. */
export function addCost(used: Used, cost: Cost): void {
  const { costUsd, costExcludes = [], costByKind } = cost;
  used.costUsd = sum(used.costUsd, costUsd);
  used.costByKind =
    used.costByKind && costByKind
      ? addKinds([...used.costByKind], costByKind)
      : (used.costByKind ?? costByKind);
  if (costExcludes.length > 0) {
    used.costExcludes = [...new Set([...(used.costExcludes ?? []), ...costExcludes])];
  }
}

export function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : a + b;
}

/**
 * Finds the spans of calls with a single layer inside that knows more of the same usage: which of the tokens were
 * cached, what else was sold. They count with what that one tells.
 */
function richerParts(
  parts: readonly SpanNode[],
  topOf: (node: SpanNode) => SpanNode,
): Map<SpanNode, Figures> {
  const richer = new Map<SpanNode, Figures>();
  /** What the layers inside a span tell; `undefined` if there are several. */
  const inside = new Map<SpanNode, Figures | undefined>();
  for (let at = parts.length - 1; at >= 0; at -= 1) {
    const node = parts[at]!;
    const own = figuresOf(node);
    let most = inside.get(node);
    if (hasTokens(own)) {
      if (most !== undefined && isRicher(most, own)) richer.set(node, most);
      else most = own;
    }
    const { parent } = node;
    if (most === undefined || parent === undefined || topOf(node) === node) continue;
    inside.set(parent, inside.has(parent) ? undefined : most);
  }
  return richer;
}

/** Finds the spans of calls with a cost on a span inside them. */
function partsAroundCosts(
  parts: readonly SpanNode[],
  topOf: (node: SpanNode) => SpanNode,
): ReadonlySet<SpanNode> {
  const around = new Set<SpanNode>();
  for (let at = parts.length - 1; at >= 0; at -= 1) {
    const node = parts[at]!;
    const hasCost = around.has(node) || figuresOf(node).costUsd !== undefined;
    if (hasCost && node.parent !== undefined && topOf(node) !== node) around.add(node.parent);
  }
  return around;
}

/** Where its calls are in each other, the outer one has a cost if that is more than what is inside. */
function isOfHotspan({ record: { facts } }: SpanNode): boolean {
  return facts.attempt !== undefined || facts.llmCall?.reporter === OWN_SCOPE;
}

function isRicher(a: CallFigures, b: CallFigures): boolean {
  const { inputTokens = 0, outputTokens = 0 } = b;
  if ((a.inputTokens ?? -1) < inputTokens || (a.outputTokens ?? 0) < outputTokens) return false;
  return detailsOf(a) > detailsOf(b);
}

function detailsOf(figures: CallFigures): number {
  const { cacheReadTokens, cacheWriteTokens, reasoningTokens, usageDetails = {} } = figures;
  const known = [cacheReadTokens, cacheWriteTokens, reasoningTokens].filter(
    (value) => value !== undefined,
  );
  return known.length + Object.keys(usageDetails).length;
}
