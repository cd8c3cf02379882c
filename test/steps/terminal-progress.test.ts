import { stripVTControlCharacters } from 'node:util';
import { runSteps, step } from 'hotspan';
import { terminalProgress, type ProgressStream } from 'hotspan/node';
import { describe, expect, it, vi } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';

fakeClock();

/** What a terminal shows in the end, and everything that was written on the way. */
function terminal(columns = 80): ProgressStream & { written: string[]; screen(): string[] } {
  const written: string[] = [];
  return {
    isTTY: true,
    columns,
    write: (text) => written.push(text),
    written,
    screen: () =>
      stripVTControlCharacters(written.join('').replaceAll('\r', '\n\r'))
        .split('\n')
        .filter((_line, index, all) => !all[index + 1]?.startsWith('\r'))
        .map((line) => line.replace('\r', '')),
  };
}

const steps = () => {
  const search = step('search', () => sleep(1_200));
  const prices = step('prices', { after: [], maxAttempts: 2, backoffMillis: 0 }, ({ attempt }) => {
    if (attempt === 1) throw new Error('try again');
    return sleep(100);
  });
  const no = step('no', { when: () => false }, () => 1);
  const bad = step('bad', () => {
    throw new TypeError('wrong\nand more');
  });
  return [search, prices, no, bad] as const;
};

describe('terminalProgress', () => {
  it('shows what ended, and what is running', async () => {
    const stream = terminal();
    await run(runSteps('trip', steps(), { onProgress: terminalProgress(stream) }));
    expect(stream.screen()).toEqual([
      '✓ 2/4 prices 100 ms',
      '✓ 1/4 search 1.20 s',
      '- 3/4 no `when` returned false',
      '✗ 4/4 bad 0 s: wrong and more',
      '',
    ]);
    expect(stream.written.join('')).toContain('… search, prices (attempt 2)');
  });

  it('writes nothing where there is no terminal', async () => {
    const write = vi.fn();
    await run(runSteps('trip', steps(), { onProgress: terminalProgress({ write }) }));
    expect(write).not.toHaveBeenCalled();
  });

  it('says what failed, whatever was thrown, and without credentials', async () => {
    const stream = terminal();
    const failing = (name: string, thrown: unknown) =>
      step(name, () => {
        throw thrown;
      });
    const all = [
      failing('odd', Object.create(null)),
      failing('bare', new Error('no http://me:secret@host/')),
    ];
    const options = { onFailure: 'continue', onProgress: terminalProgress(stream) } as const;
    await run(runSteps('trip', all, options));
    expect(stream.screen()).toEqual([
      '✗ 1/2 odd 0 s: thrown: object',
      '✗ 2/2 bare 0 s: no http://host/',
      '',
    ]);
  });

  it('keeps to the width of the terminal', async () => {
    const stream = terminal(30);
    const long = step('a step with a very long name indeed', () => 1);
    await runSteps('trip', [long], { onProgress: terminalProgress(stream) });
    expect(Math.max(...stream.screen().map((line) => line.length))).toBeLessThan(30);
  });
});
