import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { CallsOfTrace } from '../../src/trace/calls-of-trace.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { picture } from '../support/picture.js';
import { records, type SpanSketch } from '../support/trace.js';

const MODEL = { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' };
const call = (reporter: string | undefined, more: SpanFacts = {}): SpanFacts => ({
  ...{ llmCall: { ...MODEL, reporter }, inputTokens: 7, outputTokens: 5, costUsd: 0.5 },
  ...more,
});

function rank(spans: readonly SpanSketch[]) {
  const all = records(spans);
  const calls = new CallsOfTrace();
  for (const record of all) if (record.facts.llmCall !== undefined) calls.add(record);
  const tree = calls.join(buildTraceTree(all));
  analyzeTrace(tree, { toleranceNanos: 0 });
  const ranking = new Ranking({});
  ranking.addTrace(tree, { originEpochMillis: 0 });
  return ranking.toSummary({ nowEpochMillis: 0 });
}

function totalsOf(text: string, facts: Readonly<Record<string, SpanFacts>>) {
  const spans = picture(text).map((span) => ({ ...span, facts: facts[span.id] ?? {} }));
  const { llmCalls, inputTokens, costUsd } = rank(spans).totals;
  return { llmCalls, inputTokens, costUsd };
}

const BESIDE = `
  root    |------------------------|
  . a        |--------------|
  . b          |----------|
`;

describe('two spans of a call beside each other', () => {
  it('are one call where two instrumentations tell the same of it', () => {
    expect(totalsOf(BESIDE, { a: call('langchain'), b: call('openai') })).toEqual({
      ...{ llmCalls: 1, inputTokens: 7, costUsd: 0.5 },
    });
  });

  it.each<[string, SpanFacts, SpanFacts]>([
    ['one instrumentation reports both', call('openai'), call('openai')],
    ['it is not known who reports them', call(undefined), call('openai')],
    ['their tokens differ', call('langchain'), call('openai', { outputTokens: 6 })],
    [
      'their models differ',
      call('langchain'),
      call('openai', {
        llmCall: { provider: 'openai', model: 'o3', requestModel: 'o3', reporter: 'openai' },
      }),
    ],
    [
      'they are of different answers',
      call('langchain', { llmCall: { ...MODEL, reporter: 'langchain', responseId: 'a' } }),
      call('openai', { llmCall: { ...MODEL, reporter: 'openai', responseId: 'b' } }),
    ],
  ])('are two calls where %s', (_, a, b) => {
    expect(totalsOf(BESIDE, { a, b }).llmCalls).toBe(2);
  });

  it.each<[string, SpanFacts, SpanFacts]>([
    [
      'they are of one answer, whatever they made of its tokens',
      call('x', { llmCall: { ...MODEL, reporter: 'x', responseId: 'a' }, inputTokens: 3 }),
      call('x', { llmCall: { ...MODEL, reporter: 'x', responseId: 'a' } }),
    ],
    ['one knows no tokens', { llmCall: { ...MODEL, reporter: 'langchain' } }, call('openai')],
    [
      'one names no model',
      call('langchain', {
        llmCall: { provider: undefined, model: undefined, requestModel: undefined, reporter: 'x' },
      }),
      call('openai'),
    ],
  ])('are one call where %s', (_, a, b) => {
    expect(totalsOf(BESIDE, { a, b })).toMatchObject({ llmCalls: 1, costUsd: 0.5 });
  });

  it('leave a parallel call alone that has a layer of its own', () => {
    const fanOut = `
      root    |------------------------|
      . a        |--------------|
      . . inner    |----------|
      . b           |--------|
    `;
    const facts = { a: call('langchain'), inner: call('openai'), b: call('openai') };
    expect(totalsOf(fanOut, facts)).toEqual({ llmCalls: 2, inputTokens: 14, costUsd: 1 });
  });

  it('are two calls where neither is within the other', () => {
    const later = `
      root    |------------------------|
      . a        |---------|
      . b             |----------|
    `;
    expect(totalsOf(later, { a: call('langchain'), b: call('openai') }).llmCalls).toBe(2);
  });

  it('are as many calls as the outer instrumentation tells of, also at the same time', () => {
    const parallel = `
      root    |------------------------|
      . chain    |--------------------|
      . . a1      |------------------|
      . . a2      |----------------|
      . b1          |----------|
      . b2           |----------|
      . b3                |------|
    `;
    const [a, b] = [call('langchain'), call('openai')];
    const facts = { a1: a, a2: a, b1: b, b2: b, b3: b };
    expect(totalsOf(parallel, facts)).toEqual({ llmCalls: 3, inputTokens: 21, costUsd: 1.5 });
  });
});

it('keeps the sums of any trace, and no more calls than were told of', () => {
  const kinds: readonly SpanFacts[] = [
    {},
    call('langchain'),
    call('openai'),
    call('openai', { inputHash: 'a' }),
    call('langchain', { inputTokens: 8 }),
  ];
  const chosen = fc.array(fc.nat({ max: kinds.length - 1 }), { minLength: 14, maxLength: 14 });
  fc.assert(
    fc.property(anyTrace(14, 24), chosen, (spans, which) => {
      const told = spans.map((span, at) => ({ ...span, facts: kinds[which[at]!]! }));
      const { latency, bottlenecks, totals } = rank(told);
      const sum = bottlenecks.reduce((all, { criticalSeconds }) => all + criticalSeconds, 0);
      expect(sum).toBeCloseTo(latency.totalSeconds, 9);
      const calls = told.filter(({ facts }) => facts.llmCall !== undefined).length;
      expect(totals.llmCalls).toBeLessThanOrEqual(calls);
    }),
    { numRuns: 500 },
  );
});
