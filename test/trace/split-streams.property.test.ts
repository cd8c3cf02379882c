import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SpanFacts } from '../../src/trace/span-record.js';
import { splitStreams } from '../../src/trace/split-streams.js';
import { preorder, type SpanNode, type TraceTree } from '../../src/trace/trace-tree.js';
import { runAtOnce } from '../../src/trace/slices.js';
import { WaitSection } from '../../src/trace/wait-section.js';
import { findSavings, type TraceSavings } from '../../src/trace/what-if.js';
import { analyzed, criticalSections } from '../support/analyzed.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import type { SpanSketch } from '../support/trace.js';

const EXACT = { toleranceNanos: 0 };
const MILLI = 1e6;

/** Turns as no process of ours would record them, too: longer than the span, and read by any span. */
const anyStream = fc.record({
  turnsNanos: fc
    .array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 7 })
    .map((millis) => millis.map((each) => each * MILLI)),
  perTurn: fc.constantFrom(1, 1, 4),
  readerSpanId: fc.option(
    fc.nat({ max: 14 }).map((n) => `s${n}`),
    { nil: undefined },
  ),
});

const anyStreams: fc.Arbitrary<SpanSketch[]> = fc
  .tuple(anyTrace(), fc.array(fc.option(anyStream), { minLength: 1, maxLength: 12 }))
  .map(([spans, streams]) =>
    spans.map((span, at) => {
      const stream = streams[at % streams.length];
      return stream ? { ...span, facts: { stream } as SpanFacts } : span;
    }),
  );

/** Its last turn is longer than the span, and so long that another call seems to lie in it. */
const FALSE_TURN: SpanSketch[] = [
  { id: 's0', start: 0, end: 9 },
  { id: 's3', parent: 's0', start: 6, end: 9 },
  {
    ...{ id: 's4', parent: 's0', start: 7, end: 8 },
    facts: { stream: { turnsNanos: [1e6], perTurn: 1 } },
  },
  {
    ...{ id: 's7', parent: 's0', start: 0, end: 7 },
    facts: { stream: { turnsNanos: [6e6, 1e6, 2e6, 0], perTurn: 4 } },
  },
];

const check = (look: (tree: TraceTree, split: TraceTree) => void) =>
  fc.assert(
    fc.property(anyStreams, (spans) => {
      const tree = analyzed(spans);
      const split = splitStreams(tree);
      if (split !== undefined) look(tree, split);
    }),
    { numRuns: 2_000, examples: [[FALSE_TURN]] },
  );

const lengthOf = ({ startNanos, endNanos }: Pick<SpanNode, 'startNanos' | 'endNanos'>) =>
  endNanos - startNanos;
const sum = (nanos: readonly number[]) => nanos.reduce((total, each) => total + each, 0);

it('leaves the trace as it was', () => {
  fc.assert(
    fc.property(anyStreams, (spans) => {
      const tree = analyzed(spans);
      const seen = () =>
        tree.nodes.map((node) => {
          const fields = Object.fromEntries(Object.entries(node)) as Partial<SpanNode>;
          return { ...fields, children: [...node.children] };
        });
      const before = seen();
      splitStreams(tree);
      const after = seen();
      expect(after.length).toBe(before.length);
      after.forEach((node, at) => {
        const was = before[at]!;
        for (const key of Object.keys(was) as (keyof typeof was)[]) {
          if (key !== 'children') expect(node[key]).toBe(was[key]);
        }
        expect(node.children.length).toBe(was.children.length);
        node.children.forEach((child, place) => expect(child).toBe(was.children[place]));
      });
    }),
    { numRuns: 300 },
  );
});

it('has a critical path that tiles each root still, and children in order, none of them negative', () => {
  check((tree, split) => {
    expect(split.roots.map(lengthOf)).toEqual(tree.roots.map(lengthOf));
    for (const root of split.roots) {
      let at = root.startNanos;
      for (const { startNanos, endNanos } of criticalSections(root, EXACT)) {
        expect(startNanos).toBe(at);
        at = endNanos;
      }
      expect(at).toBe(root.endNanos);
    }
    for (const node of preorder(split.roots)) {
      expect(lengthOf(node)).toBeGreaterThanOrEqual(0);
      node.children.forEach((child, at) => {
        expect(child.endNanos).toBeLessThanOrEqual(node.children[at - 1]?.endNanos ?? Infinity);
      });
    }
  });
});

it('has no span twice, and none that was not there', () => {
  check((tree, split) => {
    const seen = preorder(split.roots);
    expect(new Set(seen).size).toBe(seen.length);
    const spans = seen.filter((node) => !(node instanceof WaitSection));
    expect(spans.every((node) => split.nodes.includes(node))).toBe(true);
    expect(split.nodes.map(({ record }) => record)).toEqual(
      preorder(tree.roots).map(({ record }) => record),
    );
    for (const node of seen)
      for (const child of node.children) expect(child.parent === node).toBe(true);
  });
});

it('has critical times that sum to the time of the roots, and waits that are a part of them', () => {
  check((tree) => {
    const critical = sum(tree.nodes.map(({ criticalNanos }) => criticalNanos));
    const rootNanos = sum(tree.roots.map(lengthOf));
    expect(critical).toBeCloseTo(rootNanos, 0);
    for (const { nanos, waiting, cause } of tree.streamWaits ?? []) {
      expect(nanos).toBeGreaterThan(0);
      expect(tree.nodes).toContain(waiting);
      expect(tree.nodes).toContain(cause);
    }
    const waited = sum((tree.streamWaits ?? []).map(({ nanos }) => nanos));
    expect(waited).toBeLessThanOrEqual(rootNanos);
  });
});

it('can be replayed: no row saves more than its critical time, or less than nothing', () => {
  check((_, split) => {
    const savings: TraceSavings = new Map();
    const keyOf = ({ spanId }: { spanId: string }) => spanId;
    runAtOnce(findSavings(split, savings, { keyOf, ...EXACT }));
    for (const { savedNanos, criticalNanos } of savings.values()) {
      expect(savedNanos).toBeGreaterThanOrEqual(0);
      expect(savedNanos).toBeLessThanOrEqual(criticalNanos);
    }
  });
});
