import type { RowOf } from '../trace/row-names.js';
import { SLICE, type Sliced } from '../trace/slices.js';
import { NO_FACTS } from '../trace/span-facts.js';
import type { Insight } from '../summary.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { BlockedEventLoop } from './blocked-event-loop.js';
import { CostlyRetries } from './costly-retries.js';
import { dominant } from './dominant.js';
import { weigh, type Totals } from './finding.js';
import { GrowingContext } from './growing-context.js';
import { ManyShortCalls } from './many-short-calls.js';
import { RepeatedCalls } from './repeated-calls.js';
import { SequentialCalls } from './sequential-calls.js';
import { Timeouts } from './timeout.js';
import { TokensInside } from './tokens-inside.js';

/**
 * Looks for what may be worth a change in analyzed traces, in bounded memory: see `docs/insights.md`
 * for each kind, its rule and what it can be wrong about.
 */
export class Insights {
  readonly #repeated: RepeatedCalls;
  readonly #growing: GrowingContext;
  readonly #sequential: SequentialCalls;
  readonly #short: ManyShortCalls;
  readonly #retries: CostlyRetries;
  readonly #timeouts: Timeouts;
  readonly #blocked: BlockedEventLoop;

  /** @param rowOf what a span counts for: insights tell of rows */
  constructor(rowOf: RowOf) {
    this.#repeated = new RepeatedCalls(rowOf);
    this.#growing = new GrowingContext(rowOf);
    this.#sequential = new SequentialCalls(rowOf);
    this.#short = new ManyShortCalls(rowOf);
    this.#retries = new CostlyRetries(rowOf);
    this.#timeouts = new Timeouts(rowOf);
    this.#blocked = new BlockedEventLoop(rowOf);
  }

  /** Adds one analyzed trace. O(n log n), never throws. */
  addTrace(tree: TraceTree): void {
    if (tree.nodes.every(isPlain)) return;
    const seen = new Seen(tree);
    for (const node of tree.nodes) {
      if (node.children.length > 1 && !isPlain(node)) this.#addChildren(node, seen.tokens);
      this.#addNode(node, seen);
    }
    this.#addSeen(seen);
  }

  /** As {@link addTrace}, for large traces. */
  *addInSlices(tree: TraceTree): Sliced {
    const seen = new Seen(tree);
    let looked = 0;
    for (const node of tree.nodes) {
      if (node.children.length > SLICE) yield* this.#addManyChildren(node, seen.tokens);
      else if (node.children.length > 1) this.#addChildren(node, seen.tokens);
      this.#addNode(node, seen);
      looked += 1 + node.children.length;
      if (looked < SLICE) continue;
      looked = 0;
      yield;
    }
    this.#addSeen(seen);
  }

  #addNode(node: SpanNode, seen: Seen): void {
    const { facts } = node.record;
    if (facts === NO_FACTS || node.stillRunning) return;
    if (facts.attempt !== undefined) this.#timeouts.add(node);
    if (facts.blockedSeconds !== undefined) seen.blockers.push(node);
    const isCall = facts.llmCall !== undefined && facts.cacheHit === undefined;
    if (isCall && node.operation === node.record) seen.calls.push(node);
  }

  #addSeen({ tree, calls, blockers }: Seen): void {
    for (const call of calls) this.#repeated.add(call);
    this.#growing.addTrace(calls);
    if (blockers.length > 0) this.#blocked.addTrace(tree, blockers);
  }

  /** What is worth a word, the largest saving first. */
  list(totals: Totals): Insight[] {
    const sources = [
      this.#repeated,
      this.#growing,
      this.#sequential,
      this.#short,
      this.#retries,
      this.#timeouts,
      this.#blocked,
    ];
    const findings = sources.flatMap((source) => source.findings(totals));
    return weigh([...findings, ...dominant(totals)], totals);
  }

  #addChildren(parent: SpanNode, tokens: TokensInside): void {
    const inOrder = this.#inOrder(parent);
    if (inOrder === undefined) return;
    const isTaken = this.#short.addChildren(parent, inOrder, tokens);
    this.#sequential.addChildren(parent, inOrder, tokens, isTaken);
  }

  *#addManyChildren(parent: SpanNode, tokens: TokensInside): Sliced {
    const inOrder = this.#inOrder(parent);
    if (inOrder === undefined) return;
    yield;
    const isTaken = yield* this.#short.addInSlices(parent, inOrder, tokens);
    yield* this.#sequential.addInSlices(parent, inOrder, tokens, isTaken);
  }

  /**
   * The operations among the children in the order of their ends, undefined for those that are not to be
   * looked at; nothing of a retried operation, whose children are its attempts.
   */
  #inOrder(parent: SpanNode): (SpanNode | undefined)[] | undefined {
    const { children } = parent;
    if (children.some(({ record }) => record.facts.attempt !== undefined)) {
      this.#retries.add(parent);
      return undefined;
    }
    // The analysis has ordered them by their ends, the latest first.
    const inOrder: (SpanNode | undefined)[] = [];
    for (let at = children.length - 1; at >= 0; at -= 1) {
      const child = children[at]!;
      if (child.operation !== child.record) continue;
      inOrder.push(isDone(child) ? child : undefined);
    }
    return inOrder;
  }
}

/** Most: nothing is to be seen in what says nothing, and in up to two children that say nothing. */
function isPlain({ record, children }: SpanNode): boolean {
  return record.facts === NO_FACTS && (children.length < 2 || isPlainPair(children));
}

function isPlainPair([first, second, third]: readonly SpanNode[]): boolean {
  const isPair = third === undefined;
  return isPair && first?.record.facts === NO_FACTS && second?.record.facts === NO_FACTS;
}

/** What is kept of a trace while its spans are looked at. */
class Seen {
  readonly tree: TraceTree;
  readonly tokens: TokensInside;
  readonly calls: SpanNode[] = [];
  readonly blockers: SpanNode[] = [];

  constructor(tree: TraceTree) {
    this.tree = tree;
    this.tokens = new TokensInside(tree);
  }
}

/** What failed may have been tried again by the next one of its name. */
function isDone({ record, waitedFor, stillRunning }: SpanNode): boolean {
  return waitedFor && !stillRunning && record.errorType === undefined;
}
