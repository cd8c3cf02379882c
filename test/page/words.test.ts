import { describe, expect, it } from 'vitest';
import { inMoney, inPercent, inTime, roundTime } from '../../src/page/amounts.js';
import { leftOutNotes } from '../../src/page/left-out.js';
import { toDo } from '../../src/page/to-do.js';
import { moneyUnit, shortCount, timeUnit } from '../../src/page/units.js';
import { visible } from '../../src/page/visible.js';
import { stretch } from '../../src/page/when.js';
import { Ranking } from '../../src/ranking/ranking.js';
import type { Bottleneck, Insight, Pictures, SampledRow, Summary } from '../../src/summary.js';
import { changesToTry } from '../../src/worth-a-look.js';

const EMPTY = new Ranking().toSummary({ nowEpochMillis: 0 });

it('writes times for sentences in two or three digits', () => {
  const times = [0, 0.0000012, 0.0034, 0.86, 0.9997, 6.16, 108, 1105, 9000];
  expect(times.map(inTime)).toEqual([
    ...['0 s', '1.2 µs', '3.4 ms', '860 ms', '1.0 s', '6.2 s', '108 s', '18 min', '2.5 h'],
  ]);
  expect([5, 2.5].map(roundTime)).toEqual(['5 s', '2.5 s']);
});

it('writes money below a dollar in cents', () => {
  expect([0.0231, 0.00284, 0.25, 1.2, 0.00001, 0].map(inMoney)).toEqual([
    ...['2.3 ¢', '0.28 ¢', '25 ¢', '$1.20', '$0.000010', '$0'],
  ]);
  expect([0.6, 0.004, 0].map(inPercent)).toEqual(['60 %', '< 1 %', '0 %']);
});

it('gives a column one unit and fixed decimals', () => {
  const time = timeUnit([3.36, undefined, 10.3]);
  expect([time.unit, time.format(3.36), time.format(10.3)]).toEqual(['s', '3.36', '10.30']);
  expect(timeUnit([0.25]).unit).toBe('ms');
  expect(timeUnit([]).format(0)).toBe('0.00');
  expect([2.732, 0.0001].map(moneyUnit([2.732]).format)).toEqual(['2.732', '< 0.001']);
  expect([160, 9999, 775_026, 1_705_124].map(shortCount)).toEqual([
    '160',
    '9,999',
    '775 k',
    '1.7 M',
  ]);
});

it('names both days where a stretch crosses midnight', () => {
  const start = Date.UTC(2026, 10, 27, 23, 30) / 1000;
  expect(stretch(start, 60)).toBe('2026-11-27 23:30–23:31 UTC');
  expect(stretch(start, 3600)).toBe('2026-11-27 23:30–2026-11-28 00:30 UTC');
  expect(stretch(start, 3)).toBe('2026-11-27 23:30 UTC');
  expect(stretch(1e300, 1)).toMatch(/UTC$/);
});

describe('a name from outside', () => {
  it('shows what would hide or turn around other text', () => {
    expect(visible('a\u202eb\u0000c\nd')).toBe('a‹202E›b‹0000›c d');
    expect(visible('</script>')).toBe('</script>');
  });

  it('is shortened in the middle', () => {
    expect(visible(`start${'x'.repeat(100_000)}end`)).toHaveLength(301);
  });
});

