import { expect, it } from 'vitest';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { NO_FACTS } from '../../src/trace/span-record.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { seededRandom } from '../support/random.js';
import { records, type SpanSketch } from '../support/trace.js';

/** Self and critical time in milliseconds, by name. */
function figuresOf(spans: readonly SpanSketch[]) {
  const sketches = spans.map((span) => ({ facts: NO_FACTS, ...span }));
  const all = records(sketches).map((record) => ({
    ...record,
    startNanos: Math.round(record.startNanos),
    endNanos: Math.round(record.endNanos),
  }));
  const tree = buildTraceTree(all);
  analyzeTrace(tree, { toleranceNanos: 0 });
  const seen = new Set<string>();
  for (const { record, parent } of tree.nodes) {
    if (parent !== undefined && !seen.has(parent.record.spanId)) throw new Error('out of order');
    seen.add(record.spanId);
  }
  return Object.fromEntries(
    tree.nodes.map(({ record, selfNanos, criticalNanos }) => [
      record.spanId,
      { self: selfNanos / 1e6, critical: criticalNanos / 1e6 },
    ]),
  );
}

//  request       ├────────────────────────┤
//  auth           ├──┤
//  receive            ├────────────────┤
//  agent               ├──────────────┤
//  chat (in agent)      ├────────────┤
//  render                               ├┤
const REQUEST: readonly SpanSketch[] = [
  { id: 'chat', parent: 'agent', start: 120, end: 1_980 },
  { id: 'auth', parent: 'request', start: 1, end: 100 },
  { id: 'agent', parent: 'request', start: 102.3, end: 2_000.1 },
  { id: 'receive', parent: 'request', start: 101, end: 2_000.9 },
  { id: 'render', parent: 'request', start: 2_001, end: 2_040 },
  { id: 'request', start: 0, end: 2_041 },
];

const changed = (id: string, change: Partial<SpanSketch>) =>
  REQUEST.map((span) => (span.id === id ? { ...span, ...change } : span));

it('who does the work is on the path, and what the passive one leaves is its own', () => {
  const found = figuresOf(REQUEST);
  expect(found.chat?.critical).toBeCloseTo(1_860);
  expect(found.agent?.critical).toBeCloseTo(37.8);
  expect(found.receive?.self).toBeCloseTo(2.1);
  expect(found.receive?.critical).toBeCloseTo(2.1);
  const sum = (key: 'self' | 'critical') =>
    Object.values(found).reduce((all, figures) => all + figures[key], 0);
  expect(sum('critical')).toBeCloseTo(2_041);
  expect(sum('self')).toBeCloseTo(2_041);
});

it('one passive span may be beside another', () => {
  const outer = { id: 'middleware', parent: 'request', start: 100.5, end: 2_000.95 };
  const found = figuresOf([...REQUEST, outer]);
  expect(found.chat?.critical).toBeCloseTo(1_860);
  expect(found.middleware?.critical).toBeCloseTo(0.55);
  expect(found.receive?.critical).toBeCloseTo(2.1);
});

const worksItself: [string, Partial<SpanSketch>][] = [
  ['asks another process', { kind: 'client' }],
  ['is a tool of an agent', { facts: { isToolCall: true } }],
  ['is of the same name as the other', { name: 'agent' }],
  ['goes on for longer', { end: 2_003 }],
  ['started after the other', { start: 102.4 }],
  ['outlives their parent', { end: 2_041.5 }],
  ['lost a race', { error: 'AbortError' }],
];

it.each(worksItself)('but not one that %s', (_why, change) => {
  const before = changed('receive', change);
  expect(figuresOf(before).receive?.self).toBeGreaterThan(1_800);
});

it('nor where clocks count in steps that hide the difference', () => {
  const coarse = REQUEST.map((span) => ({
    ...span,
    start: 10 * Math.round(span.start / 10),
    end: 10 * Math.round(span.end / 10),
  }));
  expect(figuresOf(coarse).receive?.self).toBe(1_900);
});

it('two branches that run side by side are taken for it less than once in a hundred times', () => {
  const random = seededRandom(7);
  let taken = 0;
  const runs = 20_000;
  for (let run = 0; run < runs; run += 1) {
    const branches = ['guardrail', 'chat', 'search'].map((id) => {
      return { id, parent: 'request', start: 0.01, end: random.lognormal(800, 0.3) };
    });
    const end = Math.max(...branches.map((branch) => branch.end));
    const found = figuresOf([{ id: 'request', start: 0, end: end + 1 }, ...branches]);
    const isTaken = branches.some((branch) => found[branch.id]!.self < branch.end - 0.02);
    if (isTaken) taken += 1;
  }
  expect(taken / runs).toBeLessThan(0.01);
});

it('a trace made to be slow is not', () => {
  const children = Array.from({ length: 20_000 }, (_, at): SpanSketch => {
    return { id: `s${at}`, parent: 'root', start: at / 1e4, end: 10_000 - at / 1e4 };
  });
  const since = performance.now();
  figuresOf([{ id: 'root', start: 0, end: 10_001 }, ...children]);
  expect(performance.now() - since).toBeLessThan(5_000);
});
