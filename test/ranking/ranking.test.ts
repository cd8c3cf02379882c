import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { Ranking, type RankingOptions } from '../../src/ranking/ranking.js';
import type { RankBy, Summary } from '../../src/summary.js';
import { rerank } from '../../src/ranking/rank-rows.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { records, type SpanSketch } from '../support/trace.js';

function summaryOf(
  traces: readonly (readonly SpanSketch[])[],
  options: RankingOptions & { rankBy?: RankBy } = {},
): Summary {
  const ranking = new Ranking(options);
  for (const spans of traces) {
    const tree = buildTraceTree(records(spans));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 1_000, toleranceNanos: 0 });
  }
  return ranking.toSummary({
    nowEpochMillis: 0,
    ...(options.rankBy === undefined ? {} : { rankBy: options.rankBy }),
  });
}

function row(summary: Summary, name: string) {
  const found = summary.bottlenecks.find((bottleneck) => bottleneck.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
}

const asked = { provider: 'openai', model: 'gpt-4o' };
const llmCall = { ...asked, requestModel: 'gpt-4o' };

//  answer                |-------------------------------------|
//  . chat                 |----------------------------------|
//  . . attempt 1          |------|                                timeout
//  . . . POST             |------|
//  . . attempt 2                      |---------------------|     after 5 ms of backoff
//  . . . POST                          |------------------|
const agent: SpanSketch[] = [
  { id: 'answer', start: 0, end: 40 },
  {
    id: 'chat',
    parent: 'answer',
    start: 1,
    end: 36,
    kind: 'client',
    facts: { llmCall, inputTokens: 100, outputTokens: 10, costUsd: 0.5 },
  },
  {
    id: 'a1',
    name: 'chat attempt',
    parent: 'chat',
    start: 1,
    end: 9,
    error: 'timeout',
    facts: { attempt: { number: 1, outcome: 'timeout', backoffSeconds: 0 }, costUsd: 0.25 },
  },
  { id: 'p1', name: 'POST', parent: 'a1', start: 1, end: 9, facts: { isHttpClient: true } },
  {
    id: 'a2',
    name: 'chat attempt',
    parent: 'chat',
    start: 14,
    end: 36,
    facts: { attempt: { number: 2, outcome: 'success', backoffSeconds: 0.005 } },
  },
  { id: 'p2', name: 'POST', parent: 'a2', start: 15, end: 34, facts: { isHttpClient: true } },
];

describe('folding', () => {
  it('counts attempts and their transport for the operation', () => {
    const summary = summaryOf([agent]);
    expect(summary.bottlenecks.map(({ name }) => name)).toEqual(['chat', 'answer']);
    expect(row(summary, 'chat')).toMatchObject({
      calls: 1,
      errors: 0,
      criticalSeconds: 0.035,
      selfSeconds: 0.035,
      attempts: 2,
      retries: 1,
      p50Seconds: 0.035,
    });
  });

  it('calls failed attempts and the waits between attempts waste', () => {
    const { wastedSeconds, wastedCostUsd } = row(summaryOf([agent]), 'chat');
    expect(wastedSeconds).toBeCloseTo(0.008 + 0.005, 12);
    expect(wastedCostUsd).toBe(0.25);
  });

  it('counts attempts once where two layers tried again', () => {
    const attempt = (number: number, outcome: 'success' | 'error') => ({
      attempt: { number, outcome, backoffSeconds: number > 1 ? 0.001 : 0 },
    });
    const of = (id: string, parent: string, start: number, end: number): SpanSketch => {
      const [number, outcome] = [Number(id.at(-1)), end > 20 ? 'success' : 'error'] as const;
      return { id, parent, start, end, facts: attempt(number, outcome) };
    };
    const call = (id: string, parent: string, start: number, end: number): SpanSketch => {
      return { id, parent, start, end, kind: 'client', facts: { llmCall } };
    };
    // The client tries three times, and all of that once more around it.
    const summary = summaryOf([
      [
        call('chat', 'none', 0, 30),
        of('around 1', 'chat', 0, 13),
        call('first', 'around 1', 0, 13),
        of('first 1', 'first', 0, 4),
        of('first 2', 'first', 5, 8),
        of('first 3', 'first', 9, 13),
        of('around 2', 'chat', 14, 30),
        call('second', 'around 2', 14, 30),
        of('second 1', 'second', 14, 30),
      ],
    ]);
    expect(summary.totals).toMatchObject({ llmCalls: 1, attempts: 4, retries: 3 });
    expect(row(summary, 'chat').wastedSeconds).toBeCloseTo(0.013 + 0.001, 12);
    expect(summary.totals.wastedSeconds).toBeCloseTo(0.013 + 0.001, 12);
  });

  it('counts the cost of a failed attempt once, in row, model and total', () => {
    const summary = summaryOf([agent]);
    expect(row(summary, 'chat').costUsd).toBe(0.75);
    expect(summary.totals).toMatchObject({ costUsd: 0.75, llmCalls: 1, unpricedCalls: 0 });
    expect(summary.models).toEqual([
      {
        ...{ ...asked, calls: 1, errors: 0, inputTokens: 100, outputTokens: 10 },
        ...{ costUsd: 0.75, wastedCostUsd: 0.25 },
      },
    ]);
  });

  it('can be switched off', () => {
    const names = summaryOf([agent], { fold: false }).bottlenecks.map(({ name }) => name);
    // The 5 ms of `chat` itself are a backoff, which nothing saves.
    expect(names).toEqual(['POST', 'answer', 'chat attempt', 'chat']);
  });

  it('leaves HTTP requests outside of LLM calls alone', () => {
    const summary = summaryOf([
      [
        { id: 'load', start: 0, end: 5 },
        { id: 'GET', parent: 'load', start: 1, end: 4, facts: { isHttpClient: true } },
      ],
    ]);
    expect(row(summary, 'GET').calls).toBe(1);
  });
});

describe('the summary', () => {
  const failing: SpanSketch[] = [
    { id: 'answer', start: 0, end: 10, error: 'TypeError' },
    { id: 'chat', parent: 'answer', start: 1, end: 9, facts: { llmCall } },
  ];

  it('tells what is not known by leaving it out', () => {
    const summary = summaryOf([failing]);
    const json = JSON.stringify(summary);
    expect(json).not.toContain('null');
    expect(summary.totals).not.toHaveProperty('costUsd');
    expect(summary.totals).not.toHaveProperty('costPerSuccessUsd');
    expect(row(summary, 'chat')).not.toHaveProperty('costUsd');
    expect(row(summary, 'answer')).not.toHaveProperty('attempts');
    expect(summary.totals.unpricedCalls).toBe(1);
  });

  it('gives success rate, cost per success and errors by type', () => {
    const { totals, errors, latency } = summaryOf([agent, failing]);
    expect(totals).toMatchObject({ successRate: 0.5, costPerSuccessUsd: 0.75, errors: 1 });
    expect(errors).toMatchObject([{ type: 'TypeError', segment: 'answer', count: 1 }]);
    expect(latency).toMatchObject({ count: 2, totalSeconds: 0.05, maxSeconds: 0.04 });
  });

  it('keeps rows of two services with one name apart', () => {
    const summary = summaryOf([
      [
        { id: 'a', name: 'work', start: 0, end: 9 },
        { id: 'b', name: 'work', service: 'other', parent: 'a', start: 1, end: 5 },
      ],
    ]);
    expect(summary.services).toEqual(['other', 'test']);
    expect(summary.bottlenecks.map(({ service, calls }) => [service, calls])).toEqual([
      ['test', 1],
      ['other', 1],
    ]);
  });

  it('folds names beyond the limit into one row, with their sums', () => {
    const spans: SpanSketch[] = [
      { id: 'root', start: 0, end: 10 },
      ...Array.from({ length: 8 }, (_, i) => ({
        id: `c${i}`,
        parent: 'root',
        start: i,
        end: i + 1,
      })),
    ];
    const summary = summaryOf([spans], { maxRows: 3 });
    expect(summary.bottlenecks).toHaveLength(4);
    expect(row(summary, '(other)')).toMatchObject({ calls: 6, selfSeconds: 0.006 });
  });

  it('ranks by what was asked for, and again afterwards', () => {
    const names = (summary: Summary) => summary.bottlenecks.map(({ name }) => name);
    expect(names(summaryOf([agent]))).toEqual(['chat', 'answer']);
    expect(names(summaryOf([agent], { rankBy: 'total' }))).toEqual(['answer', 'chat']);
    const again = rerank(summaryOf([agent]), 'total');
    expect(names(again)).toEqual(['answer', 'chat']);
    expect(() => rerank(again, 'speed' as RankBy)).toThrow(
      'rerank: expected `rankBy` to be one of',
    );
    expect(again).toMatchObject({ rankedBy: 'total', bottlenecks: [{ rank: 1 }, { rank: 2 }] });
  });

  it('shows the slowest spans of a row, slowest first', () => {
    const spans: SpanSketch[] = [
      { id: 'root', start: 0, end: 100 },
      ...[5, 9, 7, 8].map((millis, i) => ({
        id: `c${i}`,
        name: 'child',
        parent: 'root',
        start: i * 10,
        end: i * 10 + millis,
      })),
    ];
    expect(row(summaryOf([spans]), 'child').slowest.map(({ spanId }) => spanId)).toEqual([
      'c1',
      'c3',
      'c2',
    ]);
  });

  it('has critical times that sum to the time of the local roots, for any traces', () => {
    fc.assert(
      fc.property(
        fc.array(anyTrace(10, 20), { maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        (traces, maxRows) => {
          const { bottlenecks, latency } = summaryOf(traces, { maxRows });
          const critical = bottlenecks.reduce((sum, b) => sum + b.criticalSeconds, 0);
          const share = bottlenecks.reduce((sum, b) => sum + b.criticalShare, 0);
          expect(critical).toBeCloseTo(latency.totalSeconds, 9);
          expect(share).toBeCloseTo(latency.totalSeconds > 0 ? 1 : 0, 9);
        },
      ),
    );
  });
});

describe('names that hold data', () => {
  const load = (path: string, error?: string): SpanSketch[] => [
    { id: 'r', name: path, start: 0, end: 2, ...(error === undefined ? {} : { error }) },
  ];

  it('share a row, and the errors of that row', () => {
    const summary = summaryOf([load('GET /users/17', 'Oops'), load('GET /users/18', 'Oops')]);
    expect(summary.bottlenecks.map(({ name }) => name)).toEqual(['GET /users/{n}']);
    expect(row(summary, 'GET /users/{n}')).toMatchObject({ calls: 2, criticalSeconds: 0.004 });
    expect(summary.errors).toMatchObject([{ type: 'Oops', segment: 'GET /users/{n}', count: 2 }]);
  });

  it('may have another rule, which is not asked about LLM calls', () => {
    const call: SpanSketch = {
      id: 'c',
      name: 'chat gpt-1234',
      start: 0,
      end: 1,
      facts: { llmCall },
    };
    const groupName = (name: string) => name.charAt(0);
    const summary = summaryOf([load('apple'), load('avocado'), [call]], { groupName });
    expect(summary.bottlenecks.map(({ name }) => name)).toEqual(['a', 'chat gpt-1234']);
  });

  it('lose no sums to the row of the others, in bounded memory', () => {
    const traces = Array.from({ length: 300 }, (_, i) => load(`name ${'x'.repeat(i + 1)}`));
    const summary = summaryOf(traces, { maxRows: 10 });
    expect(summary.bottlenecks).toHaveLength(11);
    expect(row(summary, '(other)')).toMatchObject({ calls: 290 });
    const critical = summary.bottlenecks.reduce(
      (sum, { criticalSeconds }) => sum + criticalSeconds,
      0,
    );
    expect(critical).toBeCloseTo(summary.latency.totalSeconds, 9);
  });
});

describe('the saving of a row', () => {
  //  answer    |--------------------|
  //  . search  |--------|                  beside load, and longer
  //  . load    |------|
  //  . plan              |---------|
  const trace = (planEnd = 20): SpanSketch[] => [
    { id: 'answer', start: 0, end: planEnd },
    { id: 'search', parent: 'answer', start: 0, end: 8 },
    { id: 'load', parent: 'answer', start: 0, end: 6 },
    { id: 'plan', parent: 'answer', start: 8, end: planEnd },
  ];

  it('is less than its critical time where something else ran beside it', () => {
    const summary = summaryOf([trace()]);
    expect(row(summary, 'plan').savingSeconds).toBeCloseTo(0.012, 12);
    expect(row(summary, 'search')).toMatchObject({ criticalSeconds: 0.008 });
    expect(row(summary, 'search').savingSeconds).toBeCloseTo(0.002, 12);
    expect(row(summary, 'load').savingSeconds).toBe(0);
    expect(row(summary, 'answer').savingSeconds).toBe(0);
    expect(summary.traces.replayed).toBe(1);
  });

  it('is of all traces, also where only a sample was run again', () => {
    const summary = summaryOf(Array.from({ length: 1_000 }, () => trace()));
    expect(summary.traces.replayed).toBe(120);
    expect(row(summary, 'plan').savingSeconds).toBeCloseTo(12, 9);
    expect(row(summary, 'search').savingSeconds).toBeCloseTo(2, 9);
  });

  it('is not known of a row that no trace of the sample had', () => {
    const quick: SpanSketch[] = [{ id: 'rare', start: 0, end: 1 }];
    const many = Array.from({ length: 5_000 }, () => trace());
    const summary = summaryOf([...many.slice(0, 200), quick, ...many]);
    expect(row(summary, 'rare')).toMatchObject({ criticalSeconds: 0.001 });
    expect(row(summary, 'rare')).not.toHaveProperty('savingSeconds');
  });

  it('counts what was folded for its operation, and one row of many names', () => {
    expect(row(summaryOf([agent]), 'chat').savingSeconds).toBeCloseTo(0.03, 12);
    const users: SpanSketch[] = [
      { id: 'r', start: 0, end: 4 },
      { id: 'a', parent: 'r', name: 'GET /users/1', start: 0, end: 2 },
      { id: 'b', parent: 'r', name: 'GET /users/2', start: 2, end: 4 },
    ];
    expect(row(summaryOf([users]), 'GET /users/{n}').savingSeconds).toBeCloseTo(0.004, 12);
  });

  it('is never more than its critical time', () => {
    fc.assert(
      fc.property(fc.array(anyTrace(), { minLength: 1, maxLength: 5 }), (traces) => {
        const summary = summaryOf(traces);
        for (const bottleneck of summary.bottlenecks) {
          const { savingSeconds = 0, criticalSeconds } = bottleneck;
          expect(savingSeconds).toBeGreaterThanOrEqual(0);
          expect(savingSeconds).toBeLessThanOrEqual(criticalSeconds);
        }
      }),
    );
  });
});
