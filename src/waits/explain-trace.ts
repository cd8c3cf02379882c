import { getOrMake, groupBy } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import { walkCriticalPath } from '../trace/critical-path.js';
import { byEndDescending } from '../trace/self-time.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import type { Explanation } from './explanation.js';
import type { Flows, PathSection } from './flows.js';
import type { Held, HeldTrace } from './held-trace.js';
import { firstPlace } from './lists.js';
import type { Stretch } from './stretches.js';

/** Spans whose waits are put in their places in one slice. */
const WAITS_OF_SLICE = 1_000;
/** A reader reads at least so many. */
const MIN_ITEMS = 3;

/**
 * Returns the waits in a trace, as children of those who waited.
 *
 * @param others waits that are sections already, by who waited
 */
export function* sectionsOf(
  trace: HeldTrace,
  waits: ReadonlyMap<SpanNode, readonly Stretch[]>,
  explanation: Explanation,
  others: readonly ReadonlyMap<SpanNode, WaitSection[]>[],
): Sliced<WaitSection[]> {
  const sections: WaitSection[] = [];
  const startsOf = startsByParent();
  yield* forEachInSlices(
    trace.nodes.length,
    (place) => {
      const node = trace.nodes[place]!;
      for (const byHost of others) sections.push(...(byHost.get(node) ?? []));
      for (const stretch of waits.get(node) ?? []) {
        const explained = explanation.of(stretch);
        if (explained === undefined) continue;
        const { byRow, idleNanos, sinceNanos } = explained;
        let at = sinceNanos - trace.originNanos;
        const add = (cause: SpanNode | undefined, nanos: number) => {
          if (nanos > 0) sections.push(new WaitSection(node, cause, at, at + nanos));
          at += nanos;
        };
        add(undefined, idleNanos);
        for (const { node: cause, nanos } of byRow.values()) add(cause, nanos);
        const since = sinceNanos - trace.originNanos;
        const work = workBeside(stretch, since, startsOf);
        if (work > 0) sections.push(new WaitSection(node, node, since, since + work));
      }
    },
    WAITS_OF_SLICE,
  );
  return sections;
}

/** When the children of a span started, by their rows. */
type StartsOf = (parent: SpanNode, row: RowName | undefined) => readonly number[];

/** Looks at the children of each parent once. */
function startsByParent(): StartsOf {
  const known = new Map<SpanNode, ReadonlyMap<RowName | undefined, number[]>>();
  return (parent, row) => {
    const byRow = getOrMake(known, parent, () => {
      const inOrder = [...parent.children].sort((a, b) => a.startNanos - b.startNanos);
      const groups = groupBy(inOrder, (child) => child.row);
      return new Map([...groups].map(([of, list]) => [of, list.map((each) => each.startNanos)]));
    });
    return byRow.get(row) ?? [];
  };
}

/**
 * What a span did itself while it waited for its reader: it made the first item before the first was read, and each
 * further one while others were. That is beside the wait, and not seen unless the reader gets faster.
 *
 *     chat   ├────────────────────────────┤
 *     say      ├───────┤├───────┤├────────┤├─────────┤
 *     work   ├─┤├─┤├─┤├─┤
 *
 * Models take longer for the first token than for others. What is known of their streams is not guessed.
 */
function workBeside(
  { node, cause, trace, startNanos }: Stretch,
  sinceNanos: number,
  startsOf: StartsOf,
): number {
  const { parent, record } = node;
  const isFirst = startNanos === trace.originNanos + node.startNanos;
  if (cause === undefined || parent === undefined || !isFirst) return 0;
  if (cause.node.parent !== parent) return 0;
  if (record.facts.llmCall !== undefined) return 0;
  const starts = startsOf(parent, cause.node.row);
  const items = starts.length - firstPlace(starts, (start) => start >= node.startNanos);
  if (items < MIN_ITEMS) return 0;
  const work = (items - 1) * (sinceNanos - node.startNanos);
  return Math.min(work, cause.atNanos - trace.originNanos - sinceNanos);
}

/** Has the trace looked at with its waits as children of those who waited. */
export function* explain(
  { trace, onExplained }: Held,
  sections: readonly WaitSection[],
  flows: Flows,
): Sliced {
  flows.see(trace);
  if (sections.length === 0) {
    if (onExplained !== undefined) yield* onExplained(trace);
    return;
  }
  const before = pathOf(trace);
  yield;
  const children = new Map<SpanNode, SpanNode[]>();
  for (const [host, added] of groupBy(sections, (section) => section.host)) {
    children.set(host, host.children);
    host.children = [...host.children, ...added].sort(byEndDescending);
  }
  yield;
  const after = pathOf(trace);
  flows.add(before, after);
  yield;
  if (onExplained !== undefined) {
    for (const node of trace.nodes) node.criticalNanos = 0;
    for (const { node, startNanos, endNanos } of after) node.criticalNanos += endNanos - startNanos;
    yield* onExplained({ ...trace, nodes: [...trace.nodes, ...sections] });
    trace.nodes.forEach((node, at) => (node.criticalNanos = trace.criticalNanos[at]!));
  }
  for (const [host, own] of children) host.children = own;
}

/** The sections of the critical path of each root, in order. */
function pathOf({ roots, toleranceNanos }: HeldTrace): PathSection[] {
  return roots.flatMap((root) => {
    const path: PathSection[] = [];
    const visit = (node: SpanNode, startNanos: number, endNanos: number) => {
      path.push({ node, startNanos, endNanos });
    };
    walkCriticalPath(root, visit, { toleranceNanos });
    return path.sort((a, b) => a.startNanos - b.startNanos);
  });
}
