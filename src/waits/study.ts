import { getOrMake, groupBy } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { cutBlocked, type BlockedStretches } from './blocks.js';
import { Ends } from './ends.js';
import { causesOf, endOfWait, Evidence, type Cause } from './evidence.js';
import { explain, sectionsOf } from './explain-trace.js';
import { Explanation } from './explanation.js';
import { Flows } from './flows.js';
import type { Held, HeldTrace } from './held-trace.js';
import { findPace, markIdle } from './idle.js';
import { findSlotsOfWaits } from './limits.js';
import { causesOfNamedPools, MIN_POOL_WAIT_NANOS } from './named-pools.js';
import { KnownPools } from './pools.js';
import {
  collectStarts,
  collectStretches,
  RowNumbers,
  type StretchKind,
  type Stretch,
} from './stretches.js';

/** Kinds of stretches that take less of all time are left alone. */
const MIN_SHARE = 0.005;
/** The share of a row's spans that blocks of the event loop may have held up, if a pool is to be seen in the others. */
const MAX_BLOCKED = 0.2;

/** Traces that overlap, or nearly. */
export interface Window {
  /** Looked at already; waits may have ended with the ends of their spans. */
  readonly before: readonly Held[];
  /** Those whose waits are explained. */
  readonly looked: readonly Held[];
  readonly later: readonly Held[];
}

/** Explains waits with what was seen of all traces so far. */
export class Study {
  readonly #numbers = new RowNumbers();
  readonly #evidence = new Evidence();
  readonly #pools = new KnownPools();

  /**
   * Finds the waits of some traces, and where their critical time goes.
   *
   * @param isLast `false` if the traces are looked at again: then they are no evidence yet
   */
  *look({ before, looked, later }: Window, isLast: boolean): Sliced<Flows> {
    const all = [...before, ...looked, ...later].map(({ trace }) => trace);
    const kinds = yield* largeKinds(all, this.#numbers);
    const blocked = cutBlocked(kinds, all);
    const ends = yield* Ends.of(all);
    const chosen = new Set(looked.map(({ trace }) => trace));
    const evidence = new Evidence();
    yield* evidence.look(kinds, (each) => chosen.has(each.trace) && !blocked.has(each), ends);
    const known = new Evidence();
    known.merge(this.#evidence);
    known.merge(evidence);
    if (this.#evidence.isEmpty) {
      const after = new Set(later.map(({ trace }) => trace));
      yield* known.look(kinds, (each) => after.has(each.trace) && !blocked.has(each), ends);
    }
    const named = causesOfNamedPools(kinds);
    const { waits, starts } = yield* findWaits(kinds, known, ends, named);
    const inLine = yield* this.#pools.find(all, rowsExplained(kinds, blocked, named));
    findSlotsOfWaits(waits, all);
    for (const wait of inLine) addInLine(waits, wait);
    yield;
    const others = [findPace(all), groupBy([...blocked.values()].flat(), ({ host }) => host)];
    yield;
    for (const own of waits.values()) own.sort((a, b) => a.startNanos - b.startNanos);
    yield;
    const explanation = new Explanation(waits, starts);
    yield* explanation.all();
    const flows = new Flows();
    for (const { node, trace, slots, startNanos, endNanos } of [...waits.values()].flat()) {
      const waitNanos = Math.min(endNanos - startNanos, node.criticalNanos);
      if (slots === undefined || !chosen.has(trace) || waitNanos === 0) continue;
      flows.addLimit({ row: node.row!, slots, waitNanos });
    }
    for (const held of looked) {
      const sections = yield* sectionsOf(held.trace, waits, explanation, others);
      yield* explain(held, sections, flows);
      yield;
    }
    if (isLast) this.#evidence.merge(evidence);
    return flows;
  }
}

function* largeKinds(traces: readonly HeldTrace[], numbers: RowNumbers): Sliced<StretchKind[]> {
  const kinds = new Map<string, StretchKind>();
  let nanos = 0;
  for (const trace of traces) {
    yield* collectStretches(trace, numbers, kinds);
    collectStarts(trace, numbers, kinds);
    for (const root of trace.roots) nanos += root.endNanos - root.startNanos;
    yield;
  }
  return [...kinds.values()].filter((kind) => kind.nanos >= MIN_SHARE * nanos);
}

/** Returns the stretches in which spans waited, by span, and before local roots. */
function* findWaits(
  kinds: readonly StretchKind[],
  known: Evidence,
  ends: Ends,
  named: ReadonlyMap<StretchKind, readonly Cause[]>,
): Sliced<{ waits: Map<SpanNode, Stretch[]>; starts: Map<SpanNode, Stretch> }> {
  const waits = new Map<SpanNode, Stretch[]>();
  const starts = new Map<SpanNode, Stretch>();
  const causes = causesOf(kinds, known);
  const unexplained = kinds.filter(
    (kind) => !kind.isStart && !named.has(kind) && causes.get(kind)?.length === 0,
  );
  markIdle(unexplained, known);
  const inPools = new Set([...named.keys()].map(({ row }) => row));
  for (const [kind, all] of causes) {
    const { isStart, stretches } = kind;
    const holders = named.get(kind);
    // Nothing waits for those that wait for a pool themselves.
    const found = holders ?? all.filter((cause) => !inPools.has(cause.row));
    yield* forEachInSlices(stretches.length, (at) => {
      const stretch = stretches[at]!;
      const { startNanos, endNanos } = stretch;
      if (holders !== undefined && endNanos - startNanos < MIN_POOL_WAIT_NANOS) return;
      if (stretch.idleSinceNanos === undefined) stretch.cause ??= endOfWait(stretch, found, ends);
      // Where no holder had just ended, nobody is known to have worked.
      if (holders !== undefined && stretch.cause === undefined) stretch.idleSinceNanos = startNanos;
      if ((stretch.cause ?? stretch.idleSinceNanos) === undefined) return;
      if (isStart) starts.set(stretch.node, stretch);
      else getOrMake(waits, stretch.node, () => []).push(stretch);
    });
    yield;
  }
  return { waits, starts };
}

/** Rows whose spans, when they begin, mostly wait for the end of another row's: that is seen, and not only likely. */
function rowsExplained(
  kinds: readonly StretchKind[],
  blocked: BlockedStretches,
  named: ReadonlyMap<StretchKind, unknown>,
): Set<RowName> {
  const byRow = groupBy(
    kinds.filter(({ before, isStart }) => before === undefined && !isStart),
    ({ row }) => row,
  );
  const explained = [...byRow].filter(([, own]) => {
    if (own.some((kind) => named.has(kind))) return true;
    const stretches = own.flatMap((kind) => kind.stretches);
    const waiting = stretches.filter(({ cause }) => cause !== undefined);
    if (lengthOf(waiting) > lengthOf(stretches) / 2) return true;
    // Their ends are not when they would have given a slot back.
    return stretches.filter((each) => blocked.has(each)).length > MAX_BLOCKED * stretches.length;
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