describe('what to do first', () => {
  const insight = (kind: string, segment: string): Insight => ({
    ...{ kind, segment, severity: 'low', service: '', message: segment, evidence: {} },
  });
  const tell = (summary: Partial<Summary>) => toDo({ ...EMPTY, ...summary });

  it('is what insights say, if one says how to save time', () => {
    const [dominant, timeout] = [insight('dominant', 'a'), insight('timeout', 'b')];
    const told = (insights: Insight[]) => tell({ insights }).map(({ message }) => message);
    expect(told([dominant, { ...timeout, savingSeconds: 1 }])).toEqual(['b']);
    expect(told([])).toEqual([]);
  });

  const latency = { ...EMPTY.latency, totalSeconds: 10 };
  const row = (name: string, figures: Partial<Bottleneck>): Bottleneck => ({
    ...{ rank: 1, name, service: '', calls: 10, errors: 0, totalSeconds: 8, selfSeconds: 8 },
    ...{ criticalSeconds: 8, criticalShare: 0.8, savingSeconds: 8, slowest: [] },
    ...{ p50Seconds: 0.7, p95Seconds: 0.9, p99Seconds: 1, maxSeconds: 1 },
    ...figures,
  });
  const sampled = (failedTries: readonly SampledRow[]): Pictures => {
    const trace = { traceId: 't', name: 'ask', service: '', startEpochSeconds: 0, weight: 1 };
    const rows = [{ name: 'chat', service: '', seconds: [2, 4, 6, 8] as const }];
    return { callPaths: [], traces: [], sample: [{ ...trace, seconds: 10, rows, failedTries }] };
  };

  it('is else the row that would save most, what to look at in it, and what that brings', () => {
    const chat = row('chat', {
      inputTokens: 3_000,
      outputTokens: 500,
      retries: 1,
      wastedSeconds: 1,
    });
    const unsure = row('render', { savingDoubt: 'race', savingSeconds: 9 });
    const [first, last] = tell({ bottlenecks: [unsure, chat], latency, pictures: sampled([]) });
    expect(first).toMatchObject({ title: 'Make `chat` faster', savingSeconds: 8 });
    expect(first!.message).toBe(
      'A model answers, with 300 tokens in and 50 out in a call. Half of its 10 calls take 700 ms or more. ' +
        'Ask for fewer tokens, or a faster model. It was tried again 1 time: failed attempts and backoffs took ' +
        '1.00 s. If it took no time, p95 of `ask` would fall from 10.0 s to 2.00 s.',
    );
    expect(last!.message).toContain('Its saving is not sure.');
  });

  it('tells once of a row what an insight says of its time, and apart what saves money', () => {
    const blocked = insight('blocked-event-loop', 'rerank');
    const money = { ...insight('unused-prompt-cache', 'rerank'), savingUsd: 1 };
    const insights = [{ ...blocked, message: 'It blocked' }, money, insight('slow-tail', 'other')];
    const told = tell({ bottlenecks: [row('rerank', {})], latency, insights });
    expect(told.map(({ title, message }) => [title, message])).toEqual([
      ['Make `rerank` faster', expect.stringMatching(/^Half of its .* It blocked\.$/)],
      [undefined, 'rerank'],
      [undefined, 'other'],
    ]);
  });

  it('is to avoid failed tries, where a row mostly loses time by these', () => {
    const chat = row('chat', { wastedSeconds: 6, retries: 2 });
    const pictures = sampled([{ name: 'chat', service: '', seconds: [4, 5, 7, 8] }]);
    const [first] = tell({ bottlenecks: [chat], latency, pictures });
    expect(first).toMatchObject({ title: 'Find out why `chat` fails at first', savingSeconds: 6 });
    expect(first!.message).toContain(
      'Without its failed tries, p95 of `ask` would fall from 10.0 s to 4.00 s.',
    );
    const rows = { bottlenecks: [chat], pictures };
    expect(changesToTry(rows)).toEqual(['\nchat', first!.change]);
    const timeout = { ...insight('timeout', 'chat'), savingSeconds: 1 };
    const [told] = tell({ ...rows, insights: [timeout] });
    expect(told!.message).toContain('Without failed tries of `chat`, p95 of `ask`');
  });
});

it('tells what was left out, and what there is no picture of', () => {
  expect(leftOutNotes(EMPTY)).toEqual([]);
  const older: Summary = {
    ...EMPTY,
    traces: { ...EMPTY.traces, evicted: 1 },
    latency: { ...EMPTY.latency, count: 3 },
    warnings: ['a file ended early'],
  };
  expect(leftOutNotes({ ...older, pictures: { callPaths: [], sample: [], traces: [] } })).toEqual([
    '1 request given up before the end.',
    'A file ended early.',
    'Not shown, since the summary does not tell of it: what if, call paths, traces.',
  ]);
});
