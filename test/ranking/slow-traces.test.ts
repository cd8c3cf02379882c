import { describe, expect, it } from 'vitest';
import { Ranking } from '../../src/ranking/ranking.js';
import { mergeSummaries } from '../../src/summaries/merge-summaries.js';
import type { SlowRow, Summary } from '../../src/summary.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { seededRandom, type Random } from '../support/random.js';
import { records } from '../support/trace.js';

/** The steps of one request, one after another, in milliseconds. */
type Steps = Readonly<Record<string, number>>;

/** Request `index` has the trace id `t{index}`. */
function summaryOf(requests: number, make: (index: number) => Steps, entry = 'ask'): Summary {
  const ranking = new Ranking();
  for (let index = 0; index < requests; index += 1) add(ranking, index, make(index), entry);
  return ranking.toSummary({ nowEpochMillis: 0 });
}

function add(ranking: Ranking, index: number, steps: Steps, entry: string): void {
  let at = 0;
  const spans = Object.entries(steps).map(([id, millis]) => {
    at += millis;
    return { id, parent: 'root', start: at - millis, end: at };
  });
  const sketches = [{ id: 'root', name: entry, start: 0, end: at + 0.5 }, ...spans];
  const tree = buildTraceTree(records(sketches).map((each) => ({ ...each, traceId: `t${index}` })));
  analyzeTrace(tree, { toleranceNanos: 0 });
  ranking.addTrace(tree, { originEpochMillis: 100_000 * index, toleranceNanos: 0 });
}

const causesIn = ({ slow = [] }: Summary): SlowRow[] =>
  slow.flatMap(({ rows }) => rows.filter(({ isCause }) => isCause));

/** `rerank` is slow in one request of 25, and `generate` takes most of all others. */
const slowRerank = (random: Random) => (): Steps => ({
  retrieve: random.lognormal(30, 0.2),
  rerank: random.happens(0.04) ? random.lognormal(900, 0.2) : random.lognormal(40, 0.2),
  generate: random.lognormal(300, 0.2),
});

describe('the slowest traces of an entry point', () => {
  it('are compared with the typical ones, and the row that they wait for is named', () => {
    const summary = summaryOf(1_000, slowRerank(seededRandom(5)));
    // The ranking has it second.
    expect(summary.bottlenecks[0]!.name).toBe('generate');
    const [point] = summary.slow!;
    expect(point).toMatchObject({ name: 'ask', calls: 1_000 });
    expect(point!.slowSeconds).toBeGreaterThan(2.5 * point!.typicalSeconds);
    const [row] = point!.rows;
    expect(row).toMatchObject({ name: 'rerank', isCause: true });
    expect(row!.slowShare).toBeGreaterThan(0.5);
    expect(row!.typicalShare).toBeLessThan(0.15);
    expect(causesIn(summary)).toEqual([row]);
  });

  it('are there to be looked at: those behind a row are its slowest', () => {
    const summary = summaryOf(400, (index) => ({
      read: 10 + (index % 7),
      lock: index % 40 === 3 ? 500 + index : 1,
    }));
    const [row] = causesIn(summary);
    expect(row).toMatchObject({ name: 'lock', traces: 10 });
    const slow = [363, 323, 283].map((index) => `t${index}`);
    expect(row!.slowest.map(({ traceId }) => traceId)).toEqual(slow);
  });

  it('are slow for their kind: a slow entry point is not all of them', () => {
    const random = seededRandom(3);
    const ranking = new Ranking();
    for (let index = 0; index < 2_000; index += 1) {
      const isNightly = index % 50 === 0;
      const steps = isNightly ? { export: random.lognormal(60_000, 0.05) } : slowRerank(random)();
      add(ranking, index, steps, isNightly ? 'nightly' : 'ask');
    }
    const summary = ranking.toSummary({ nowEpochMillis: 0 });
    expect(causesIn(summary).map(({ name }) => name)).toEqual(['rerank']);
  });

  it('have a cause of their own for each entry point', () => {
    const ranking = new Ranking();
    const isSlow = (index: number) => index % 30 < 2;
    for (let index = 0; index < 1_200; index += 1) {
      const [one, other] = index % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
      const steps = { [one]: 50 + (index % 11), [other]: isSlow(index) ? 400 : 40 };
      add(ranking, index, steps, `GET /${one}`);
    }
    const { slow = [] } = ranking.toSummary({ nowEpochMillis: 0 });
    const found = slow.map(({ name, rows }) => [name, rows.find(({ isCause }) => isCause)?.name]);
    expect(new Map(found as [string, string][])).toEqual(
      new Map([
        ['GET /a', 'b'],
        ['GET /b', 'a'],
      ]),
    );
  });

  it('need not be the first ones, or of the same time', () => {
    const random = seededRandom(9);
    // All is fast for long, and then a lock comes.
    const summary = summaryOf(20_000, (index) => ({
      work: random.lognormal(100, 0.3),
      lock: random.lognormal(index > 15_000 && random.happens(0.3) ? 2_000 : 5, 0.2),
    }));
    expect(causesIn(summary).map(({ name }) => name)).toEqual(['lock']);
    expect(summary.slow![0]!.slowTraces).toBeLessThanOrEqual(140);
  });

  it('say nothing when they are few', () => {
    expect(summaryOf(40, (index) => ({ work: index === 3 ? 5_000 : 50 })).slow).toBeUndefined();
    const oneOutlier = summaryOf(100, (index) => ({
      work: 50 + (index % 7),
      other: index === 3 ? 5_000 : 5,
    }));
    expect(causesIn(oneOutlier)).toEqual([]);
  });

  it('say nothing where all rows grow together, or each at its time', () => {
    const random = seededRandom(11);
    const names = ['a', 'b', 'c', 'd', 'e'];
    let alarms = 0;
    for (let program = 0; program < 50; program += 1) {
      const means = names.map(() => 5 + 100 * random.uniform() ** 2);
      const sigma = 0.05 + 0.3 * random.uniform();
      const isTogether = program % 2 === 0;
      const summary = summaryOf(60 + ((program * 37) % 600), () => {
        const size = isTogether ? random.lognormal(1, 0.7) : 1;
        const steps = names.map((name, at) => {
          return [name, means[at]! * size * random.lognormal(1, isTogether ? 0.1 : sigma)] as const;
        });
        return Object.fromEntries(steps);
      });
      if (causesIn(summary).length > 0) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(1);
  });

  it('are merged, each process with its own', () => {
    const parts = [1, 2, 3].map((seed) => summaryOf(500, slowRerank(seededRandom(seed))));
    const { slow } = mergeSummaries(parts);
    const slowTraces = parts.reduce((sum, each) => sum + each.slow![0]!.slowTraces, 0);
    expect(slow).toMatchObject([{ name: 'ask', calls: 1_500, slowTraces }]);
    expect(slow![0]!.rows[0]).toMatchObject({ name: 'rerank', isCause: true });
    expect(mergeSummaries([parts[0]!]).slow).toEqual(parts[0]!.slow);
    const again = mergeSummaries([mergeSummaries(parts.slice(0, 2)), parts[2]!]).slow![0]!;
    expect(again.slowSeconds).toBeCloseTo(slow![0]!.slowSeconds, 9);
    expect(again.rows[0]!.slowest).toEqual(slow![0]!.rows[0]!.slowest);
  });
});
