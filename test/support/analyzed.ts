import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { walkCriticalPath, type CriticalPathOptions } from '../../src/trace/critical-path.js';
import { buildTraceTree, type SpanNode, type TraceTree } from '../../src/trace/trace-tree.js';
import { runAtOnce } from '../../src/trace/slices.js';
import { findSavings, type SavingsOptions, type TraceSavings } from '../../src/trace/what-if.js';
import { picture } from './picture.js';
import { records, type SpanSketch } from './trace.js';

/** The tree of a sketch, analyzed. In pictures a column is 1 ms, so the clocks are exact here. */
export function analyzed(
  spans: readonly SpanSketch[],
  options: CriticalPathOptions = { toleranceNanos: 0 },
): TraceTree {
  const tree = buildTraceTree(records(spans));
  analyzeTrace(tree, options);
  return tree;
}

/** The sections of the critical path, earliest first. */
export function criticalSections(root: SpanNode, options?: CriticalPathOptions) {
  const sections: { node: SpanNode; startNanos: number; endNanos: number }[] = [];
  walkCriticalPath(
    root,
    (node, startNanos, endNanos) => sections.push({ node, startNanos, endNanos }),
    options,
  );
  return sections.sort((a, b) => a.startNanos - b.startNanos);
}

/** Self and critical time of every span of a picture, in milliseconds, by name. */
export function figures(
  spans: readonly SpanSketch[] | string,
  options?: CriticalPathOptions,
): Record<string, { self: number; critical: number }> {
  const sketch = typeof spans === 'string' ? picture(spans) : spans;
  return Object.fromEntries(
    analyzed(sketch, options).nodes.map((node) => [
      node.record.spanId,
      { self: node.selfNanos / 1e6, critical: node.criticalNanos / 1e6 },
    ]),
  );
}

/** What each row of an analyzed trace would save, by service and name. */
export function savingsOf(tree: TraceTree, options: Partial<SavingsOptions> = {}) {
  const savings: TraceSavings = new Map();
  const keyOf: SavingsOptions['keyOf'] = ({ service, name }) => `${service}\n${name}`;
  const notComputed = runAtOnce(findSavings(tree, savings, { keyOf, ...options }));
  const nanos = new Map([...savings].map(([key, { savedNanos }]) => [key, savedNanos]));
  const critical = new Map([...savings].map(([key, row]) => [key, row.criticalNanos]));
  return { nanos, critical, notComputed };
}

/** The critical path of a picture's root as a string, one letter a millisecond: `rraaab`. */
export function path(spans: readonly SpanSketch[] | string, options?: CriticalPathOptions): string {
  const sketch = typeof spans === 'string' ? picture(spans) : spans;
  const [root] = analyzed(sketch, options).roots;
  if (root === undefined) return '';
  return criticalSections(root, options ?? { toleranceNanos: 0 })
    .map(({ node, startNanos, endNanos }) =>
      node.record.spanId.slice(0, 1).repeat(Math.round((endNanos - startNanos) / 1e6)),
    )
    .join('');
}
