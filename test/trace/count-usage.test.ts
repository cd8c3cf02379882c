import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { CallsOfTrace, mayTellOfCall } from '../../src/trace/calls-of-trace.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { loadPrices } from '../../src/cost/price.js';
import { picture } from '../support/picture.js';
import { records } from '../support/trace.js';

await loadPrices();

function summaryOf(text: string, facts: Readonly<Record<string, SpanFacts>>) {
  const all = records(picture(text).map((span) => ({ ...span, facts: facts[span.id] ?? {} })));
  const calls = new CallsOfTrace();
  for (const record of all) if (mayTellOfCall(record)) calls.add(record);
  const tree = calls.join(buildTraceTree(all));
  analyzeTrace(tree, { toleranceNanos: 0 });
  const ranking = new Ranking({});
  ranking.addTrace(tree, { originEpochMillis: 0 });
  return ranking.toSummary({ nowEpochMillis: 0 });
}

const GPT = { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' };
const USAGE = { inputTokens: 1_000, outputTokens: 100 };
/** 1,000 × $2.50 + 100 × $10 per million, by hand. */
const USD = 0.0035;
const chat: SpanFacts = { llmCall: GPT, ...USAGE };
const of = (reporter: string): SpanFacts => ({ ...chat, llmCall: { ...GPT, reporter } });
const untold: SpanFacts = { llmCall: GPT };
const agent = (ifAlone: SpanFacts['ifAlone']): SpanFacts => ({ ifAlone: ifAlone! });
const close = (usd: number) => expect.closeTo(usd, 12) as number;

const TWO = `
  agent   |----------------|
  . a       |----|
  . b             |----|
`;

describe('what an agent tells of the calls inside it', () => {
  const sums = { llmCall: GPT, inputTokens: 2_000, outputTokens: 200 };

  it('is a call where nothing is seen inside', () => {
    const { totals } = summaryOf('agent |--|', { agent: agent({ llmCall: GPT, ...USAGE }) });
    expect(totals).toMatchObject({ llmCalls: 1, inputTokens: 1_000, costUsd: close(USD) });
  });

  it('does not count beside calls that tell their tokens', () => {
    const { totals } = summaryOf(TWO, { agent: agent(sums), a: chat, b: chat });
    expect(totals).toMatchObject({ llmCalls: 2, inputTokens: 2_000, costUsd: close(2 * USD) });
  });

  it('counts once where the calls know nothing', () => {
    const { totals, models } = summaryOf(TWO, { agent: agent(sums), a: untold, b: untold });
    expect(totals).toMatchObject({
      ...{ llmCalls: 2, unpricedCalls: 0 },
      ...{ inputTokens: 2_000, outputTokens: 200, costUsd: close(2 * USD) },
    });
    expect(models).toMatchObject([{ calls: 2, inputTokens: 2_000, costUsd: close(2 * USD) }]);
  });

  it('counts as far as the calls do not know it', () => {
    const { totals } = summaryOf(TWO, {
      agent: agent({ ...sums, costUsd: 0.5 }),
      a: { ...chat, costUsd: 0.1 },
      b: untold,
    });
    expect(totals).toMatchObject({ inputTokens: 2_000, unpricedCalls: 0, costUsd: close(0.5) });
  });

  it.each([0.5, 0.001])('counts as a cost of $%f before one that is computed', (costUsd) => {
    const { totals, bottlenecks } = summaryOf(TWO, { agent: agent({ costUsd }), a: chat, b: chat });
    expect(totals.costUsd).toEqual(close(costUsd));
    const sum = bottlenecks.reduce((all, row) => all + (row.costUsd ?? 0), 0);
    expect(sum).toEqual(close(costUsd));
  });

  it('does not count as a cost where each call brings its own', () => {
    const brought = { ...chat, costUsd: 0.1 };
    const { totals } = summaryOf(TWO, { agent: agent({ costUsd: 5 }), a: brought, b: brought });
    expect(totals.costUsd).toEqual(close(0.2));
  });

  it('leaves calls unpriced where it says less than they cost', () => {
    const { totals } = summaryOf(TWO, {
      agent: agent({ costUsd: 0.05 }),
      a: { ...chat, costUsd: 0.1 },
      b: { llmCall: { ...GPT, model: 'unheard-of', requestModel: 'unheard-of' }, ...USAGE },
    });
    expect(totals).toMatchObject({ unpricedCalls: 1, costUsd: close(0.1) });
  });

  it('counts once where agents around it repeat it', () => {
    const nested = `
      root     |----------|
      . outer  |----------|
      . . inner  |-----|
    `;
    const cost = agent({ costUsd: 0.12 });
    const { totals } = summaryOf(nested, { root: cost, outer: cost, inner: cost });
    expect(totals).toMatchObject({ llmCalls: 0, costUsd: close(0.12) });
  });

  it('is not explained by what wrote nothing, as an embedding', () => {
    const embedding = {
      provider: 'openai',
      model: 'text-embedding-3-small',
      requestModel: undefined,
    };
    const { totals } = summaryOf(TWO, {
      agent: agent(sums),
      a: { llmCall: embedding, inputTokens: 10 },
    });
    expect(totals).toMatchObject({ llmCalls: 2, inputTokens: 2_010 });
  });
});

describe('a call around others', () => {
  it.each<[string, SpanFacts]>([
    ['names no model', { llmCall: { ...GPT, model: undefined, requestModel: undefined } }],
    ['holds several of its model', { ...chat, inputTokens: 2_000 }],
  ])('is none where it %s', (_, outer) => {
    const { totals } = summaryOf(TWO, { agent: outer, a: chat, b: chat });
    expect(totals).toMatchObject({ llmCalls: 2, inputTokens: 2_000, costUsd: close(2 * USD) });
  });

  it('is one with its retries', () => {
    const failed = records(picture(TWO)).map((record) => ({
      ...record,
      errorType: record.spanId === 'a' ? '429' : undefined,
      facts: record.spanId === 'a' ? untold : chat,
    }));
    const calls = new CallsOfTrace();
    failed.forEach((record) => calls.add(record));
    const tree = calls.join(buildTraceTree(failed));
    analyzeTrace(tree);
    const ranking = new Ranking({});
    ranking.addTrace(tree, { originEpochMillis: 0 });
    const { totals } = ranking.toSummary({ nowEpochMillis: 0 });
    expect(totals).toMatchObject({ llmCalls: 1, inputTokens: 1_000, costUsd: close(USD) });
  });

  it('is priced by the client inside it where its framework names a provider without prices', () => {
    const langchain = { ...GPT, provider: 'no such provider' };
    const one = `
      outer   |------|
      . inner   |--|
    `;
    const { totals } = summaryOf(one, { outer: { llmCall: langchain, ...USAGE }, inner: chat });
    expect(totals).toMatchObject({ llmCalls: 1, unpricedCalls: 0, costUsd: close(USD) });
  });

  it('has the details that a single layer inside knows', () => {
    const one = `
      outer   |------|
      . inner   |--|
    `;
    const inner = { ...chat, cacheReadTokens: 400 };
    const { totals } = summaryOf(one, { outer: chat, inner });
    // 600 × $2.50 + 400 × $1.25 + 100 × $10 per million.
    expect(totals).toMatchObject({ llmCalls: 1, inputTokens: 1_000, costUsd: close(0.003) });
  });

  it('has the cost that a layer inside brings, before one that hotspan computed', () => {
    const one = `
      outer   |------|
      . inner   |--|
    `;
    const outer: SpanFacts = { ...chat, costUsd: USD, isCostComputed: true };
    const { totals } = summaryOf(one, { outer, inner: { ...chat, costUsd: 0.25 } });
    expect(totals.costUsd).toEqual(close(0.25));
  });

  it('is one call where a plain span is between the layers', () => {
    const three = `
      outer     |--------|
      . plain     |-----|
      . . inner    |--|
    `;
    const { totals } = summaryOf(three, { outer: of('langchain'), inner: of('openai') });
    expect(totals).toMatchObject({ llmCalls: 1, inputTokens: 1_000, costUsd: close(USD) });
    const alike = summaryOf(three, { outer: of('openai'), inner: of('openai') });
    expect(alike.totals).toMatchObject({
      llmCalls: 2,
      inputTokens: 2_000,
      costUsd: close(2 * USD),
    });
  });

  it('counts beside what its tools ask', () => {
    const three = `
      call        |------------|
      . tool        |--------|
      . . inner       |----|
    `;
    const facts = { call: chat, tool: { isToolCall: true } as const, inner: chat };
    expect(summaryOf(three, facts).totals).toMatchObject({ llmCalls: 2, inputTokens: 2_000 });
  });
});

it('says what a cost leaves out, at the totals, the row and the model', () => {
  const partly: SpanFacts = { ...chat, costUsd: 0.1, costExcludes: ['web_search'] };
  const { totals, bottlenecks, models, warnings } = summaryOf(TWO, { a: partly, b: partly });
  expect(totals.partlyPricedCalls).toBe(2);
  expect(models).toMatchObject([{ partlyPricedCalls: 2 }]);
  expect(bottlenecks.map((row) => row.partlyPricedCalls)).toContain(1);
  expect(warnings).toEqual(['2 calls: the cost leaves out web_search']);
});
