import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeTrace } from '../../src/analysis/analyze-trace.js';
import { Ranking, type RankingOptions } from '../../src/analysis/ranking.js';
import { rerank, type RankBy, type Summary } from '../../src/analysis/summary.js';
import { buildTraceTree } from '../../src/analysis/trace-tree.js';
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
    ranking.addTrace(tree, { originEpochMillis: 1_000 });
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

  it('counts the cost of a failed attempt once, in row, model and total', () => {
    const summary = summaryOf([agent]);
    expect(row(summary, 'chat').costUsd).toBe(0.75);
    expect(summary.totals).toMatchObject({ costUsd: 0.75, llmCalls: 1, unpricedCalls: 0 });
    expect(summary.models).toEqual([
      { ...asked, calls: 1, errors: 0, inputTokens: 100, outputTokens: 10, costUsd: 0.75 },
    ]);
  });

  it('can be switched off', () => {
    const names = summaryOf([agent], { fold: false }).bottlenecks.map(({ name }) => name);
    // `answer` and `chat` have 5 ms of their own each: the longer one comes first.
    expect(names).toEqual(['POST', 'answer', 'chat', 'chat attempt']);
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
    expect(errors).toEqual([{ type: 'TypeError', segment: 'answer', count: 1 }]);
    expect(latency).toMatchObject({ count: 2, totalSeconds: 0.05, maxSeconds: 0.04 });
  });

  it('keeps rows of two services with one name apart', () => {
    const summary = summaryOf([
      [
        { id: 'a', name: 'work', start: 0, end: 9 },
        { id: 'b', name: 'work', service: 'other', parent: 'a', start: 1, end: 5 },
      ],
    ]);
    expect(summary.services).toEqual(['test', 'other']);
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
