import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { Ranking, type RankingOptions } from '../../src/ranking/ranking.js';
import { mergeSummaries } from '../../src/summaries/merge-summaries.js';
import type { Bottleneck, Summary } from '../../src/summary.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { records, type SpanSketch } from '../support/trace.js';

type Trace = readonly SpanSketch[];

function summaryOf(traces: readonly Trace[], options: RankingOptions = {}): Summary {
  const ranking = new Ranking(options);
  for (const spans of traces) {
    const tree = buildTraceTree(records(spans));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 1_000, toleranceNanos: 0 });
  }
  return ranking.toSummary({ nowEpochMillis: 0 });
}

/** A local root with one child after the other, each so many milliseconds long. */
function request(
  name: string,
  children: readonly (readonly [name: string, millis: number])[],
): Trace {
  let now = 0;
  const inside = children.map(([child, millis], at): SpanSketch => {
    const start = now;
    now += millis;
    return { id: `${at}`, name: child, parent: 'root', start, end: now };
  });
  return [{ id: 'root', name, start: 0, end: now }, ...inside];
}

const trifle = (at: number): Trace => {
  const letters = at
    .toString(26)
    .replace(/\d/g, (digit) => String.fromCharCode(113 + Number(digit)));
  return request(`warm up ${letters}`, [[`trifle ${letters}`, 0.01]]);
};
const trifles = (count: number) => Array.from({ length: count }, (_, at) => trifle(at));
const row = ({ bottlenecks }: Summary, wanted: string) =>
  bottlenecks.find(({ name }) => name === wanted);
const sum = ({ bottlenecks }: Summary, figure: 'calls' | 'criticalSeconds' | 'totalSeconds') =>
  bottlenecks.reduce((all, each) => all + each[figure], 0);

