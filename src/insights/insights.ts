import type { Insight } from '../summary.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import { forEachInSlices, runAtOnce, SLICE, type Sliced } from '../trace/slices.js';
import { NO_FACTS } from '../trace/span-record.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { agentLoop } from './agent-loop.js';
import { blockedEventLoop } from './blocked-event-loop.js';
import { coldStart } from './cold-start.js';
import { costlyRetries } from './costly-retries.js';
import { dominant } from './dominant.js';
import { withoutJobs, withoutWeaker, withSpans, weigh, type Totals } from './finding.js';
import { growingContext } from './growing-context.js';
import { growingSession } from './growing-session.js';
import { independentCalls } from './independent-calls.js';
import { lateSuccess } from './late-success.js';
import { manyShortCalls, MIN_CALLS } from './many-short-calls.js';
import { repeatedCalls } from './repeated-calls.js';
import { MIN_SHARE_OF_PARENT, SeenTrace, type Family, type InsightRule } from './rule.js';
import { MIN_RUN, sequentialCalls } from './sequential-calls.js';
import { sideBySide } from './side-by-side.js';
import { slowReader } from './slow-reader.js';
import { slowTail } from './slow-tail.js';
import { timeout } from './timeout.js';
import { unusedPromptCache } from './unused-prompt-cache.js';

/** All kinds of insights. Sequential calls leave out what many short calls found. */
const RULES: readonly ((rowOf: RowOf) => InsightRule)[] = [
  repeatedCalls,
  growingContext,
  growingSession,
  unusedPromptCache,
  slowReader,
  manyShortCalls,
  sequentialCalls,
  independentCalls,
  costlyRetries,
  lateSuccess,
  timeout,
  blockedEventLoop,
  sideBySide,
  agentLoop,
  coldStart,
  () => ({ findings: slowTail }),
  () => ({ findings: dominant }),
];

/** Looks for what may be worth a change, in bounded memory: `docs/insights.md` has the rule of each kind. */
export class Insights {
  readonly #rules: readonly InsightRule[];
  readonly #ofFamilies: readonly InsightRule[];
  readonly #ofTraces: readonly InsightRule[];
  readonly #ofAll: readonly InsightRule[];

  /** @param rowOf the row that a span counts for: insights tell of rows */
  constructor(rowOf: RowOf) {
    this.#rules = RULES.map((rule) => rule(rowOf));
    this.#ofFamilies = this.#rules.filter(({ addFamily }) => addFamily !== undefined);
    this.#ofTraces = this.#rules.filter(({ addTrace }) => addTrace !== undefined);
    this.#ofAll = this.#rules.filter(({ addEvery }) => addEvery !== undefined);
  }

