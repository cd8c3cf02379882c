import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureShared } from '../../scripts/accuracy/measure-shared.js';
import { Slots, type Segment, type World } from '../../scripts/accuracy/simulator.js';
import type { Bottleneck, Summary } from '../../src/summary.js';

interface Query {
  readonly name: string;
  readonly millis: number;
}

/** Requests one after another that make queries, each in a span that includes its wait for a connection. */
function requestsWith(queries: readonly Query[], connections: number, everyMillis: number) {
  return (world: World) => {
    const pool = new Slots(connections);
    return world.requests(80, everyMillis, 'request', async (request: Segment) => {
      await request.segment('parse', 20);
      for (const { name, millis } of queries) {
        await request.segment(name, (self) => pool.use(() => self.work(millis)));
      }
      await request.segment('render', 60);
    });
  };
}

const summaryOf = async (program: (world: World) => Promise<void>, seed = 1): Promise<Summary> =>
  (await measureShared({ title: '', what: '', program }, seed, false)).summary;

const rowOf = ({ bottlenecks }: Summary, row: string): Bottleneck =>
  bottlenecks.find(({ name }) => name === row)!;

describe('waits for a slot inside a span', () => {
  const queries = [
    { name: 'short', millis: 20 },
    { name: 'long', millis: 300 },
  ];

  it('count for the rows whose spans held the slots', async () => {
    const summary = await summaryOf(requestsWith(queries, 2, 190));
    const short = rowOf(summary, 'short');
    expect(short.waitsFor?.map(({ row }) => row)).toEqual(['long']);
    // 80 queries of 20 ms, and of what they waited most has gone to those they waited for.
    expect(short.criticalSeconds).toBeLessThan(0.6 * short.totalSeconds);
    expect(rowOf(summary, 'long').criticalSeconds).toBeGreaterThan(80 * 0.3);
  });

  it('are not seen where there are slots for all', async () => {
    const { bottlenecks } = await summaryOf(requestsWith(queries, 80, 190));
    expect(bottlenecks.flatMap(({ waitsFor = [] }) => waitsFor)).toEqual([]);
  });

  it('leave the critical time of all rows together as it is', async () => {
    const { bottlenecks, latency } = await summaryOf(requestsWith(queries, 1, 400));
    const sum = bottlenecks.reduce((all, row) => all + row.criticalSeconds, 0);
    expect(sum).toBeCloseTo(latency.totalSeconds, 6);
  });

  it('are found for pools of any size, whose queries are as long as they like', async () => {
    const pools = fc.record({
      connections: fc.integer({ min: 1, max: 4 }),
      millis: fc.array(fc.integer({ min: 10, max: 300 }), { minLength: 1, maxLength: 3 }),
      load: fc.double({ min: 0.75, max: 0.95, noNaN: true }),
      seed: fc.integer({ min: 1, max: 1_000 }),
    });
    let waited = 0;
    let told = 0;
    const property = fc.asyncProperty(pools, async ({ connections, millis, load, seed }) => {
      const named = millis.map((of, at) => ({ name: `query ${'abc'[at]!}`, millis: of }));
      const demand = millis.reduce((sum, of) => sum + of, 0);
      const every = demand / connections / load;
      const summary = await summaryOf(requestsWith(named, connections, every), seed);
      const free = await summaryOf(requestsWith(named, 80, every), seed);
      const nameOf = ({ name }: Query) => name;
      const totalOf = (of: Summary) =>
        named.map(nameOf).reduce((sum, name) => sum + rowOf(of, name).totalSeconds, 0);
      const real = totalOf(summary) - totalOf(free);
      // What one row's queries wait for each other stays in the row.
      const own = named.map(nameOf).reduce((sum, name) => {
        const { totalSeconds, criticalSeconds } = rowOf(summary, name);
        return sum + Math.abs(totalSeconds - criticalSeconds);
      }, 0);
      if (named.length < 2 || real < 0.3 * totalOf(summary)) return;
      waited += 1;
      if (own > 0) told += 1;
    });
    await fc.assert(property, { numRuns: 60, seed: 1 });
    expect(waited).toBeGreaterThan(10);
    expect(told / waited).toBeGreaterThan(0.9);
  });
});
