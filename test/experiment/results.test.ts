import type { ExperimentResult } from 'hotspan/processor';
import { mergeSummaries, readSummary, toMarkdown, toText } from 'hotspan/report';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { summaryOf } from '../support/summary.js';

const RESULT: ExperimentResult = {
  segment: 'summarize',
  service: 'shop',
  slope: 1.2,
  savingSecondsPerTrace: 0.06,
  lowSecondsPerTrace: 0.05,
  highSecondsPerTrace: 0.07,
  predictedSecondsPerTrace: 0.051,
  periods: 30,
};
const withResults = (...experiments: ExperimentResult[]) => ({
  ...summaryOf({ name: 'summarize' }),
  experiments,
});

describe('what an experiment measured', () => {
  it('stands in the text, beside what was predicted', () => {
    const unpredicted: ExperimentResult = {
      ...{ segment: 'summarize', service: 'shop', slope: -0.02, savingSecondsPerTrace: -0.001 },
      ...{ lowSecondsPerTrace: -0.004, highSecondsPerTrace: 0.07, periods: 30 },
    };
    const text = toText(withResults(RESULT, unpredicted));
    expect(text).toContain(
      'experiment: a tenth less work in summarize makes a trace 6.00 ms shorter (95 %: 5.00 ms to 7.00 ms, predicted 5.10 ms; 30 periods)',
    );
    expect(text).toContain('makes a trace −100 µs shorter (95 %: −400 µs to 7.00 ms; 30 periods)');
    expect(toMarkdown(withResults(RESULT))).toContain('a tenth less work in `summarize`');
  });

  it('is read again from a saved summary', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'experiment-'));
    const file = join(folder, 'summary.json');
    writeFileSync(file, JSON.stringify(withResults(RESULT)));
    expect((await readSummary(file)).experiments).toEqual([RESULT]);
    writeFileSync(file, JSON.stringify(withResults({ ...RESULT, slope: 'steep' as never })));
    await expect(readSummary(file)).rejects.toThrow('its "experiments[0].slope" is not a number');
    rmSync(folder, { recursive: true });
  });

  it('is averaged over processes, and the surer for it', () => {
    const other = { ...RESULT, periods: 10, savingSecondsPerTrace: 0.1, highSecondsPerTrace: 0.11 };
    const alone = { ...RESULT, segment: 'search' };
    const merged = mergeSummaries([
      withResults(RESULT),
      withResults({ ...other, lowSecondsPerTrace: 0.09 }, alone),
      summaryOf(),
    ]).experiments!;
    expect(merged[1]).toEqual(alone);
    expect(merged[0]).toMatchObject({ segment: 'summarize', periods: 40 });
    expect(merged[0]!.savingSecondsPerTrace).toBeCloseTo(0.07);
    expect(merged[0]!.highSecondsPerTrace).toBeCloseTo(0.07 + Math.hypot(0.0075, 0.0025));
    expect(mergeSummaries([summaryOf()])).not.toHaveProperty('experiments');
  });
});
