import { getOrMake, groupBy } from '../bounded.js';
import { walkCriticalPath } from '../trace/critical-path.js';
import { byEndDescending } from '../trace/self-time.js';
import { runAtOnce } from '../trace/slices.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import { Ends } from './ends.js';
import { causesOf, endOfWait, Evidence } from './evidence.js';
import { Explanation } from './explanation.js';
import { Flows, type PathSection } from './flows.js';
import { holdTrace, type HeldTrace } from './held-trace.js';
import { findPace, markIdle } from './idle.js';
import { findPools, waitsOf } from './pools.js';
import {
  collectStarts,
  collectStretches,
  RowNumbers,
  type StretchKind,
  type Stretch,
} from './stretches.js';

/**
 * The most spans to hold, and of one trace. Half of them are looked at in one go when there are more, which must not
 * hold up the process.
 */
const MAX_SPANS = 1_024;
/** All of so many spans are looked at; later at most this share of them, in bursts at least so far apart. */
const ALL_OF = 16_384;
const SHARE = 1 / 32;
const PAUSE_MILLIS = 10_000;
/** Kinds of stretches that take less of all time are left alone. */
const MIN_SHARE = 0.005;

interface Held {
  readonly trace: HeldTrace;
  readonly toleranceNanos: number | undefined;
  /** Is given the trace with its waits explained. */
  readonly onExplained: ((tree: TraceTree) => void) | undefined;
}

interface Context {
  readonly originEpochMillis: number;
  readonly toleranceNanos?: number;
}

/**
 * Finds out what spans waited for in their own time, in bounded memory and time.
 *
 * It holds the traces of the last thousand spans. In these it looks for stretches of own time that end, again
 * and again, just after a span of one other row has ended, in any trace: more surely than chance would have it.
 */
export class Waits {
  readonly #numbers = new RowNumbers();
  readonly #evidence = new Evidence();
  readonly #flows = new Flows();
  /** Looked at already; waits may have ended with the ends of their spans. */
  #before: Held[] = [];
  #held: Held[] = [];
  #heldSpans = 0;
  #baseMillis: number | undefined = undefined;
  #seenSpans = 0;
  #takenSpans = 0;
  #takenUntil = ALL_OF;
  #pausedMillis = 0;
  #isPaused = false;
  #found: Flows | undefined = undefined;

