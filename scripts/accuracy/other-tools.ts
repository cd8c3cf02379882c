import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { clockErrorOf } from '../../src/trace/clock-error.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { NO_FACTS, type SpanRecord } from '../../src/trace/span-record.js';
import { CRISP_CASES, OVERLAP_OF_CRISP } from './crisp-cases.js';

/** A span: its name, its parent's name, start and end in microseconds. */
type Span = readonly [name: string, parent: string, start: number, end: number];

/** A trace from the tests of another tool, and the critical time that it finds, in microseconds. */
export interface ToolCase {
  readonly tool: 'Jaeger' | 'CRISP';
  readonly what: string;
  readonly spans: readonly Span[];
  readonly followsFrom?: string;
  /** Spans that are not named have none. */
  readonly finds: Readonly<Record<string, number>>;
  /** Why hotspan finds something else; absent where it does not. */
  readonly otherwise?: string;
}

export const TOOL_CASES: readonly ToolCase[] = [
  {
    tool: 'Jaeger',
    what: 'two children one after the other',
    spans: [
      ['c', '', 1, 101],
      ['d', 'c', 20, 40],
      ['e', 'c', 50, 60],
    ],
    finds: { c: 70, d: 20, e: 10 },
  },
  {
    tool: 'Jaeger',
    what: 'two children that overlap',
    spans: [
      ['x', '', 1, 101],
      ['a', 'x', 10, 50],
      ['c', 'x', 20, 60],
    ],
    finds: { x: 60, c: 40 },
  },
  {
    tool: 'Jaeger',
    what: 'a child after its parent that takes longer',
    spans: [
      ['a', '', 100, 140],
      ['b', 'a', 150, 220],
    ],
    finds: { a: 40 },
  },
  {
    tool: 'Jaeger',
    what: 'a child after its parent, with a child',
    spans: [
      ['a', '', 1, 31],
      ['b', 'a', 40, 80],
      ['c', 'b', 50, 60],
    ],
    finds: { a: 30 },
  },
  {
    tool: 'Jaeger',
    what: 'a span that follows from another',
    spans: [
      ['a', '', 1, 31],
      ['b', 'a', 10, 20],
    ],
    followsFrom: 'b',
    finds: { a: 30 },
  },
  {
    tool: 'Jaeger',
    what: 'a child that ends after its parent, with one that starts before',
    spans: [
      ['a', '', 1, 30],
      ['b', 'a', 15, 35],
      ['c', 'b', 10, 25],
    ],
    finds: { a: 14, b: 5, c: 10 },
  },
  {
    tool: 'Jaeger',
    what: 'a child and its child that end after their parents',
    spans: [
      ['a', '', 1, 30],
      ['b', 'a', 15, 35],
      ['c', 'b', 20, 40],
    ],
    finds: { a: 14, b: 5, c: 10 },
  },
  {
    tool: 'Jaeger',
    what: 'a child around its parent',
    spans: [
      ['a', '', 10, 30],
      ['b', 'a', 5, 35],
    ],
    finds: { b: 20 },
  },
  {
    tool: 'Jaeger',
    what: 'a child before its parent',
    spans: [
      ['a', '', 10, 30],
      ['b', 'a', 1, 5],
    ],
    finds: { a: 20 },
  },
  {
    tool: 'CRISP',
    what: 'a span as long as its parent, with gaps between its children',
    spans: [
      ['r', '', 0, 1000],
      ['a', 'r', 0, 1000],
      ['b', 'a', 100, 300],
      ['c', 'a', 600, 700],
    ],
    finds: { a: 700, b: 200, c: 100 },
  },
  {
    tool: 'CRISP',
    what: 'children that touch',
    spans: [
      ['r', '', 0, 300],
      ['a', 'r', 0, 100],
      ['b', 'r', 100, 200],
      ['c', 'r', 200, 300],
    ],
    finds: { a: 100, b: 100, c: 100 },
  },
  { tool: 'CRISP', what: 'a single span', spans: [['r', '', 5, 15]], finds: { r: 10 } },
  {
    tool: 'CRISP',
    what: 'siblings that overlap by half a percent',
    spans: [
      ['r', '', 0, 1000],
      ['a', 'r', 100, 505],
      ['b', 'r', 500, 800],
    ],
    finds: { r: 295, a: 405, b: 300 },
    otherwise: OVERLAP_OF_CRISP,
  },
  {
    tool: 'CRISP',
    what: 'a child that ends after its parent, inside the trace',
    spans: [
      ['r', '', 0, 1000],
      ['a', 'r', 0, 500],
      ['s', 'a', 400, 700],
    ],
    finds: { r: 500, a: 400, s: 100 },
  },
  {
    tool: 'CRISP',
    what: 'a child that starts before its parent',
    spans: [
      ['r', '', 100, 1000],
      ['a', 'r', 0, 300],
    ],
    finds: { r: 700, a: 200 },
  },
  {
    tool: 'CRISP',
    what: 'a child outside of its parent, with a child',
    spans: [
      ['r', '', 0, 100],
      ['a', 'r', 200, 300],
      ['b', 'a', 250, 260],
    ],
    finds: { r: 100 },
  },
  ...CRISP_CASES,
];

/** Returns the critical time of the spans that have some, in microseconds, with a microsecond `scale` times as long. */
export function criticalMicros({ spans, followsFrom }: ToolCase, scale = 1) {
  const records = spans.map(([name, parent, start, end]): SpanRecord => ({
    ...{ traceId: 't', spanId: name, parentSpanId: parent === '' ? undefined : parent },
    ...{ name, service: 'test', kind: 'internal', parentIsRemote: false },
    ...{ startNanos: start * 1e3 * scale, endNanos: end * 1e3 * scale },
    ...{ errorType: undefined, facts: NO_FACTS },
    ...(name === followsFrom ? { followsFrom: true as const } : {}),
  }));
  const tree = buildTraceTree(records);
  analyzeTrace(tree, { toleranceNanos: clockErrorOf(tree) });
  const critical = tree.nodes.filter(({ criticalNanos }) => criticalNanos > 0);
  return Object.fromEntries(
    critical.map(({ record, criticalNanos }) => [record.name, criticalNanos / 1e3 / scale]),
  );
}
