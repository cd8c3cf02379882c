import { describe, expect, it } from 'vitest';
import { rankLive, spaceOut } from '../../scripts/accuracy/live.js';
import { measureShared, rankFile } from '../../scripts/accuracy/measure-shared.js';
import { SHARED_CASES } from '../../scripts/accuracy/shared-programs.js';

/** Spans that outlive their local root are waited for in real time. */
const OTHERWISE = ['Hedged calls of a model'];
/** As the processor has it. */
const TOLERANCE_NANOS = 10_000;

describe('programs of many requests, live', () => {
  const cases = SHARED_CASES.filter(({ title }) => !OTHERWISE.includes(title));
  it.each(cases)('get the same rows as from a file: $title', async (one) => {
    const file = await measureShared(one, 1, false, (records) =>
      rankFile(spaceOut(records), TOLERANCE_NANOS),
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
