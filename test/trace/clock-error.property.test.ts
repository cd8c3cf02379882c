import fc from 'fast-check';
import { expect, it } from 'vitest';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { clockErrorOf } from '../../src/trace/clock-error.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { records, type SpanSketch } from '../support/trace.js';

const RUNS = { numRuns: 1_000 };

/** The critical time of each span as a share of the root's; `scale` is how long a millisecond takes. */
function shares(spans: readonly SpanSketch[], scale: number) {
  const scaled = spans.map((s) => ({ ...s, start: s.start * scale, end: s.end * scale }));
  // Times of traces are whole nanoseconds.
  const rounded = records(scaled).map((record) => ({
    ...record,
    startNanos: Math.round(record.startNanos),
    endNanos: Math.round(record.endNanos),
  }));
  const tree = buildTraceTree(rounded);
  analyzeTrace(tree, { toleranceNanos: clockErrorOf(tree) });
  return tree.nodes.map(({ criticalNanos, selfNanos }) =>
    [criticalNanos, selfNanos].map((nanos) => Math.round(nanos / scale)),
  );
}

it('a trace and the same trace a thousand times slower get the same shares', () => {
  fc.assert(
    fc.property(anyTrace(20, 800), (spans) => {
      expect(shares(spans, 1)).toEqual(shares(spans, 0.001));
    }),
    RUNS,
  );
});

it('siblings whose starts were floored to a millisecond do not overlap', () => {
  const micros = fc.integer({ min: 1_001, max: 40_000 });
  fc.assert(
    fc.property(fc.array(micros, { minLength: 4, maxLength: 20 }), (durations) => {
      let now = 0;
      const children = durations.map((duration, at): SpanSketch => {
        const start = Math.floor(now / 1000);
        now += duration;
        return { id: `s${at}`, parent: 'root', start, end: start + duration / 1000 };
      });
      const root = { id: 'root', start: 0, end: now / 1000 };
      const tree = buildTraceTree(records([root, ...children]));
      analyzeTrace(tree, { toleranceNanos: clockErrorOf(tree) });
      for (const node of tree.nodes.slice(1)) expect(node.criticalNanos).toBeGreaterThan(0);
    }),
    RUNS,
  );
});

it('a few precise spans among floored ones change nothing', () => {
  const floored = [0, 3, 9, 14, 20].map((start, at): SpanSketch => {
    return { id: `f${at}`, parent: 'root', start, end: start + 3.4567 };
  });
  const root = { id: 'root', start: 0.0123, end: 24 };
  const tree = buildTraceTree(records([root, ...floored]));
  expect(clockErrorOf(tree)).toBe(1e6);
});

it('siblings whose times are floating-point nanoseconds since the epoch follow each other', () => {
  const millis = fc.double({ min: 0.01, max: 2_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(millis, { minLength: 2, maxLength: 12 }), fc.nat(1e9), (steps, since) => {
      const base = 1_764_000_000_000 + since;
      const nanos = (epochMillis: number) => Math.round(epochMillis * 1e6) - base * 1e6;
      let at = 0;
      const [root, ...children] = records([
        { id: 'root', start: 0, end: 0 },
        ...steps.map((_, index) => ({ id: `s${index}`, parent: 'root', start: 0, end: 0 })),
      ]);
      const timed = children.map((record, index) => {
        const [startNanos, endNanos] = [nanos(base + at), nanos(base + at + steps[index]!)];
        at += steps[index]!;
        return { ...record, startNanos, endNanos };
      });
      const tree = buildTraceTree([{ ...root!, endNanos: nanos(base + at + 2) }, ...timed]);
      analyzeTrace(tree, { toleranceNanos: clockErrorOf(tree) });
      for (const node of tree.nodes.slice(1)) {
        expect(Math.abs(node.criticalNanos - node.selfNanos)).toBeLessThan(1_000);
      }
    }),
    RUNS,
  );
});
