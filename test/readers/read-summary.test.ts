import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import type { Summary } from 'hotspan/processor';
import { mergeSummaries, readSummaries, readSummary } from 'hotspan/report';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/report/printable-summary.js';
import { summaryOf as summaryWith } from '../support/summary.js';
import { fixture, NOW, summaryOf, temporaryFile } from './support.js';

const traces = fixture('sdk.otlp.jsonl');
const options = { nowEpochMillis: NOW };
const saved = summaryWith({ name: 'search' }, { name: 'stock' });
const many = summaryWith(...Array.from({ length: 500 }, (_, at) => ({ name: `row ${at + 100}` })));

/** Keys in the order of the alphabet, as `jq -S` writes them. */
function sorted(summary: Summary): string {
  const entries = Object.entries(summary).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(entries));
}

describe('a saved summary is recognised', () => {
  it.each<[string, Summary, string | Uint8Array]>([
    ['as toJson writes it', saved, toJson(saved)],
    ['on one line', saved, JSON.stringify(saved)],
    ['behind a mark of the byte order', saved, `\ufeff${toJson(saved)}`],
    ['packed with gzip', saved, gzipSync(toJson(saved))],
    ['with its version far behind many rows', many, sorted(many)],
    ['packed, with its version far behind', many, gzipSync(sorted(many))],
  ])('%s', async (_, summary, content) => {
    expect(await summaryOf(content)).toEqual(summary);
  });

  it.each([
    ['cut', toJson(saved).slice(0, 500), 'it is not JSON or is cut'],
    ['cut and packed', gzipSync(toJson(saved)).subarray(0, 150), 'it is not JSON or is cut'],
    [
      'followed by half of one',
      toJson(saved) + toJson(many).slice(0, 99),
      'it is not JSON or is cut',
    ],
    ['of another version', '{"schemaVersion":2}', 'its "schemaVersion" is 2, not 1'],
    ['of no version', '{"bottlenecks":[]}', 'its "schemaVersion" is missing, not 1'],
  ])('when it is %s, and refused', async (_, content, why) => {
    await expect(summaryOf(content)).rejects.toThrow(`expected a saved summary, but ${why}`);
  });

  it('by the same rule on standard input', () => {
    const code = `
      import { readSummary } from ${JSON.stringify(new URL('../../dist/doors/report.js', import.meta.url).href)};
      await readSummary('-').then((s) => console.log(JSON.stringify(s)), (e) => console.log(e.message));`;
    const print = (input: string | Uint8Array) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', code], { input, encoding: 'utf8' })
        .stdout;
    expect(JSON.parse(print(gzipSync(sorted(many))))).toEqual(many);
    expect(print(toJson(saved).slice(0, 500))).toBe(
      'standard input: expected a saved summary, but it is not JSON or is cut\n',
    );
  });
});

describe('saved summaries', () => {
  const file = temporaryFile(toJson(saved), 'saved.json');

  it('are merged, with traces too', async () => {
    const read = await readSummary(traces, options);
    const next = { ...saved, generatedAt: '2026-11-25T00:00:00.000Z' };
    const other = temporaryFile(toJson(next), 'next.json');
    expect(await readSummary([file, traces, other], options)).toEqual(
      mergeSummaries([read, saved, next]),
    );
  });

  it.each(['', '\n', '\ufeff'])(
    'are merged where they stand one after another: %j',
    async (between) => {
      const more = [many, saved].map((each, at) => ({ ...each, generatedAt: `${at}` }));
      const all = [saved, ...more];
      const content = all.map((each) => toJson(each)).join(between);
      expect(await summaryOf(content)).toEqual(mergeSummaries(all));
      expect(await summaryOf(gzipSync(all.map((each) => JSON.stringify(each)).join('\n')))).toEqual(
        mergeSummaries(all),
      );
      await expect(summaryOf(`${content}{"schemaVersion":3}`)).rejects.toThrow(
        '(the 4. of 4): expected a saved summary, but its "schemaVersion" is 3, not 1',
      );
      await expect(summaryOf(content + toJson(saved))).rejects.toThrow('is there twice');
    },
  );

  it('are refused where one is there twice, since all would count double', async () => {
    await expect(readSummary([file, traces, file], options)).rejects.toThrow('is there twice');
  });

  it('are ranked anew when that is asked for', async () => {
    const costly = summaryWith({ name: 'cheap', criticalSeconds: 1 }, { name: 'dear', costUsd: 1 });
    const { rankedBy, bottlenecks } = await summaryOf(toJson(costly), { rankBy: 'cost' });
    expect({ rankedBy, first: bottlenecks[0]!.name }).toEqual({ rankedBy: 'cost', first: 'dear' });
  });

  it.each([{ service: 'shop' }, { since: '1h' }, { name: 'search' }])(
    'hold no traces to choose from by %j',
    async (choice) => {
      const [option] = Object.keys(choice);
      await expect(readSummary(file, choice)).rejects.toThrow(
        `saved.json: expected traces to choose from by ${option!}, but it is a saved summary`,
      );
    },
  );

  it('are left as they are when there are traces to choose from, in any group', async () => {
    const choice = { ...options, service: 'shop' };
    const [before, after] = await readSummaries([file, [traces]], choice);
    expect(before).toEqual(saved);
    expect(after).toEqual(await readSummary(traces, choice));
    await expect(readSummaries([file, [file]], choice)).rejects.toThrow(
      'to choose from by service',
    );
  });
});

it('several groups read standard input once at most', async () => {
  await expect(readSummaries(['-', ['-']])).rejects.toThrow('standard input can be read only once');
});

it.each([
  [{ fold: 'no' }, '`fold` to be true or false, got a string'],
  [{ service: 1 }, '`service` to be a string, got 1'],
  [{ signal: {} }, '`signal` to be an AbortSignal, got an object'],
  [{ since: {} }, '`since` to be a time span such as 30m, an ISO time, a Date or a number'],
  [{ maxRows: 0.5 }, '`maxRows` to be a whole number of at least 1, got 0.5'],
])('refuses the option %j', async (wrong, problem) => {
  await expect(readSummary(traces, wrong as object)).rejects.toThrow(
    `readSummary: expected ${problem}`,
  );
});
