import type { Insight } from '../summary.js';
import type { RowOf } from '../trace/row-names.js';
import { runAtOnce, SLICE, type Sliced } from '../trace/slices.js';
import { NO_FACTS } from '../trace/span-facts.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { blockedEventLoop } from './blocked-event-loop.js';
import { costlyRetries } from './costly-retries.js';
import { dominant } from './dominant.js';
import { weigh, type Totals } from './finding.js';
import { growingContext } from './growing-context.js';
import { manyShortCalls } from './many-short-calls.js';
import { repeatedCalls } from './repeated-calls.js';
import { SeenTrace, type Family, type InsightRule } from './rule.js';
import { sequentialCalls } from './sequential-calls.js';
import { timeout } from './timeout.js';

/** All kinds of insights. Sequential calls leave out what many short calls found. */
const RULES: readonly ((rowOf: RowOf) => InsightRule)[] = [
  repeatedCalls,
  growingContext,
  manyShortCalls,
  sequentialCalls,
  costlyRetries,
  timeout,
  blockedEventLoop,
  () => ({ findings: dominant }),
];

/** Looks for what may be worth a change, in bounded memory: `docs/insights.md` has the rule of each kind. */
export class Insights {
  readonly #rules: readonly InsightRule[];

  /** @param rowOf the row that a span counts for: insights tell of rows */
  constructor(rowOf: RowOf) {
    this.#rules = RULES.map((rule) => rule(rowOf));
  }

  /** Adds one analyzed trace. O(n log n), never throws. */
  addTrace(tree: TraceTree): void {
    if (!tree.nodes.every(isPlain)) runAtOnce(this.addInSlices(tree));
  }

  /** As {@link addTrace}, for large traces. */
  *addInSlices(tree: TraceTree): Sliced {
    const trace = new SeenTrace(tree);
    let looked = 0;
    for (const node of tree.nodes) {
      trace.add(node);
      const family = isPlain(node) ? undefined : familyOf(node, trace);
      for (const rule of family === undefined ? [] : this.#rules) {
        const work = rule.addFamily?.(family!);
        if (work !== undefined) yield* work;
      }
      looked += 1 + node.children.length;
      if (looked < SLICE) continue;
      looked = 0;
      yield;
    }
    for (const rule of this.#rules) rule.addTrace?.(trace);
  }

  /** Returns the insights, the largest saving first. */
  list(totals: Totals): Insight[] {
    const findings = this.#rules.flatMap((rule) => rule.findings(totals));
    return weigh(findings, totals);
  }
}

/** Nothing is to be seen in a span that tells nothing, with up to two children that tell nothing. */
function isPlain({ record, children }: SpanNode): boolean {
  return record.facts === NO_FACTS && (children.length < 2 || isPlainPair(children));
}

function isPlainPair([first, second, third]: readonly SpanNode[]): boolean {
  const isPair = third === undefined;
  return isPair && first?.record.facts === NO_FACTS && second?.record.facts === NO_FACTS;
}

function familyOf(parent: SpanNode, { tokens }: SeenTrace): Family | undefined {
  if (parent.children.length < 2) return undefined;
  // The children of a retried operation are its attempts.
  if (parent.children.some(({ record }) => record.facts.attempt !== undefined)) return undefined;
  const children: (SpanNode | undefined)[] = [];
  // The analysis has ordered them by their ends, the latest first.
  for (let at = parent.children.length - 1; at >= 0; at -= 1) {
    const child = parent.children[at]!;
    if (child.operation === child.record) children.push(isDone(child) ? child : undefined);
  }
  return { parent, children, tokens, found: undefined };
}

/** A call that failed may have been tried again by the next one of its name. */
function isDone({ record, waitedFor, stillRunning }: SpanNode): boolean {
  return waitedFor && !stillRunning && record.errorType === undefined;
}