  /**
   * Adds one analyzed trace. O(n log n), never throws.
   *
   * @param originEpochMillis when the trace's time 0 was
   */
  addTrace(tree: TraceTree, originEpochMillis: number): void {
    for (const rule of this.#ofAll) rule.addEvery!(tree, originEpochMillis);
    let trace: SeenTrace | undefined;
    for (const node of tree.nodes) {
      if (isPlain(node)) continue;
      trace ??= new SeenTrace(tree, originEpochMillis);
      trace.add(node);
      const family = familyOf(node, trace);
      if (family !== undefined) this.#addFamily(family);
    }
    if (trace === undefined) return;
    for (const rule of this.#ofTraces) addSeen(rule, trace);
  }

  /** As {@link addTrace}, for large traces. */
  *addInSlices(tree: TraceTree, originEpochMillis: number): Sliced {
    for (const rule of this.#ofAll) rule.addEvery!(tree, originEpochMillis);
    const trace = new SeenTrace(tree, originEpochMillis);
    let looked = 0;
    for (const node of tree.nodes) {
      trace.add(node);
      const hasMany = node.children.length > SLICE;
      const mayTell = !isPlain(node);
      if (hasMany) yield;
      const family = mayTell ? familyOf(node, trace) : undefined;
      if (hasMany) yield;
      if (family !== undefined && hasMany) yield* this.#addLarge(family);
      else if (family !== undefined) this.#addFamily(family);
      looked += 1 + node.children.length;
      if (looked < SLICE) continue;
      looked = 0;
      yield;
    }
    for (const rule of this.#ofTraces) {
      yield;
      addSeen(rule, trace);
    }
  }

  /** Returns the insights, the largest saving first. */
  list(totals: Totals): Insight[] {
    const found = this.#rules.flatMap((rule) => rule.findings(totals));
    const findings = withSpans(found, totals.rows);
    return withoutWeaker(weigh(withoutJobs(findings, totals.rows), totals));
  }

  #addFamily(family: Family): void {
    for (const rule of this.#ofFamilies) {
      const visitor = rule.addFamily!(family);
      if (visitor === undefined) continue;
      for (const child of family.children) visitor.add(child);
      visitor.end?.();
      const rest = visitor.endInSlices?.();
      if (rest !== undefined) runAtOnce(rest);
    }
  }

  *#addLarge(family: Family): Sliced {
    for (const rule of this.#ofFamilies) {
      const visitor = rule.addFamily!(family);
      if (visitor === undefined) continue;
      yield;
      yield* forEachInSlices(family.children.length, (at) => visitor.add(family.children[at]));
      visitor.end?.();
      const rest = visitor.endInSlices?.();
      if (rest !== undefined) yield* rest;
      yield;
    }
  }
}

function addSeen({ looksAt, addTrace }: InsightRule, trace: SeenTrace): void {
  if (looksAt === undefined || trace[looksAt].length > 0) addTrace!(trace);
}

/** Nothing is to be seen in a span that tells nothing, if no rule would look at its children. */
function isPlain(node: SpanNode): boolean {
  return node.record.facts === NO_FACTS && (node.children.length < 2 || isPlainFamily(node));
}

/** `true` for children that tell nothing, and are few or of changing rows, or not waited for. */
function isPlainFamily({ startNanos, endNanos, children }: SpanNode): boolean {
  let critical = 0;
  let run = 0;
  let longestRun = 0;
  let last: SpanNode | undefined;
  for (const child of children) {
    if (child.record.facts !== NO_FACTS) return false;
    critical += child.criticalInsideNanos;
    run = mayBelongTogether(child.row, last?.row) ? run + 1 : 1;
    if (run > longestRun) longestRun = run;
    last = child;
  }
  if (critical < MIN_SHARE_OF_PARENT * (endNanos - startNanos)) return true;
  return longestRun < MIN_RUN && children.length < MIN_CALLS;
}

/** Of one row, or of names that begin alike, as `load profile` and `load orders`. */
function mayBelongTogether(one: RowName | undefined, other: RowName | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const [a, b] = [one.name, other.name];
  return a.charCodeAt(0) === b.charCodeAt(0) && a.charCodeAt(1) === b.charCodeAt(1);
}

function familyOf(parent: SpanNode, { tokens, tree }: SeenTrace): Family | undefined {
  if (parent.children.length < 2) return undefined;
  // The children of a retried operation are its attempts.
  if (parent.children.some(({ record }) => record.facts.attempt !== undefined)) return undefined;
  const children: (SpanNode | undefined)[] = [];
  // The analysis has ordered them by their ends, the latest first.
  for (let at = parent.children.length - 1; at >= 0; at -= 1) {
    const child = parent.children[at]!;
    if (child.operation === child.record) children.push(isDone(child) ? child : undefined);
  }
  return { parent, children, tokens, streams: tree.streams ?? [], found: undefined };
}

/** A call that failed may have been tried again by the next one of its name. */
function isDone({ record, waitedFor, stillRunning }: SpanNode): boolean {
  return waitedFor && !stillRunning && record.errorType === undefined;
}
