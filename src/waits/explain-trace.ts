import { groupBy } from '../bounded.js';
import { walkCriticalPath } from '../trace/critical-path.js';
import { byEndDescending } from '../trace/self-time.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import type { Explanation } from './explanation.js';
import type { Flows, PathSection } from './flows.js';
import type { Held, HeldTrace } from './held-trace.js';
import type { Stretch } from './stretches.js';

/** A reader reads at least so many. */
const MIN_ITEMS = 3;

/**
 * Returns the waits in a trace, as children of those who waited.
 *
 * @param others waits that are sections already, by who waited
 */
export function sectionsOf(
  trace: HeldTrace,
  waits: ReadonlyMap<SpanNode, readonly Stretch[]>,
  explanation: Explanation,
  others: readonly ReadonlyMap<SpanNode, WaitSection[]>[],
): WaitSection[] {
  const sections: WaitSection[] = [];
  for (const node of trace.nodes) {
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
      const work = workBeside(stretch, since);
      if (work > 0) sections.push(new WaitSection(node, node, since, since + work));
    }
  }
  return sections;
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
function workBeside({ node, cause, trace, startNanos }: Stretch, sinceNanos: number): number {
  const { parent, record } = node;
  const isFirst = startNanos === trace.originNanos + node.startNanos;
  if (cause === undefined || parent === undefined || !isFirst) return 0;
  if (cause.node.parent !== parent) return 0;
  if (record.facts.llmCall !== undefined) return 0;
  const items = parent.children.filter(
    (child) => child.row === cause.node.row && child.startNanos >= node.startNanos,
  );
  if (items.length < MIN_ITEMS) return 0;
  const work = (items.length - 1) * (sinceNanos - node.startNanos);
  return Math.min(work, cause.atNanos - trace.originNanos - sinceNanos);
}

/** Has the trace looked at with its waits as children of those who waited. */
export function explain(
  { trace, onExplained }: Held,
  sections: readonly WaitSection[],
  flows: Flows,
): void {
  flows.see(trace);
  if (sections.length === 0) {
    onExplained?.(trace);
    return;
  }
  const before = pathOf(trace);
  const children = new Map<SpanNode, SpanNode[]>();
  for (const [host, added] of groupBy(sections, (section) => section.host)) {
    children.set(host, host.children);
    host.children = [...host.children, ...added].sort(byEndDescending);
  }
  const after = pathOf(trace);
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
