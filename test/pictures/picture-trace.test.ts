import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pictureSpan } from '../../src/pictures/kept-span.js';
import { MAX_SPANS, pictureOf } from '../../src/pictures/picture-trace.js';
import { nameWithoutSecrets } from '../../src/secrets.js';
import { shortName } from '../../src/trace/short-name.js';
import { runAtOnce } from '../../src/trace/slices.js';
import type { SpanNode, TraceTree } from '../../src/trace/trace-tree.js';
import { WaitSection } from '../../src/trace/wait-section.js';
import { analyzed } from '../support/analyzed.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import type { SpanSketch } from '../support/trace.js';

// As rows are called.
const keyOf = ({ record: { service, name } }: SpanNode) =>
  `${service}\n${shortName(nameWithoutSecrets(name))}`;

function drawn(tree: TraceTree) {
  const { spans, leftOut } = runAtOnce(pictureOf(tree, { keyOf, toleranceNanos: 0 }));
  return { spans: spans.map((span) => pictureSpan(span, (key) => key)), leftOut };
}

function named(spans: readonly SpanSketch[]) {
  return Object.fromEntries(drawn(analyzed(spans)).spans.map((span) => [span.name, span]));
}

describe('the picture of a trace', () => {
  it('has its spans, and when all else waited for each', () => {
    const { r, a, b, c } = named([
      { id: 'r', start: 0, end: 22 },
      { id: 'a', parent: 'r', start: 2, end: 9 },
      { id: 'b', parent: 'r', start: 2, end: 7 },
      { id: 'c', parent: 'r', start: 11, end: 17 },
    ]);
    expect(r).toMatchObject({ startSeconds: 0, endSeconds: 0.022 });
    expect(r!.critical).toEqual([0, 0.002, 0.009, 0.011, 0.017, 0.022]);
    expect(a).toMatchObject({ parent: 0, critical: [0.002, 0.009] });
    expect(b).not.toHaveProperty('critical');
    expect(c).toMatchObject({ critical: [0.011, 0.017] });
  });

  it('says at every moment who was waited for', () => {
    fc.assert(
      fc.property(anyTrace(), (spans) => {
        const tree = analyzed(spans);
        const [root] = tree.roots;
        const parts = drawn(tree).spans.flatMap(({ critical = [] }) => pairs(critical));
        const sum = parts.reduce((seconds, [from, to]) => seconds + to - from, 0);
        expect(sum).toBeCloseTo((root!.endNanos - root!.startNanos) / 1e9, 5);
        parts.sort(([a], [b]) => a - b);
        for (const [at, [from]] of parts.slice(1).entries())
          expect(from).toBeGreaterThanOrEqual(parts[at]![1] - 1e-6);
      }),
    );
  });

  it('draws a wait at who waited, and the path at who worked meanwhile', () => {
    const tree = analyzed([
      { id: 'root', start: 0, end: 20 },
      { id: 'first', parent: 'root', start: 0, end: 10 },
      { id: 'second', parent: 'root', start: 0, end: 20 },
    ]);
    const [, first, second] = ['root', 'first', 'second'].map((id) =>
      tree.nodes.find(({ record }) => record.spanId === id)!,
    );
    second!.children = [
      new WaitSection(second!, first, 4_000_000, 12_000_000),
      new WaitSection(second!, undefined, 0, 4_000_000),
    ];
    const { spans } = drawn(tree);
    const by = spans.findIndex(({ name }) => name === 'first');
    expect(spans.find(({ name }) => name === 'second')).toMatchObject({
      // The other one did not work any more in the last 2 ms.
      critical: [0, 0.004, 0.01, 0.02],
      waits: [
        { from: 0, to: 0.004 },
        { from: 0.004, to: 0.012, name: 'first', service: 'test', by },
      ],
    });
    expect(spans[by]).toMatchObject({ critical: [0.004, 0.01] });
  });

  it('has what a call tells, without prompts', () => {
    const llmCall = { provider: 'p', model: 'm', requestModel: undefined };
    const attempt = { number: 2, outcome: 'timeout' as const, backoffSeconds: 0.5 };
    const tree = analyzed([
      { id: 'call', start: 0, end: 10, error: 'Timeout', facts: { llmCall, firstTokenSeconds: 1 } },
      { id: 'try', parent: 'call', start: 0, end: 10, facts: { attempt } },
    ]);
    tree.nodes[0]!.used = { call: llmCall, inputTokens: 3, outputTokens: 4, costUsd: 0.5 };
    const { spans } = drawn(tree);
    expect(spans[0]).toMatchObject({
      ...{ model: 'm', firstTokenSeconds: 1, inputTokens: 3, outputTokens: 4, costUsd: 0.5 },
      errorType: 'Timeout',
    });
    expect(spans[1]).toMatchObject({ attempt });
  });

  it('names nothing that is secret, and nothing at length', () => {
    const key = 'sk-proj-abcdefGHIJKL0123456789mnopqrSTUV';
    const names = [`get ${key}`, 'x'.repeat(100_000), '__proto__', '</script><img onerror=1>', ''];
    const tree = analyzed(
      names.map((name, at) => ({
        id: `s${at}`,
        name,
        start: 0,
        end: 5,
        ...(at > 0 ? { parent: 's0' } : {}),
      })),
    );
    const text = JSON.stringify(drawn(tree));
    expect(text).not.toContain(key);
    expect(text.length).toBeLessThan(4_000);
    expect(text).toContain('__proto__');
  });

  it('keeps the longest of 100,000 spans, with their parents', () => {
    const many: SpanSketch[] = Array.from({ length: 100_000 }, (_, at) => ({
      id: `s${at}`,
      ...(at === 0 ? {} : { parent: at % 3 === 0 ? `s${at - 1}` : 's0' }),
      start: at === 0 ? 0 : at,
      end: at === 0 ? 200_000 : at + (at % 1_000),
    }));
    const { spans, leftOut } = drawn(analyzed(many));
    expect(spans).toHaveLength(MAX_SPANS);
    expect(leftOut).toBe(99_000);
    for (const [at, { parent }] of spans.entries()) {
      if (at > 0) expect(parent).toBeLessThan(at);
    }
    expect(JSON.stringify(spans).length).toBeLessThan(400_000);
  });

  it('does not count every gap of a trace of 100,000 short steps', () => {
    const steps: SpanSketch[] = Array.from({ length: 100_000 }, (_, at) => ({
      id: `s${at}`,
      ...(at === 0 ? { start: 0, end: 200_000 } : { parent: 's0', start: 2 * at, end: 2 * at + 1 }),
    }));
    const { spans } = drawn(analyzed(steps));
    expect(spans[0]!.critical!.length).toBeLessThan(4_000);
  });

  it('bounds the stretches of spans that wait for each other again and again', () => {
    const tree = analyzed([{ id: 'root', start: 0, end: 100_000 }]);
    const [root] = tree.roots;
    const others = Array.from(
      { length: 8 },
      (_, at) => analyzed([{ id: `o${at}`, start: 0, end: 1 }]).roots[0]!,
    );
    root!.children = Array.from({ length: 50_000 }, (_, at) => {
      const end = root!.endNanos - at * 2e6;
      return new WaitSection(root!, others[at % 8], end - 1e6, end);
    });
    expect(drawn(tree).spans[0]!.waits!.length).toBeLessThanOrEqual(4_000);
  });
});

function pairs(times: readonly number[]): [number, number][] {
  return times.flatMap((from, at) => (at % 2 === 0 ? [[from, times[at + 1]!]] : []));
}
