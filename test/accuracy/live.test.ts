import { describe, expect, it } from 'vitest';
import { rankLive, spaceOut } from '../../scripts/accuracy/live.js';
import { measureShared, rankFile } from '../../scripts/accuracy/measure-shared.js';
import { Batcher } from '../../scripts/accuracy/shared-parts.js';
import { SHARED_CASES } from '../../scripts/accuracy/shared-programs.js';
import { simulateMany } from '../../scripts/accuracy/simulator.js';
import { groupBy } from '../../src/bounded.js';
import { ROUNDED_NANOS } from '../../src/trace/clock-error.js';
import type { SpanRecord } from '../../src/trace/span-record.js';

/** Spans that outlive their local root are waited for in real time. */
const OTHERWISE = ['Hedged calls of a model'];
describe('programs of many requests, live', () => {
  const cases = SHARED_CASES.filter(({ title }) => !OTHERWISE.includes(title));
  it.each(cases)('get the same rows as from a file: $title', async (one) => {
    const file = await measureShared(one, 1, false, (records) =>
      rankFile(spaceOut(records), ROUNDED_NANOS),
    );
    const live = await measureShared(one, 1, false, (records) => rankLive(spaceOut(records)));
    const all = file.summary.latency.totalSeconds;
    expect(live.summary.bottlenecks).toHaveLength(file.summary.bottlenecks.length);
    for (const row of file.summary.bottlenecks) {
      const same = live.summary.bottlenecks.find(({ name }) => name === row.name)!;
      expect(Math.abs(same.criticalSeconds - row.criticalSeconds)).toBeLessThan(0.005 * all);
      const saved = Math.abs((same.savingSeconds ?? 0) - (row.savingSeconds ?? 0));
      expect(saved).toBeLessThan(0.005 * all);
      for (const { row: other, seconds } of row.waitsFor ?? []) {
        const wait = same.waitsFor?.find((one) => one.row === other)?.seconds ?? 0;
        expect(Math.abs(wait - seconds)).toBeLessThan(0.005 * all);
      }
    }
  });
});

/** That a row waits for another is known only after some of its waits. */
it('waits of the first traces are found as those of the last', async () => {
  const { records } = await simulateMany(async (world) => {
    const flush = () => world.request('flush rows', (rows) => rows.segment('bulk insert', 260));
    const batcher = new Batcher(6, 80, flush);
    await world.requests(500, 45, 'POST /row', async (request) => {
      await request.segment('parse', 50);
      await request.segment('insert', (self) => batcher.add(self));
    });
  }, 1);
  const since = Math.max(...records.map(({ endNanos }) => endNanos)) / 2;
  const traces = [...groupBy(spaceOut(records), ({ traceId }) => traceId).values()];
  const late = traces.filter((trace) => trace.every(({ startNanos }) => startNanos >= since));
  const waitOf = async (some: readonly SpanRecord[][]) => {
    const { bottlenecks } = await rankLive(some.flat());
    const { selfSeconds, waitsFor } = bottlenecks.find(({ name }) => name === 'insert')!;
    const wait = waitsFor?.find(({ row }) => row === 'bulk insert');
    return (wait?.seconds ?? 0) / selfSeconds;
  };
  const all = await waitOf(traces);
  expect(all).toBeGreaterThan(0.8);
  expect(Math.abs(all - (await waitOf(late)))).toBeLessThan(0.03);
});
