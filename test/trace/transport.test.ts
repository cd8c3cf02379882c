import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { joinRetriedCalls } from '../../src/trace/retried-calls.js';
import type { SpanFacts } from '../../src/trace/span-record.js';
import { attemptAround } from '../../src/trace/retried-requests.js';
import { buildTraceTree, type SpanNode } from '../../src/trace/trace-tree.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { picture } from '../support/picture.js';
import { records, type SpanSketch } from '../support/trace.js';

interface More {
  readonly facts?: SpanFacts;
  readonly error?: string;
  readonly name?: string;
}

/** The summary of one trace: a picture, and what its spans tell. */
function summaryOf(text: string, more: Readonly<Record<string, More>>, options = {}) {
  return rank(
    picture(text).map((span) => ({ ...span, ...more[span.id] })),
    options,
  );
}

function rank(spans: readonly SpanSketch[], options = {}) {
  const tree = joinRetriedCalls(buildTraceTree(records(spans)));
  analyzeTrace(tree, { toleranceNanos: 0 });
  const ranking = new Ranking(options);
  ranking.addTrace(tree, { originEpochMillis: 0 });
  return ranking.toSummary({ nowEpochMillis: 0 });
}

function rowsOf({ bottlenecks }: ReturnType<typeof rank>) {
  return Object.fromEntries(
    bottlenecks.map(({ name, criticalSeconds }) => [name, Math.round(criticalSeconds * 1e3)]),
  );
}

