import { expect, it } from 'vitest';
import type { Bottleneck } from '../../src/summary.js';
import { dominant } from '../../src/insights/dominant.js';
import { insightsOf, sequence, summaryOf } from './support.js';

it('names the one row that most of the waiting was for', () => {
  const trace = sequence([
    { name: 'write', millis: 700 },
    { name: 'plan', millis: 190 },
    { name: 'check', millis: 110 },
  ]);
  expect(insightsOf('dominant', [trace])).toEqual([
    {
      kind: 'dominant',
      severity: 'high',
      segment: 'write',
      service: 'test',
      message:
        '70.0 % of all waiting was for `write` (next row: 19.0 %). Make it faster: saves' +
        ' up to 700 ms',
      evidence: { criticalShare: 0.7, criticalSeconds: 0.7, nextShare: 0.19 },
      savingSeconds: 0.7,
    },
  ]);
});

it('takes the saving that was found by replay where it is known', () => {
  const rows = summaryOf([sequence([{ millis: 900 }, { millis: 100 }])]).bottlenecks;
  const replayed: Bottleneck[] = rows.map((row) => ({ ...row, savingSeconds: 0.25 }));
  const totals = { rows: replayed, seconds: 1, costUsd: undefined, inputTokens: 0 };
  expect(dominant(totals)[0]?.savingSeconds).toBe(0.25);
});

it.each([
  ['it has 60 %', [600, 150, 150, 100]],
  ['another has 20 %', [700, 200, 100]],
])('is silent when %s', (_, millis) => {
  expect(insightsOf('dominant', [sequence(millis.map((each) => ({ millis: each })))])).toEqual([]);
});

it('is silent when there is nothing else', () => {
  expect(insightsOf('dominant', [[{ id: 'root', start: 0, end: 9 }]])).toEqual([]);
});

it('is last, and silent beside an insight that matters and says what to do', () => {
  const parsing = (millis: number) => [
    { name: 'parse', millis, facts: { blockedSeconds: millis / 1000 } },
    { name: 'check', millis: 2_000 - millis },
  ];
  const kinds = (...children: { name: string; millis: number }[]) =>
    (summaryOf([sequence(children)]).insights ?? []).map(({ kind }) => kind);
  const asking = { name: 'ask', millis: 8_000 };
  expect(kinds(asking, ...parsing(110))).toEqual(['blocked-event-loop', 'dominant']);
  expect(kinds(asking, ...parsing(1_900))).toEqual(['blocked-event-loop']);
});