  /** Returns whether the next trace, of so many spans, is looked at. */
  wants(spans: number, { originEpochMillis }: Context): boolean {
    this.#seenSpans += spans;
    if (spans > MAX_SPANS) return false;
    if (this.#isPaused) {
      if (ALL_OF + SHARE * this.#seenSpans < this.#takenSpans) return false;
      if (Math.abs(originEpochMillis - this.#pausedMillis) < PAUSE_MILLIS) return false;
      this.#isPaused = false;
      this.#takenUntil = this.#takenSpans + MAX_SPANS;
    } else if (this.#takenSpans >= this.#takenUntil) {
      // Some thousand spans one after another: single traces would not show what ended their waits.
      this.#finish();
      this.#isPaused = true;
      this.#pausedMillis = originEpochMillis;
      return false;
    }
    return true;
  }

  /** Adds a trace that was analyzed and ranked, if it is wanted. */
  add(tree: TraceTree, context: Context, onExplained?: Held['onExplained']): void {
    this.#found = undefined;
    this.#baseMillis ??= context.originEpochMillis;
    const origin = Math.round((context.originEpochMillis - this.#baseMillis) * 1e6);
    const trace = holdTrace(tree, origin);
    this.#held.push({ trace, toleranceNanos: context.toleranceNanos, onExplained });
    this.#heldSpans += trace.nodes.length;
    this.#takenSpans += trace.nodes.length;
    if (this.#heldSpans > MAX_SPANS) this.#look(MAX_SPANS / 2);
  }

  /** Returns what was found so far, with the traces that are held. */
  flows(): Flows {
    if (this.#found === undefined) {
      this.#found = new Flows();
      this.#found.merge(this.#flows);
      if (this.#held.length > 0) this.#found.merge(this.#study(this.#held).flows);
    }
    return this.#found;
  }

  #finish(): void {
    if (this.#held.length > 0) this.#look(0);
    this.#before = [];
    this.#baseMillis = undefined;
  }

  /** Looks at the oldest traces, so that at most `spans` are left for the next time. */
  #look(spans: number): void {
    let count = 0;
    while (this.#heldSpans > spans && count < this.#held.length) {
      this.#heldSpans -= this.#held[count]!.trace.nodes.length;
      count += 1;
    }
    const looked = this.#held.slice(0, count);
    const { flows, evidence } = this.#study(looked);
    this.#flows.merge(flows);
    this.#evidence.merge(evidence);
    this.#held = this.#held.slice(count);
    const since = Math.min(...this.#held.map(({ trace }) => trace.startNanos));
    this.#before = lastOf(looked.filter(({ trace }) => trace.endNanos > since));
  }

  /** Explains the waits in some of the held traces, with what all of them show. */
  #study(looked: readonly Held[]): { flows: Flows; evidence: Evidence } {
    const all = [...this.#before, ...this.#held].map(({ trace }) => trace);
    const kinds = largeKinds(all, this.#numbers);
    const ends = new Ends(all);
    const chosen = new Set(looked.map(({ trace }) => trace));
    const before = new Set(this.#before.map(({ trace }) => trace));
    const evidence = new Evidence();
    evidence.look(kinds, ({ trace }) => chosen.has(trace), ends);
    const known = new Evidence();
    known.merge(this.#evidence);
    known.merge(evidence);
    const isLater = ({ trace }: Stretch) => !chosen.has(trace) && !before.has(trace);
    if (this.#evidence.isEmpty) known.look(kinds, isLater, ends);
    const { waits, starts } = findWaits(kinds, known, ends);
    const pools = runAtOnce(findPools(all, rowsExplained(kinds)));
    for (const wait of pools.flatMap(waitsOf)) addInLine(waits, wait);
    const paced = findPace(all);
    const explanation = new Explanation(waits, starts);
    const flows = new Flows();
    for (const { trace, toleranceNanos, onExplained } of looked) {
      flows.see(trace);
      const sections = sectionsOf(trace, waits, explanation, paced);
      if (sections.length === 0) onExplained?.(trace);
      else explain(trace, sections, toleranceNanos, flows, onExplained);
    }
    return { flows, evidence };
  }
}

/** What surrounds the traces that come next, in bounded memory. */
function lastOf(held: Held[]): Held[] {
  let spans = 0;
  let first = held.length;
  while (first > 0 && spans < MAX_SPANS / 2) {
    first -= 1;
    spans += held[first]!.trace.nodes.length;
  }
  return held.slice(first);
}

function largeKinds(traces: readonly HeldTrace[], numbers: RowNumbers): StretchKind[] {
  const kinds = new Map<string, StretchKind>();
  let nanos = 0;
  for (const trace of traces) {
    collectStretches(trace, numbers, kinds);
    collectStarts(trace, numbers, kinds);
    for (const root of trace.roots) nanos += root.endNanos - root.startNanos;
  }
  return [...kinds.values()].filter((kind) => kind.nanos >= MIN_SHARE * nanos);
}

/** Returns the stretches in which spans waited, by span, and before local roots. */
function findWaits(kinds: readonly StretchKind[], known: Evidence, ends: Ends) {
  const waits = new Map<SpanNode, Stretch[]>();
  const starts = new Map<SpanNode, Stretch>();
  const causes = causesOf(kinds, known);
  const unexplained = kinds.filter((kind) => !kind.isStart && causes.get(kind)?.length === 0);
  markIdle(unexplained, known);
  for (const [{ isStart, stretches }, found] of causes) {
    for (const stretch of stretches) {
      if (stretch.idleSinceNanos === undefined) stretch.cause = endOfWait(stretch, found, ends);
      if ((stretch.cause ?? stretch.idleSinceNanos) === undefined) continue;
      if (isStart) starts.set(stretch.node, stretch);
      else getOrMake(waits, stretch.node, () => []).push(stretch);
    }
  }
  return { waits, starts };
}

/** Rows whose spans, when they begin, mostly wait for the end of another row's: that is seen, and not only likely. */
function rowsExplained(kinds: readonly StretchKind[]): Set<RowName> {
  const byRow = groupBy(
    kinds.filter(({ before, isStart }) => before === undefined && !isStart),
    ({ row }) => row,
  );
  const explained = [...byRow].filter(([, own]) => {
    const stretches = own.flatMap((kind) => kind.stretches);
    const waiting = stretches.filter(({ cause }) => cause !== undefined);
    return lengthOf(waiting) > lengthOf(stretches) / 2;
  });
  return new Set(explained.map(([row]) => row));
}

function lengthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { startNanos, endNanos }) => sum + endNanos - startNanos, 0);
}

function addInLine(waits: Map<SpanNode, Stretch[]>, wait: Stretch): void {
  const own = getOrMake(waits, wait.node, () => []);
  if (!own.some(({ startNanos }) => startNanos < wait.endNanos)) own.push(wait);
}

function sectionsOf(
  trace: HeldTrace,
  waits: ReadonlyMap<SpanNode, readonly Stretch[]>,
  explanation: Explanation,
  paced: ReadonlyMap<SpanNode, WaitSection[]>,
): WaitSection[] {
  const sections: WaitSection[] = [];
  if (waits.size + paced.size === 0) return sections;
  for (const node of trace.nodes) {
    sections.push(...(paced.get(node) ?? []));
    for (const stretch of waits.get(node) ?? []) {
      const { byRow, idleNanos, sinceNanos } = explanation.of(stretch);
      let at = sinceNanos - trace.originNanos;
      const add = (cause: SpanNode | undefined, nanos: number) => {
        if (nanos > 0) sections.push(new WaitSection(node, cause, at, at + nanos));
        at += nanos;
      };
      add(undefined, idleNanos);
      for (const { node: cause, nanos } of byRow.values()) add(cause, nanos);
    }
  }
  return sections;
}

/** Has the trace looked at with its waits as children of those who waited. */
function explain(
  trace: HeldTrace,
  sections: readonly WaitSection[],
  toleranceNanos: number | undefined,
  flows: Flows,
  onExplained: Held['onExplained'],
): void {
  const before = pathOf(trace, toleranceNanos);
  const children = new Map<SpanNode, SpanNode[]>();
  for (const [host, added] of groupBy(sections, (section) => section.host)) {
    children.set(host, host.children);
    host.children = [...host.children, ...added].sort(byEndDescending);
  }
  const after = pathOf(trace, toleranceNanos);
  flows.add(before, after);
  if (onExplained !== undefined) {
    for (const node of trace.nodes) node.criticalNanos = 0;
    for (const { node, startNanos, endNanos } of after) node.criticalNanos += endNanos - startNanos;
    onExplained({ ...trace, nodes: [...trace.nodes, ...sections] });
    trace.nodes.forEach((node, at) => (node.criticalNanos = trace.criticalNanos[at]!));
  }
  for (const [host, own] of children) host.children = own;
}

/** The sections of the critical path of each root, in order. */
function pathOf({ roots }: TraceTree, toleranceNanos: number | undefined): PathSection[] {
  const options = toleranceNanos === undefined ? {} : { toleranceNanos };
  return roots.flatMap((root) => {
    const path: PathSection[] = [];
    const visit = (node: SpanNode, startNanos: number, endNanos: number) => {
      path.push({ node, startNanos, endNanos });
    };
    walkCriticalPath(root, visit, options);
    return path.sort((a, b) => a.startNanos - b.startNanos);
  });
}
