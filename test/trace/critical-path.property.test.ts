import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzed, criticalSections } from '../support/analyzed.js';
import { anyTrace, sequentialTrace } from '../support/arbitrary-trace.js';
import { Reference } from '../support/reference.js';
import type { SpanSketch } from '../support/trace.js';

const RUNS = { numRuns: 2_000 };

function sectionsOf(spans: readonly SpanSketch[], toleranceNanos = 0) {
  const [root] = analyzed(spans, { toleranceNanos }).roots;
  if (root === undefined) throw new Error('expected a root');
  return { root, sections: criticalSections(root, { toleranceNanos }) };
}

describe('for any trace', () => {
  it('critical sections tile the root, with any tolerance', () => {
    const tolerance = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(
        anyTrace(20, 40),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        tolerance,
        (spans, scale, nanos) => {
          const scaled = spans.map((s) => ({ ...s, start: s.start * scale, end: s.end * scale }));
          const { root, sections } = sectionsOf(scaled, nanos);
          let cursor = root.startNanos;
          for (const { startNanos, endNanos } of sections) {
            expect(startNanos).toBe(cursor);
            expect(endNanos).toBeGreaterThan(startNanos);
            cursor = endNanos;
          }
          expect(cursor).toBe(root.endNanos);
        },
      ),
      RUNS,
    );
  });

  it('a slow and obvious reference agrees on the path', () => {
    fc.assert(
      fc.property(anyTrace(), (spans) => {
        const { sections } = sectionsOf(spans);
        const path = sections.flatMap(({ node, startNanos, endNanos }) =>
          Array<string>((endNanos - startNanos) / 1e6).fill(node.record.spanId),
        );
        expect(path).toEqual(new Reference(spans).path());
      }),
      RUNS,
    );
  });

  it('a slow and obvious reference agrees on self time', () => {
    fc.assert(
      fc.property(anyTrace(), (spans) => {
        const reference = new Reference(spans);
        const byId = new Map(spans.map((span) => [span.id, span]));
        for (const node of analyzed(spans).nodes) {
          const span = byId.get(node.record.spanId);
          expect(node.selfNanos / 1e6).toBe(span && reference.self(span));
        }
      }),
      RUNS,
    );
  });

  it('nothing is negative, and no span is critical for longer than it lasts', () => {
    fc.assert(
      fc.property(anyTrace(30, 60), (spans) => {
        for (const node of analyzed(spans).nodes) {
          const { startNanos, endNanos } = node.record;
          expect(node.selfNanos).toBeGreaterThanOrEqual(0);
          expect(node.selfNanos).toBeLessThanOrEqual(endNanos - startNanos);
          expect(node.criticalNanos).toBeGreaterThanOrEqual(0);
          expect(node.criticalNanos).toBeLessThanOrEqual(node.endNanos - node.startNanos);
        }
      }),
      RUNS,
    );
  });

  it('the order of arrival does not matter', () => {
    const shuffled = anyTrace(15, 20).chain((spans) =>
      fc.tuple(
        fc.constant(spans),
        fc.shuffledSubarray(spans, { minLength: spans.length, maxLength: spans.length }),
      ),
    );
    const byId = (spans: readonly SpanSketch[]) =>
      new Map(analyzed(spans).nodes.map((n) => [n.record.spanId, [n.selfNanos, n.criticalNanos]]));
    fc.assert(
      fc.property(shuffled, ([spans, other]) => {
        expect(byId(other)).toEqual(byId(spans));
      }),
      RUNS,
    );
  });
});

describe('for a trace without parallel work', () => {
  it('self times sum to the root, and every span is critical for just its self time', () => {
    fc.assert(
      fc.property(sequentialTrace(), (spans) => {
        const { roots, nodes } = analyzed(spans);
        const self = nodes.reduce((sum, node) => sum + node.selfNanos, 0);
        expect(self).toBe((roots[0]?.endNanos ?? 0) - (roots[0]?.startNanos ?? 0));
        for (const node of nodes) expect(node.criticalNanos).toBe(node.selfNanos);
      }),
      RUNS,
    );
  });
});