const llmCall = { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' };
const chat: More = { facts: { llmCall, address: 'llm.internal' } };
const POST: SpanFacts = { isHttpClient: true };

describe('transport', () => {
  const INSIDE = `
    root    |--------------------|
    . chat    |---------------|
    . . p       |---------|
    . . . tls   |--|
  `;

  it.each<[string, SpanFacts]>([
    ['goes nowhere that is known', {}],
    ['goes to the host of the call', { address: 'llm.internal' }],
    ["goes to a model's API", { address: 'other.internal', asksModelApi: true }],
  ])('inside a call of a model is a part of it when it %s', (_, facts) => {
    const summary = summaryOf(INSIDE, {
      chat,
      p: { facts: { ...POST, ...facts } },
      tls: { facts: { isConnection: true } },
    });
    expect(rowsOf(summary)).toEqual({ root: 5, chat: 16 });
  });

  it('to another host inside a call of a model is a row of its own, with its connection', () => {
    const more = {
      chat,
      p: { facts: { ...POST, address: 'search.internal', rowName: 'GET search.internal' } },
      tls: { facts: { isConnection: true } as const },
    };
    expect(rowsOf(summaryOf(INSIDE, more))).toEqual({
      ...{ root: 5, chat: 6, 'GET search.internal': 7, tls: 3 },
    });
  });

  it('inside an MCP request is a part of it, and stays a row where nothing is folded', () => {
    const more = { chat: { facts: { isMcpRequest: true } as const }, p: { facts: POST } };
    expect(rowsOf(summaryOf(INSIDE, more))).toEqual({ root: 5, chat: 6 + 7, tls: 3 });
    expect(rowsOf(summaryOf(INSIDE, more, { fold: false }))).toMatchObject({ p: 7 });
  });

  const TOOL = `
    root     |--------------------|
    . tool    |---------------|
    . . a       |---|
    . . . tls   |-|
    . . b             |---|
  `;
  const tool: More = { facts: { isToolCall: true } };
  const tls: More = { facts: { isConnection: true } };
  const to = (address: string): More => ({ facts: { ...POST, address } });

  it('inside a tool that does nothing else is a part of it', () => {
    const summary = summaryOf(TOOL, { tool, tls, a: to('x'), b: to('x') });
    expect(rowsOf(summary)).toEqual({ root: 5, tool: 16 });
  });

  it.each<[string, Record<string, More>]>([
    ['asks several hosts', { a: to('x'), b: to('y') }],
    ['does something else', { a: to('x') }],
  ])('inside a tool that %s is a row of its own', (_, more) => {
    const rows = rowsOf(summaryOf(TOOL, { tool, tls, ...more }));
    expect(rows).toMatchObject({ tool: 8, a: 2, b: 4 });
  });
});

describe('requests that a client sent again', () => {
  const AGAIN = `
    root     |------------------------------|
    . chat     |-------------------------|
    . . p1     |---|
    . . p2          |----|
    . . p3                    |----------|
  `;
  const failed: More = { facts: { ...POST, mayBeSentAgain: true }, error: '429' };
  const broken: More = { facts: POST, error: 'ECONNRESET' };
  const ok: More = { facts: { ...POST, mayBeSentAgain: false } };

  it('are attempts of the call, with their waits', () => {
    const summary = summaryOf(AGAIN, { chat, p1: failed, p2: broken, p3: ok });
    expect(summary.totals).toMatchObject({ llmCalls: 1, attempts: 3, retries: 2, errors: 0 });
    // 4 and 5 ms failed, 1 and 5 ms of waiting.
    expect(summary.totals.wastedSeconds).toBeCloseTo(0.015, 9);
    expect(summary.bottlenecks.find(({ name }) => name === 'chat')).toMatchObject({
      ...{ calls: 1, attempts: 3, retries: 2 },
    });
  });

  it.each<[string, Record<string, More>]>([
    ['one that others follow did not fail', { p1: ok, p2: ok, p3: ok }],
    [
      'its status is none that is tried again',
      {
        p1: { facts: { ...POST, mayBeSentAgain: false }, error: '400' },
        ...{ p2: ok, p3: ok },
      },
    ],
    [
      'the call tells of its attempts itself',
      {
        p1: failed,
        p2: { facts: { attempt: { number: 1, outcome: 'success', backoffSeconds: 0 } } },
        p3: ok,
      },
    ],
    [
      'they go to other hosts',
      {
        p1: { facts: { ...failed.facts, address: 'x' }, error: '429' },
        p2: { facts: { ...ok.facts, address: 'x' } },
        p3: { facts: { ...ok.facts, address: 'y' } },
      },
    ],
  ])('are none where %s', (_, more) => {
    expect(summaryOf(AGAIN, { chat, ...more }).totals.retries).toBe(0);
  });

  it('are not counted inside an attempt, which has its own row of attempts', () => {
    const attempt = { number: 1, outcome: 'success', backoffSeconds: 0 } as const;
    const text = `
      chat         |-----------------|
      . try        |----------------|
      . . inner     |-------------|
      . . . p1      |---|
      . . . p2             |-----|
    `;
    const more = { chat, try: { facts: { attempt } }, inner: chat, p1: failed, p2: ok };
    expect(summaryOf(text, more).totals).toMatchObject({ attempts: 1, retries: 0, llmCalls: 1 });
  });
});

describe('calls that were made again', () => {
  const AGAIN = `
    root     |------------------------------|
    . c1       |---|
    . c2            |----|
    . c3                      |----------|
    . d        |----|
  `;
  const call = (resends?: number): More => ({
    name: 'chat gpt-4o',
    facts: {
      llmCall,
      ...(resends === undefined ? { inputTokens: 5 } : { resends, inputTokens: 7, costUsd: 0.5 }),
    },
  });
  const other = { facts: { llmCall: { ...llmCall, requestModel: 'small' } } };

  it('are one operation with the answer of the last', () => {
    const more = { c1: { ...call(), error: '429' }, c2: { ...call(1), error: '500' }, c3: call(2) };
    const summary = summaryOf(AGAIN, { ...more, d: other });
    expect(summary.totals).toMatchObject({ llmCalls: 2, attempts: 3, retries: 2, errors: 0 });
    const row = summary.bottlenecks.find(({ name }) => name === 'chat gpt-4o');
    // What failed attempts used was used; that of the last is told once.
    expect(row).toMatchObject({ calls: 1, inputTokens: 19, costUsd: 1, wastedCostUsd: 0.5 });
    expect(row!.criticalSeconds).toBeCloseTo(0.026, 9);
    expect(row!.maxSeconds).toBeCloseTo(0.026, 9);
    expect(rowsOf(summary)).toEqual({ root: 5, 'chat gpt-4o': 26, d: 0 });
  });

  it('are one operation where each asks the same', () => {
    const asks = (inputHash: string) => ({ facts: { llmCall, inputHash } });
    const failed = { ...asks('a'), error: '429' };
    const again = { c1: failed, c2: failed, c3: asks('a'), d: asks('b') };
    expect(summaryOf(AGAIN, again).totals).toMatchObject({
      ...{ llmCalls: 2, attempts: 3, retries: 2, errors: 0 },
    });
    // One that did not fail is no attempt.
    const asked = { c1: asks('a'), c2: asks('a'), c3: asks('a'), d: asks('a') };
    expect(summaryOf(AGAIN, asked).totals).toMatchObject({ llmCalls: 4, attempts: 0 });
  });

  it.each<[string, Record<string, More>]>([
    ['the one before did not fail', { c1: call(), c2: call(1), c3: call() }],
    [
      'it is of another model',
      {
        c1: { ...other, error: '429' },
        c2: call(1),
        c3: call(),
      },
    ],
    [
      'nothing says that they were sent again',
      { c1: { ...call(), error: '429' }, c2: call(), c3: call() },
    ],
  ])('are calls of their own where %s', (_, more) => {
    expect(summaryOf(AGAIN, more).totals).toMatchObject({ llmCalls: 3, attempts: 0 });
  });
});

it('keeps the sums of any trace, and has an attempt more than retries for each operation', () => {
  const kinds: readonly Partial<SpanSketch>[] = [
    {},
    { facts: { llmCall } },
    { facts: { llmCall }, error: '429' },
    { facts: { llmCall, resends: 1 } },
    { facts: { llmCall, inputHash: 'a' } },
    { facts: { llmCall, inputHash: 'a' }, error: '429' },
    { facts: { llmCall, resends: 2 }, error: '500' },
    { facts: POST, error: '503' },
    { facts: { ...POST, mayBeSentAgain: true } },
    { facts: { ...POST, mayBeSentAgain: false } },
    { facts: { isToolCall: true } },
    { facts: { isMcpRequest: true } },
    { facts: { isConnection: true } },
  ];
  const kindsOfSpans = fc.array(fc.nat({ max: kinds.length - 1 }), {
    minLength: 14,
    maxLength: 14,
  });
  fc.assert(
    fc.property(anyTrace(14, 24), kindsOfSpans, fc.boolean(), (spans, chosen, fold) => {
      const told = spans.map((span, at) => ({ ...span, ...kinds[chosen[at]!] }));
      const { latency, bottlenecks, totals } = rank(told, { fold });
      const sum = bottlenecks.reduce((all, { criticalSeconds }) => all + criticalSeconds, 0);
      expect(sum).toBeCloseTo(latency.totalSeconds, 9);
      const tree = joinRetriedCalls(buildTraceTree(records(told)));
      analyzeTrace(tree, { toleranceNanos: 0 });
      // The first attempt inside another is that one.
      const isAttempt = (node: SpanNode) => node.record.facts.attempt && !attemptAround(node);
      const retried = tree.nodes.filter(({ children }) => children.some(isAttempt));
      expect(totals.attempts).toBe(totals.retries + retried.length);
    }),
    { numRuns: 500 },
  );
});

describe("a framework's span of a request", () => {
  const REQUEST = `
    outer     |------------|
    . inner    |---------|
    . . work     |---|
  `;
  const server = (name: string, facts: SpanFacts = {}) => ({
    name,
    kind: 'server' as const,
    facts,
  });
  const rank3 = (outer: object, inner: object) => {
    const more: Record<string, object> = { outer, inner };
    return rank(picture(REQUEST).map((span) => ({ ...span, ...more[span.id] })));
  };
  const callsOf = ({ bottlenecks }: ReturnType<typeof rank>) =>
    Object.fromEntries(bottlenecks.map(({ name, calls }) => [name, calls]));

  it.each([
    ['of the same name', server('GET /ask')],
    ['of a name of its own', server('GET', { rowName: 'GET /ask' })],
  ])("is one with its server's %s", (_, outer) => {
    const summary = rank3(outer, server('GET /ask'));
    expect(callsOf(summary)).toEqual({ 'GET /ask': 1, work: 1 });
    expect(rowsOf(summary)).toEqual({ 'GET /ask': 9, work: 4 });
  });

  it('is by itself under another name, or where it is none of a server', () => {
    const byRoute = rank3(server('GET /ask'), server('handle'));
    expect(callsOf(byRoute)).toEqual({ 'GET /ask': 1, handle: 1, work: 1 });
    const recursive = rank3({ name: 'walk' }, { name: 'walk' });
    expect(callsOf(recursive)).toEqual({ walk: 2, work: 1 });
  });
});
