import { describe, expect, it } from 'vitest';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { rerank } from '../../src/ranking/rank-rows.js';
import { mergeSummaries } from '../../src/summaries/merge-summaries.js';
import type { Bottleneck, Summary } from '../../src/summary.js';
import { toText } from '../../src/report/print.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { seededRandom, type Random } from '../support/random.js';
import { records, type SpanSketch } from '../support/trace.js';

/** What the steps of one trace take, in milliseconds, by their names. */
type Program = (random: Random) => Readonly<Record<string, number>>;

let traceIds = 0;

function traceOf(steps: Readonly<Record<string, number>>, isParallel: boolean): SpanSketch[] {
  let now = 0;
  const spans = Object.entries(steps).map(([name, millis]): SpanSketch => {
    const start = isParallel ? 0 : now;
    now = Math.max(now, start + millis);
    return { id: name, parent: 'root', start, end: start + millis };
  });
  return [{ id: 'root', start: 0, end: now }, ...spans];
}

function summaryOf(random: Random, program: Program, traces: number, isParallel = false): Summary {
  const ranking = new Ranking();
  for (let at = 0; at < traces; at += 1) {
    const traceId = (traceIds += 1).toString(16).padStart(32, '0');
    const spans = records(traceOf(program(random), isParallel));
    const tree = buildTraceTree(spans.map((span) => ({ ...span, traceId })));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: at * 10_000, toleranceNanos: 0 });
  }
  return ranking.toSummary({ nowEpochMillis: 0 });
}

function row({ bottlenecks }: Summary, wanted: string): Bottleneck {
  const found = bottlenecks.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`no row ${wanted}`);
  return found;
}

const sequence: Program = (random) => ({
  search: random.lognormal(30, 0.5),
  rerank: random.lognormal(20, 0.5),
  answer: random.lognormal(50, 0.5),
});
/** All steps of a trace are long together. */
const together: Program = (random) => {
  const size = random.lognormal(1, 0.7);
  return { search: 30 * size * random.lognormal(1, 0.2), answer: 50 * size };
};
/** One or the other. */
const eitherOr: Program = (random) =>
  random.happens(0.3) ? { miss: random.lognormal(80, 0.3) } : { hit: random.lognormal(20, 0.3) };
const rare: Program = (random) => ({
  answer: random.lognormal(50, 0.4),
  ...(random.happens(0.05) ? { rerank: random.lognormal(200, 0.4) } : {}),
});

const RUNS = 100;

