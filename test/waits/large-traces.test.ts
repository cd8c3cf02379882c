import { describe, expect, it } from 'vitest';
import { rankFile } from '../../scripts/accuracy/measure-shared.js';
import { simulateMany, Slots, type Segment, type World } from '../../scripts/accuracy/simulator.js';
import { Ranking } from '../../src/ranking/ranking.js';
import { analyzeTrace } from '../../src/trace/analyze-trace.js';
import type { Sliced } from '../../src/trace/slices.js';
import { buildTraceTree } from '../../src/trace/trace-tree.js';
import { records } from '../support/trace.js';

/** One trace that calls a model so many times, through a limiter of four. */
const manyCalls = (count: number) => (world: World) => {
  const limiter = new Slots(4);
  return world.request('job', (job: Segment) => {
    const ask = () => job.segment('ask', (self) => limiter.use(() => self.segment('chat', 100)));
    return Promise.all(Array.from({ length: count }, ask));
  });
};

describe('a large trace', () => {
  it.each([500, 2_000])('names what %i calls waited for in a limiter', async (count) => {
    const { records: spans } = await simulateMany(manyCalls(count), 1);
    const { bottlenecks, insights } = rankFile(spans);
    const [first, second] = bottlenecks;
    expect(first).toMatchObject({ name: 'chat' });
    expect(first!.criticalShare).toBeGreaterThan(0.99);
    expect(second).toMatchObject({ name: 'ask', waitsFor: [{ row: 'chat' }] });
    expect(insights).toMatchObject([
      { kind: 'small-pool', segment: 'ask', evidence: { slots: 4 } },
    ]);
  });

  it('is looked at in many slices, and another one that comes meanwhile is not', async () => {
    const { records: spans } = await simulateMany(manyCalls(1_000), 1);
    const later: Sliced[] = [];
    const ranking = new Ranking({ doLater: (work) => later.push(work) });
    for (let traces = 0; traces < 3; traces += 1) {
      const tree = buildTraceTree(spans);
      analyzeTrace(tree, { toleranceNanos: 0 });
      ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
    }
    expect(later).toHaveLength(1);
    const slices = [...later[0]!].length;
    expect(slices).toBeGreaterThan(20);
    const { bottlenecks } = ranking.toSummary({ nowEpochMillis: 0 });
    // Those that are looked at stand for the others.
    expect(bottlenecks[0]).toMatchObject({ name: 'chat' });
    expect(bottlenecks[0]!.criticalShare).toBeGreaterThan(0.99);
  });

  it.each([
    [16_000, undefined],
    [16_400, 'unknown-wait'],
  ])('of %i spans has the doubt %s', (count, savingDoubt) => {
    const ranking = new Ranking();
    const children = Array.from({ length: count - 1 }, (_, at) => {
      return { id: `s${at}`, name: 'call', parent: 'root', start: 10 * at, end: 10 * at + 5 };
    });
    const tree = buildTraceTree(records([{ id: 'root', start: 0, end: 10 * count }, ...children]));
    analyzeTrace(tree, { toleranceNanos: 0 });
    ranking.addTrace(tree, { originEpochMillis: 0, toleranceNanos: 0 });
    const { bottlenecks } = ranking.toSummary({ nowEpochMillis: 0 });
    const call = bottlenecks.find(({ name }) => name === 'call')!;
    expect(call.savingSeconds).toBeGreaterThan(0);
    expect(call.savingDoubt).toBe(savingDoubt);
  });
});
