import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSummaries } from 'hotspan/report';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { requireSummary } from '../../src/summaries/require-summary.js';
import { anyTrace } from '../support/arbitrary-trace.js';
import { records, type SpanSketch } from '../support/trace.js';

/** Every trace with an id of its own; spans are named by their place, so that traces share rows. */
function summaryOf(traces: readonly (readonly SpanSketch[])[], firstId = 0) {
  const ranking = new Ranking();
  traces.forEach((spans, at) => {
    const traceId = `t${String(firstId + at)}`;
    const tree = buildTraceTree(records(spans).map((record) => ({ ...record, traceId })));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 1_000 * (firstId + at), toleranceNanos: 0 });
  });
  const summary = ranking.toSummary({ nowEpochMillis: 0 });
  requireSummary('test', 'summary', JSON.parse(JSON.stringify(summary)));
  return summary;
}

/** A request of so many milliseconds, half of it in `chat`. */
function request(millis: number, name = 'ask'): SpanSketch[] {
  return [
    { id: 'r', name, start: 0, end: millis },
    { id: 'c', name: 'chat', parent: 'r', start: 0, end: millis / 2 },
  ];
}

describe('the sample of a summary', () => {
  it('says what less work would change, as the savings of rows do', () => {
    fc.assert(
      fc.property(fc.array(anyTrace(9), { minLength: 1, maxLength: 6 }), (traces) => {
        const { bottlenecks, pictures } = summaryOf(traces);
        const saved = new Map<string, number>();
        for (const { seconds, weight, rows } of pictures!.sample) {
          for (const row of rows) {
            const steps = [0, ...row.seconds, seconds];
            for (const [at, step] of steps.slice(1).entries())
              expect(step).toBeGreaterThanOrEqual(steps[at]! - 1e-9);
            const all = saved.get(row.name) ?? 0;
            saved.set(row.name, all + weight * (seconds - row.seconds[0]));
          }
        }
        for (const { name, savingSeconds = 0 } of bottlenecks)
          expect(saved.get(name) ?? 0).toBeCloseTo(savingSeconds, 6);
      }),
    );
  });

  it('stands for all traces, in one process and merged', () => {
    const traces = Array.from({ length: 1_000 }, (_, at) => request(10 + ((at * 37) % 100)));
    const parts = [summaryOf(traces.slice(0, 300)), summaryOf(traces.slice(300), 300)];
    for (const summary of [...parts, mergeSummaries(parts), mergeSummaries(parts.toReversed())]) {
      const { sample } = summary.pictures!;
      expect(sample.length).toBeLessThanOrEqual(120);
      const sumOf = (of: (trace: (typeof sample)[number]) => number) =>
        sample.reduce((sum, trace) => sum + trace.weight * of(trace), 0);
      expect(sumOf(() => 1)).toBeCloseTo(summary.latency.count, 6);
      const chat = summary.bottlenecks.find(({ name }) => name === 'chat')!;
      const saved = sumOf(({ seconds, rows }) => {
        const row = rows.find(({ name }) => name === 'chat');
        return row === undefined ? 0 : seconds - row.seconds[0];
      });
      // 100 even choices.
      expect(Math.abs(saved / chat.savingSeconds! - 1)).toBeLessThan(0.15);
    }
    expect(mergeSummaries(parts).pictures).toEqual(mergeSummaries(parts.toReversed()).pictures);
    const [slowest] = mergeSummaries(parts).pictures!.sample;
    expect(slowest).toMatchObject({ name: 'ask', weight: 1, seconds: 0.109 });
  });
});

describe('the traces of a summary', () => {
  it('are the slowest two and a typical one of each entry point', () => {
    const millis = [1, 2, 30, 40, 50, 60, 70, 800, 900];
    const summary = summaryOf([...millis.map((each) => request(each)), request(5, 'other')]);
    const told = summary.pictures!.traces.map(({ name, why, seconds }) => [name, why, seconds]);
    expect(told).toEqual([
      ['ask', 'slowest', 0.9],
      ['ask', 'slowest', 0.8],
      ['ask', 'typical', 0.05],
      ['other', 'slowest', 0.005],
    ]);
    const [first] = summary.pictures!.traces;
    expect(first!.traceId).toBe('t8');
    expect(first!.startEpochSeconds).toBe(8);
    expect(first!.spans.map(({ name }) => name)).toEqual(['ask', 'chat']);
  });

  it('are chosen again from those of several processes', () => {
    const parts = [
      summaryOf([10, 20, 30].map((each) => request(each))),
      summaryOf(
        [5, 25, 90].map((each) => request(each)),
        10,
      ),
    ];
    const told = mergeSummaries(parts).pictures!.traces.map(({ why, seconds }) => [why, seconds]);
    expect(told).toEqual([
      ['slowest', 0.09],
      ['slowest', 0.03],
      ['typical', 0.02],
    ]);
  });

  it('have a bounded number of spans together, parents first', () => {
    const large = (at: number): SpanSketch[] =>
      Array.from({ length: 1_100 }, (_, span) => ({
        id: `s${span}`,
        name: span === 0 ? `entry ${'abcdef'[at % 6]!}` : 'step',
        ...(span === 0 ? {} : { parent: `s${span >> 1}` }),
        start: span,
        end: 3_000 - span + at,
      }));
    const { pictures } = summaryOf(Array.from({ length: 40 }, (_, at) => large(at)));
    const { traces } = pictures!;
    expect(traces.length).toBeGreaterThan(5);
    expect(new Set(traces.map(({ name }) => name)).size).toBe(5);
    expect(traces.reduce((sum, { spans }) => sum + spans.length, 0)).toBeLessThanOrEqual(5_000);
    for (const { spans, leftOut } of traces) {
      expect(spans.length + leftOut!).toBe(1_100);
      for (const [at, { parent = -1 }] of spans.entries()) expect(parent).toBeLessThan(at);
    }
  });
});
