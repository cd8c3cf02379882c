import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Insights } from '../../src/insights/insights.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import type { AttemptOutcome } from '../../src/semconv.js';
import { analyzed } from '../support/analyzed.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { heapGrowth } from '../support/heap.js';
import type { SpanSketch } from '../support/trace.js';
import { asking, sequence, summaryOf, rowsByName } from './support.js';

const few = (max: number) => fc.nat({ max });
const OUTCOMES: AttemptOutcome[] = ['success', 'error', 'timeout', 'aborted'];

const anyFacts: fc.Arbitrary<SpanFacts> = fc.oneof(
  fc.constant({}),
  fc.record({
    isToolCall: fc.constant(true as const),
    inputHash: fc.constantFrom('a', 'b'),
    isColdStart: fc.constant(true as const),
  }),
  few(30).map((millis) => ({ blockedSeconds: millis / 1000 })),
  fc
    .record({
      inputHash: fc.constantFrom('a', 'b', 'c'),
      inputTokens: few(2_000),
      outputTokens: few(100),
      costUsd: few(5),
      cacheReadTokens: few(500),
      sessionId: fc.constantFrom('one', 'two'),
    })
    .map(asking),
  fc
    .record({
      number: fc.integer({ min: 1, max: 3 }),
      outcome: fc.constantFrom(...OUTCOMES),
      backoffSeconds: few(3).map((millis) => millis / 1000),
      timeoutSeconds: fc.constantFrom(0.001, 0.01, 1),
    })
    .map((attempt) => ({ attempt })),
);

/** Any traces with few names and all facts that insights are made of. */
const anyTraces: fc.Arbitrary<SpanSketch[][]> = fc.array(
  fc
    .tuple(
      anyTrace(40, 60),
      fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), anyFacts, fc.boolean()), {
        minLength: 40,
        maxLength: 40,
      }),
    )
    .map(([spans, more]) =>
      spans.map((span, index): SpanSketch => {
        const [name, facts, isFailed] = more[index]!;
        return { ...span, name, facts, ...(isFailed ? { error: 'Error' } : {}) };
      }),
    ),
  { maxLength: 20 },
);

describe('for any traces', () => {
  it('no saving is more than there was, and none is less than nothing', () => {
    let said = 0;
    fc.assert(
      fc.property(anyTraces, (traces) => {
        const { insights = [], latency, totals } = summaryOf(traces);
        const keys = insights.map(({ kind, service, segment }) => `${kind} ${service} ${segment}`);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { savingSeconds = 0, savingUsd = 0, evidence, message } of insights) {
          expect(savingSeconds).toBeGreaterThanOrEqual(0);
          expect(savingSeconds).toBeLessThanOrEqual(latency.totalSeconds);
          expect(savingUsd).toBeGreaterThanOrEqual(0);
          expect(savingUsd).toBeLessThanOrEqual(totals.costUsd ?? 0);
          for (const value of Object.values(evidence)) expect(value).toSatisfy(isFlat);
          expect(message).not.toMatch(/NaN|undefined|Infinity/);
          said += 1;
        }
      }),
    );
    expect(said).toBeGreaterThan(100);
  });

  it('what is said does not hang on the order of the traces', () => {
    fc.assert(
      fc.property(anyTraces, (traces) => {
        const origins = new Map(traces.map((trace, at) => [trace, 7 * ((at * 5) % 23)]));
        const figures = (of: SpanSketch[][]) =>
          (summaryOf(of, {}, (at) => origins.get(of[at]!)!).insights ?? [])
            .map(({ kind, segment, evidence, savingSeconds, savingUsd }) => [
              `${kind} ${segment}`,
              ...[...Object.values(evidence), savingSeconds ?? 0, savingUsd ?? 0].map((value) =>
                typeof value === 'number' ? Number(value.toPrecision(9)) : value,
              ),
            ])
            .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
        expect(figures([...traces].reverse())).toEqual(figures(traces));
      }),
    );
  });
});

function isFlat(value: unknown): boolean {
  return typeof value === 'string' || Number.isFinite(value);
}

it('does not grow with names and inputs', async () => {
  const insights = new Insights(rowsByName());
  let at = 0;
  const growth = await heapGrowth(50_000, () => {
    at += 1;
    const facts = asking({ inputHash: `hash ${at}`, inputTokens: at, sessionId: `${at}` });
    const child = { name: `name ${at}`, millis: 5, facts };
    const attempt = {
      number: 1,
      outcome: 'success',
      backoffSeconds: 0,
      timeoutSeconds: at,
    } as const;
    const tried = { name: `tried ${at}`, millis: 5, facts: { attempt } };
    const often = { name: 'often', millis: 5, facts };
    insights.addTrace(analyzed(sequence([child, child, child, often, tried])), 0);
  });
  expect(growth).toBeLessThan(2);
  // And it did see them.
  const totals = { rows: [], seconds: 1, costUsd: undefined, inputTokens: 0 };
  expect(insights.list(totals).length).toBeGreaterThan(100);
}, 60_000);

it('looks at large traces without recursion, in time that grows with their size', () => {
  const facts = asking({ inputTokens: 5, blockedSeconds: 0.02 });
  const wide = sequence(
    Array.from({ length: 100_000 }, () => ({ name: 'same', millis: 1, facts })),
  );
  const deep = Array.from({ length: 100_000 }, (_, at): SpanSketch => {
    const parent = at === 0 ? {} : { parent: `d${at - 1}` };
    return { id: `d${at}`, ...parent, name: 'deep', start: 0, end: 200_000 - at, facts };
  });
  const insights = new Insights(rowsByName());
  // The processor's time: on a busy machine all else takes longer.
  const started = process.cpuUsage();
  insights.addTrace(analyzed(wide), 0);
  insights.addTrace(analyzed(deep), 0);
  // A second where something quadratic would take minutes.
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1e6).toBeLessThan(10);
});