describe('an interval', () => {
  it.each([
    ['a sequence', sequence, 'search', 100],
    ['a sequence of few traces', sequence, 'search', 20],
    ['many traces', sequence, 'rerank', 500],
    ['steps that are long together', together, 'search', 100],
    ['one or the other', eitherOr, 'miss', 100],
    ['a rare step', rare, 'rerank', 200],
  ] as const)(
    'contains the true share in 95 of 100 cases: %s',
    (_, program, name, traces) => {
      const random = seededRandom(11);
      const truth = row(summaryOf(random, program, 8_000), name).criticalShare;
      let inside = 0;
      for (let run = 0; run < RUNS; run += 1) {
        const { criticalLowShare: low = 1, criticalHighShare: high = 0 } = row(
          summaryOf(random, program, traces),
          name,
        );
        if (low <= truth && truth <= high) inside += 1;
      }
      expect(inside / RUNS).toBeGreaterThanOrEqual(0.9);
      expect(inside / RUNS).toBeLessThanOrEqual(0.99);
    },
    60_000,
  );

  it('contains the true saving, also where a sample is replayed, beside what takes over', () => {
    const random = seededRandom(5);
    const beside: Program = (some) => ({ a: some.lognormal(50, 0.4), b: some.lognormal(35, 0.4) });
    const all = summaryOf(random, beside, 5_000, true);
    let truth = 0;
    let time = 0;
    for (let at = 0; at < 100_000; at += 1) {
      const { a = 0, b = 0 } = beside(random);
      truth += Math.max(0, a - b);
      time += Math.max(a, b);
    }
    expect(row(all, 'a').savingSeconds! / all.latency.totalSeconds).toBeCloseTo(truth / time, 1);
    let inside = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const summary = summaryOf(random, beside, 300, true);
      const { savingLowSeconds: low = 1, savingHighSeconds: high = 0 } = row(summary, 'a');
      const saving = (truth / time) * summary.latency.totalSeconds;
      if (low <= saving && saving <= high) inside += 1;
    }
    expect(inside / RUNS).toBeGreaterThanOrEqual(0.9);
    expect(inside / RUNS).toBeLessThanOrEqual(0.99);
  }, 60_000);

  it('is unknown for one trace, and nothing where all are the same', () => {
    const same: Program = () => ({ a: 30, b: 20 });
    const random = seededRandom(1);
    expect(row(summaryOf(random, same, 1), 'a')).not.toHaveProperty('criticalLowShare');
    const many = row(summaryOf(random, same, 50), 'a');
    expect(many.criticalLowShare).toBeCloseTo(0.6, 3);
    expect(many.criticalHighShare).toBeCloseTo(0.6, 3);
  });

  it('is that of all traces together, where summaries are merged', () => {
    const seeds = [3, 4, 5];
    const parts = seeds.map((seed) => summaryOf(seededRandom(seed), sequence, 150));
    traceIds -= 450;
    const ranking = new Ranking();
    for (const seed of seeds) {
      const random = seededRandom(seed);
      for (let at = 0; at < 150; at += 1) {
        const traceId = (traceIds += 1).toString(16).padStart(32, '0');
        const spans = records(traceOf(sequence(random), false));
        const tree = buildTraceTree(spans.map((span) => ({ ...span, traceId })));
        analyzeTrace(tree, { toleranceNanos: 0 });
        ranking.addTrace(tree, { originEpochMillis: at * 10_000, toleranceNanos: 0 });
      }
    }
    const whole = ranking.toSummary({ nowEpochMillis: 0 });
    const merged = mergeSummaries(parts);
    for (const name of ['search', 'rerank', 'answer']) {
      const one = row(whole, name);
      const other = row(merged, name);
      expect(other.criticalLowShare).toBeCloseTo(one.criticalLowShare!, 4);
      expect(other.criticalHighShare).toBeCloseTo(one.criticalHighShare!, 4);
      expect(other.savingHighSeconds).toBeCloseTo(one.savingHighSeconds!, 2);
    }
  });
});

describe('rows', () => {
  const tiedIn = (program: Program, traces: number) => {
    const random = seededRandom(23);
    let tied = 0;
    for (let run = 0; run < RUNS; run += 1) {
      if (summaryOf(random, program, traces).bottlenecks[1]?.mayRank === 1) tied += 1;
    }
    return tied / RUNS;
  };

  it.each([
    [
      'in a sequence',
      (some: Random) => ({ a: some.lognormal(30, 0.5), b: some.lognormal(30, 0.5) }),
    ],
    ['one or the other', (some: Random) => (some.happens(0.5) ? { a: 30 } : { b: 30 })],
    [
      'that are long together',
      (some: Random) => {
        const size = some.lognormal(30, 0.5);
        return { a: size * some.lognormal(1, 0.1), b: size * some.lognormal(1, 0.1), c: 20 };
      },
    ],
  ] as const)(
    'that take the same cannot be told apart: %s',
    (_, program) => {
      const tied = tiedIn(program, 100);
      expect(tied).toBeGreaterThanOrEqual(0.9);
    },
    60_000,
  );

  it('that clearly differ are told apart', () => {
    const tied = tiedIn(
      (some) => ({ a: some.lognormal(30, 0.5), b: some.lognormal(20, 0.5) }),
      100,
    );
    expect(tied).toBeLessThanOrEqual(0.02);
  }, 60_000);

  it('say so in the text, and in the order of their savings alone', () => {
    const same: Program = (some) => ({ a: some.lognormal(30, 0.5), b: some.lognormal(30, 0.5) });
    const summary = summaryOf(seededRandom(2), same, 30);
    const text = toText(summary);
    expect(text).toContain('rows 1 and 2 cannot be told apart');
    expect(text).toMatch(/Share +± /);
    expect(text.match(/± percentage points by which a share may be off/g)).toHaveLength(1);
    const few = toText(summaryOf(seededRandom(2), same, 5));
    expect(few).toContain('cannot be told apart: 5 traces may not be enough');
    expect(few).not.toContain('±');
    expect(rerank(summary, 'p95').bottlenecks.some(({ mayRank }) => mayRank !== undefined)).toBe(
      false,
    );
    expect(rerank(rerank(summary, 'p95'), 'critical')).toEqual(summary);
    expect(mergeSummaries([summary]).bottlenecks[1]?.mayRank).toBe(1);
  });
});