describe('rows', () => {
  const heavy = Array.from({ length: 10 }, () => request('request', [['real bottleneck', 50]]));

  it('are of the names that take most, also of those that come late', () => {
    const summary = summaryOf([...trifles(1_100), ...heavy]);
    expect(summary.bottlenecks[0]).toMatchObject({ name: 'real bottleneck', calls: 10 });
    expect(summary.bottlenecks[0]).not.toHaveProperty('inOtherSeconds');
    expect(summary.bottlenecks).toHaveLength(1_001);
    expect(row(summary, 'request')).toMatchObject({ calls: 10 });
    expect(summary.entryPoints?.[0]).toMatchObject({ name: 'request', calls: 10 });
    expect(sum(summary, 'calls')).toBe(2_220);
    expect(sum(summary, 'criticalSeconds')).toBeCloseTo(summary.latency.totalSeconds, 9);
  });

  it('do not go to trifles that come between', () => {
    const traces = trifles(3_000).flatMap((each, at) =>
      at % 300 === 0 ? [each, heavy[0]!] : [each],
    );
    const summary = summaryOf(traces, { maxRows: 50 });
    expect(summary.bottlenecks[0]).toMatchObject({ name: 'real bottleneck', calls: 10 });
  });

  it('say at most how much of them is in the row of all others', () => {
    const name = fc.constantFrom(...Array.from('abcdefghijkl'));
    const span = fc.tuple(name, fc.nat({ max: 30 }));
    const traces = fc.array(fc.array(span, { minLength: 1, maxLength: 4 }), { maxLength: 30 });
    fc.assert(
      fc.property(traces, fc.integer({ min: 1, max: 5 }), (list, maxRows) => {
        const all = list.map((children) => request('root', children));
        const kept = summaryOf(all, { maxRows });
        const truth = summaryOf(all);
        const any = row(kept, '(other)')?.inOtherSeconds ?? 0;
        for (const { name: each, totalSeconds } of truth.bottlenecks) {
          const { totalSeconds: known = 0, inOtherSeconds = 0 }: Partial<Bottleneck> = row(
            kept,
            each,
          ) ?? { inOtherSeconds: any };
          expect(known + inOtherSeconds).toBeGreaterThanOrEqual(totalSeconds - 1e-9);
        }
        for (const figure of ['calls', 'criticalSeconds', 'totalSeconds'] as const) {
          expect(sum(kept, figure)).toBeCloseTo(sum(truth, figure), 9);
        }
      }),
    );
  });

  it('have the same sums in whatever order summaries are merged, and say what they may lack', () => {
    const span = fc.tuple(fc.constantFrom(...Array.from('abcdefgh')), fc.nat({ max: 30 }));
    const traces = fc.array(fc.array(span, { minLength: 1, maxLength: 4 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(traces, { minLength: 2, maxLength: 4 }), (processes) => {
        const all = processes.map((list) => list.map((children) => request('root', children)));
        const truth = summaryOf(all.flat());
        const summaries = all.map((list) => summaryOf(list, { maxRows: 3 }));
        const merged = mergeSummaries(summaries);
        const backwards = mergeSummaries([...summaries].reverse());
        for (const figure of ['calls', 'criticalSeconds', 'totalSeconds'] as const) {
          expect(sum(merged, figure)).toBeCloseTo(sum(truth, figure), 9);
          expect(sum(backwards, figure)).toBeCloseTo(sum(truth, figure), 9);
        }
        const any = row(merged, '(other)')?.inOtherSeconds ?? 0;
        for (const { name, totalSeconds } of truth.bottlenecks) {
          const found: Partial<Bottleneck> = row(merged, name) ?? { inOtherSeconds: any };
          const most = (found.totalSeconds ?? 0) + (found.inOtherSeconds ?? 0);
          expect(most).toBeGreaterThanOrEqual(totalSeconds - 1e-9);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('names with numbers', () => {
  const pages = (from: number, to: number) =>
    request('crawl', [
      ...Array.from({ length: to - from + 1 }, (_, at) => [`fetch page ${from + at}`, 5] as const),
      ['summarize', 30],
    ]);

  it('share a row where there are many, with all that each had', () => {
    const summary = summaryOf([pages(1, 60), pages(1, 60)]);
    expect(summary.bottlenecks.map(({ name }) => name)).toEqual([
      'fetch page {n}',
      'summarize',
      'crawl',
    ]);
    expect(summary.bottlenecks[0]).toMatchObject({ calls: 120, savingSeconds: 0.6 });
    expect(summary.bottlenecks[0]?.criticalSeconds).toBeCloseTo(0.6, 9);
  });

  it('share the errors and entry points of their row, whenever they came', () => {
    const jobs = Array.from({ length: 30 }, (_, at): Trace => [
      { id: 'r', name: `job ${at + 1}`, start: 0, end: 2, error: 'Oops' },
    ]);
    const summary = summaryOf(jobs);
    expect(summary.errors).toEqual([
      { type: 'Oops', segment: 'job {n}', service: 'test', count: 30 },
    ]);
    expect(summary.entryPoints).toMatchObject([{ name: 'job {n}', calls: 30, errors: 30 }]);
    expect(summary.latency.count).toBe(30);
  });

  it('have the rows that one process would have, where several are merged', () => {
    const one = summaryOf([pages(1, 15), pages(16, 30)]);
    const parts = [summaryOf([pages(1, 15)]), summaryOf([pages(16, 30)])];
    for (const summaries of [parts, [...parts].reverse()]) {
      const merged = mergeSummaries(summaries);
      const figures = ({ name, calls, totalSeconds }: Bottleneck) => [
        name,
        calls,
        totalSeconds.toFixed(9),
      ];
      expect(merged.bottlenecks.map(figures)).toEqual(one.bottlenecks.map(figures));
    }
    expect(mergeSummaries([one, summaryOf([pages(3, 4)])]).bottlenecks).toHaveLength(3);
  });

  it('stay apart where a function of the user’s groups them, also when they are merged', () => {
    const groupName = (name: string) => name;
    const parts = [pages(1, 30), pages(10, 40)].map((each) => summaryOf([each], { groupName }));
    expect(parts[0]?.bottlenecks).toHaveLength(32);
    expect(mergeSummaries(parts).bottlenecks).toHaveLength(42);
  });

  it('are chosen as an entry point by the name of their row', () => {
    const jobs = Array.from({ length: 30 }, (_, at) => request(`job ${at + 1}`, [['work', 1]]));
    const summary = summaryOf([...jobs, request('other', [['rest', 1]])], { entry: 'job {n}' });
    expect(summary.latency.count).toBe(30);
  });
});
