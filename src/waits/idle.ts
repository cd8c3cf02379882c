import { getOrMake, groupBy } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import type { Evidence } from './evidence.js';
import type { HeldTrace } from './held-trace.js';
import { Pairs, variationOf } from './pairs.js';
import type { StretchKind } from './stretches.js';

/** Timers take as long each time, while work varies by more than this. */
const MAX_TIMER_VARIATION = 0.01;
const MIN_WORK_VARIATION = 0.05;
const MIN_STRETCHES = 8;
/** As a share of the timer: what takes longer is work with a pause after it. */
const MAX_LOOK = 0.25;
/** A limiter of a shorter pace could not be told from chance. */
const MIN_PACE_NANOS = 1e6;
const MIN_CHILDREN = 4;
/** A local root that does nothing itself in so much of its time, so many times, is a session or a worker. */
const MIN_IDLE_SHARE = 0.6;
const MIN_IDLE_TIMES = 3;

/** Marks, of the stretches that wait for no row, those in which nothing works: timers, and what passes between the turns of a session. */
export function markIdle(unexplained: readonly StretchKind[], known: Evidence): void {
  for (const { stretches } of betweenTurns(unexplained)) {
    for (const stretch of stretches) stretch.idleSinceNanos = stretch.startNanos;
  }
  if (!doesWorkVary(unexplained, known)) return;
  for (const kind of unexplained) {
    const variation = known.get(kind.key)?.variation() ?? Infinity;
    if (!isWhole(kind) && variation < MAX_TIMER_VARIATION) markTimer(kind);
  }
}

/**
 * Between two looks at something that takes its time, there is a timer. Of the looks only the last, which found it
 * ready, brings anything.
 *
 *     poll   ├─┤           ├─┤           ├─┤
 *     idle   ├─────────────┼─────────────┤
 */
function markTimer({ before, after, stretches, nanos }: StretchKind): void {
  let looks = 0;
  for (const { child } of stretches) if (child) looks += child.endNanos - child.startNanos;
  const isPolling = before !== undefined && before === after && looks < MAX_LOOK * nanos;
  for (const stretch of stretches) {
    const { trace, child, startNanos } = stretch;
    const sinceNanos = child === undefined ? 0 : trace.originNanos + child.startNanos;
    stretch.idleSinceNanos = isPolling ? sinceNanos : startNanos;
  }
}

/** `true` for spans without children. */
function isWhole({ before, after }: StretchKind): boolean {
  return before === undefined && after === undefined;
}

/** Where all work takes as long each time, as in a test, a timer cannot be told from it. */
function doesWorkVary(kinds: readonly StretchKind[], known: Evidence): boolean {
  let all = 0;
  let varying = 0;
  for (const kind of kinds) {
    const variation = known.get(kind.key)?.variation();
    if (!isWhole(kind) || variation === undefined) continue;
    all += kind.nanos;
    if (variation > MIN_WORK_VARIATION) varying += kind.nanos;
  }
  return varying > all / 2;
}

/** The own time of local roots that do the same again and again, and mostly wait in between. */
function betweenTurns(kinds: readonly StretchKind[]): StretchKind[] {
  const byRoot = new Map<RowName, StretchKind[]>();
  for (const kind of kinds) {
    if (kind.stretches.some(({ node }) => node.parent !== undefined)) continue;
    // What reads a stream works between its items.
    const readsStream = kind.stretches.some(({ child }) => child instanceof WaitSection);
    if (!isWhole(kind) && !readsStream) getOrMake(byRoot, kind.row, () => []).push(kind);
  }
  return [...byRoot.values()].flatMap((own) => {
    const turns = own.filter(({ before, after }) => before === after);
    const roots = new Set<SpanNode>();
    let times = 0;
    for (const { stretches } of turns) {
      times += stretches.length;
      for (const { node } of stretches) roots.add(node);
    }
    let total = 0;
    for (const root of roots) total += root.endNanos - root.startNanos;
    const nanos = own.reduce((sum, kind) => sum + kind.nanos, 0);
    const isSession = times >= MIN_IDLE_TIMES * roots.size && nanos >= MIN_IDLE_SHARE * total;
    return roots.size > 0 && isSession ? own : [];
  });
}

/**
 * Finds children of one row that a limiter starts, equally far apart whatever the others take. Between two of the
 * starts nothing works.
 *
 *     fetch  ├──────┤
 *     fetch      ├────────────┤
 *     fetch          ├───┤
 *     idle   ├───┼───┤
 */
export function findPace(traces: readonly HeldTrace[]): Map<SpanNode, WaitSection[]> {
  const paces = new Map<RowName, Map<RowName, Pace>>();
  for (const { nodes } of traces) {
    for (const node of nodes) if (node.children.length >= MIN_CHILDREN) addFamily(node, paces);
  }
  const families = [...paces.values()].flatMap((byRow) => [...byRow.values()].filter(isEven));
  const sections = families.flatMap((pace) => pace.families.flatMap(betweenStarts));
  return groupBy(sections, ({ host }) => host);
}

function betweenStarts(starts: readonly SpanNode[]): WaitSection[] {
  const host = starts[0]!.parent!;
  return starts.slice(1).map(({ startNanos }, at) => {
    return new WaitSection(host, undefined, starts[at]!.startNanos, startNanos);
  });
}

/** Children of one row in spans of another. */
interface Pace {
  readonly apart: Pairs;
  readonly durations: Pairs;
  /** In the order of their starts. */
  readonly families: SpanNode[][];
}

const noPace = (): Pace => ({ apart: new Pairs(), durations: new Pairs(), families: [] });

function addFamily({ row, children }: SpanNode, paces: Map<RowName, Map<RowName, Pace>>): void {
  if (row === undefined) return;
  for (const [childRow, family] of groupBy(children, (child) => child.row)) {
    if (childRow === undefined || family.length < MIN_CHILDREN) continue;
    family.sort((a, b) => a.startNanos - b.startNanos);
    const byRow = getOrMake(paces, row, () => new Map<RowName, Pace>());
    const pace = getOrMake(byRow, childRow, noPace);
    pace.families.push(family);
    family.forEach(({ startNanos, endNanos }, at) => {
      pace.durations.add(endNanos - startNanos, 0);
      if (at > 0) pace.apart.add(startNanos - family[at - 1]!.startNanos, 0);
    });
  }
}

function isEven({ apart, durations }: Pace): boolean {
  if (apart.count < MIN_STRETCHES || apart.meanA() < MIN_PACE_NANOS) return false;
  const varies = variationOf(durations) > MIN_WORK_VARIATION;
  return varies && variationOf(apart) < MAX_TIMER_VARIATION;
}
