import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ranking, type RankingOptions } from '../../src/ranking/ranking.js';
import type { Summary } from '../../src/summary.js';
import { mergeSummaries } from '../../src/summaries/merge-summaries.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { records, type SpanSketch } from '../support/trace.js';

function rankingOf(traces: readonly (readonly SpanSketch[])[], options: RankingOptions = {}) {
  const ranking = new Ranking(options);
  for (const spans of traces) {
    const tree = buildTraceTree(records(spans));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
  }
  return ranking;
}

const summaryOf = (...args: Parameters<typeof rankingOf>) =>
  rankingOf(...args).toSummary({ nowEpochMillis: 0 });

/** A request with a step inside. */
const request = (name: string, millis: number, more: Partial<SpanSketch> = {}): SpanSketch[] => [
  { id: 'r', name, start: 0, end: millis, ...more },
  { id: 'w', name: 'work', parent: 'r', start: 0, end: millis / 2, facts: { costUsd: 0.25 } },
];

describe('entry points', () => {
  it('are the local roots by name and service, most time first', () => {
    const { entryPoints } = summaryOf([
      request('POST /ask', 10),
      request('POST /ask', 30, { error: 'Error' }),
      request('GET /users/17', 50),
      request('GET /users/18', 50),
      request('POST /ask', 2, { service: 'other' }),
    ]);
    expect(entryPoints).toMatchObject([
      { name: 'GET /users/{n}', service: 'test', calls: 2, errors: 0, totalSeconds: 0.1 },
      {
        ...{ name: 'POST /ask', service: 'test', calls: 2, errors: 1, costUsd: 0.5 },
        ...{ p50Seconds: 0.01, p95Seconds: 0.03, maxSeconds: 0.03 },
      },
      { name: 'POST /ask', service: 'other', calls: 1 },
    ]);
  });

  it('add up to the latency, bounded in number, also when summaries are merged', () => {
    const names = fc.array(fc.nat({ max: 150 }), { maxLength: 200 });
    fc.assert(
      fc.property(names, (numbers) => {
        const word = (number: number) => `job ${'x'.repeat(number + 1)}`;
        const traces = numbers.map((number) => request(word(number), 2 * number));
        const half = traces.length >> 1;
        const parts = [traces.slice(0, half), traces.slice(half)].map((some) => summaryOf(some));
        for (const summary of [summaryOf(traces), mergeSummaries(parts)]) {
          const { latency, entryPoints = [] } = summary;
          expect(entryPoints.length).toBeLessThanOrEqual(101);
          const sum = entryPoints.reduce((all, { totalSeconds }) => all + totalSeconds, 0);
          const calls = entryPoints.reduce((all, point) => all + point.calls, 0);
          expect(sum).toBeCloseTo(latency.totalSeconds, 9);
          expect(calls).toBe(latency.count);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('stay known when a summary of an older version is merged, which says so', () => {
    const now = summaryOf([request('a', 10)]);
    const older: Partial<Summary> = { ...summaryOf([request('b', 20)]) };
    Reflect.deleteProperty(older, 'entryPoints');
    const merged = mergeSummaries([now, older as Summary]);
    expect(merged.entryPoints).toMatchObject([{ name: 'a', calls: 1 }]);
    expect(merged.warnings).toEqual([
      'an older version saved a summary: its traces are in no entry point',
    ]);
  });
});

describe('one entry point alone', () => {
  const traces = [request('POST /ask', 10), request('GET /health', 4), request('POST /ask', 20)];

  it.each(['POST /ask', 'test/POST /ask'])('is ranked by %j', (entry) => {
    const { latency, bottlenecks, entryPoints, warnings } = summaryOf(traces, { entry });
    expect(latency).toMatchObject({ count: 2, totalSeconds: 0.03 });
    expect(bottlenecks.map(({ name, calls }) => [name, calls])).toEqual([
      ['POST /ask', 2],
      ['work', 2],
    ]);
    expect(entryPoints).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('is one of several local roots of a trace', () => {
    const remote = { parent: 'elsewhere', remote: true } as const;
    const trace: SpanSketch[] = [
      { id: 'a', start: 0, end: 10, ...remote },
      { id: 'inA', parent: 'a', start: 0, end: 4 },
      { id: 'b', start: 5, end: 30, ...remote },
      { id: 'inB', parent: 'b', start: 6, end: 12 },
    ];
    const { latency, bottlenecks } = summaryOf([trace], { entry: 'b' });
    expect(latency).toMatchObject({ count: 1, totalSeconds: 0.025 });
    expect(bottlenecks.map(({ name }) => name)).toEqual(['b', 'inB']);
  });

  it('leaves out what is known of no entry point, and counts it', () => {
    const ranking = rankingOf(traces, { entry: 'POST /ask' });
    const [outside] = records([{ id: 'late', start: 0, end: 5 }]);
    ranking.addOutside(outside!, outside!, 'late');
    const { spans, bottlenecks } = ranking.toSummary({ nowEpochMillis: 0 });
    expect(spans.late).toBe(1);
    expect(bottlenecks.map(({ name }) => name)).not.toContain('late');
  });

  it('says which there are when there is none of that name', () => {
    const { latency, bottlenecks, warnings } = summaryOf(traces, { entry: 'POST /as' });
    expect({ count: latency.count, bottlenecks }).toEqual({ count: 0, bottlenecks: [] });
    expect(warnings).toEqual([
      'no trace of the entry point `POST /as` has ended; of others: `POST /ask`, `GET /health`',
    ]);
    expect(summaryOf([], { entry: 'x' }).warnings).toEqual([]);
  });

  it('keeps the sums of any trace', () => {
    fc.assert(
      fc.property(fc.array(anyTrace(8, 20), { maxLength: 5 }), (spans) => {
        const { latency, bottlenecks } = summaryOf(spans, { entry: 's0' });
        const sum = bottlenecks.reduce((all, { criticalSeconds }) => all + criticalSeconds, 0);
        expect(sum).toBeCloseTo(latency.totalSeconds, 9);
        expect(latency.count).toBe(spans.length);
      }),
    );
  });
});
