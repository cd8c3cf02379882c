import { toMarkdown, toText } from 'hotspan/report';
import type { SlowEntryPoint, SlowRow, Summary } from 'hotspan/report';
import { expect, it } from 'vitest';
import { summaryOf } from '../support/summary.js';

const row = (name: string, more: Partial<SlowRow>): SlowRow => ({
  ...{ name, service: 'shop', slowSeconds: 0, typicalSeconds: 0 },
  ...{ slowShare: 0, typicalShare: 0, traces: 0, slowest: [] },
  ...more,
});
const point: SlowEntryPoint = {
  ...{ name: 'POST /ask', service: 'shop', calls: 400, beyondSeconds: 0.9 },
  ...{ slowTraces: 20, slowSeconds: 1.5, typicalTraces: 100, typicalSeconds: 0.5 },
  rows: [
    row('rerank', {
      ...{ slowSeconds: 1, typicalSeconds: 0.06, slowShare: 0.667, typicalShare: 0.12 },
      ...{ traces: 17, isCause: true },
      slowest: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), seconds: 1.75 }],
    }),
    row('chat', { slowSeconds: 0.4, typicalSeconds: 0.4, slowShare: 0.267, typicalShare: 0.8 }),
  ],
};
const summary: Summary = { ...summaryOf({ name: 'rerank' }), slow: [point] };

it('compares the slowest traces with the typical ones, instead of the ranking', () => {
  expect(toText(summary, { slow: true }).split('\n')).toEqual([
    'POST /ask: its slowest 5 % take 1.50 s on average, more than 900 ms each; the typical ones 500 ms (20 and 100 of 400 traces)',
    '',
    '    Segment  Of slow  Of typical    Slow  Typical  Traces  Slowest of them',
    ` ▸  rerank    66.7 %      12.0 %  1.00 s  60.0 ms      17  ${'ab'.repeat(16)}`,
    '    chat      26.7 %      80.0 %  400 ms   400 ms       -  -',
  ]);
  expect(toText(summary)).not.toContain('slowest 5 %');
});

it('links the slowest trace behind a row', () => {
  const link = `http://localhost:16686/trace/${'ab'.repeat(16)}`;
  const text = toMarkdown(summary, { slow: true, jaegerUrl: 'http://localhost:16686' });
  expect(text).toContain(`| ▸ | \`rerank\` | 66.7 % | 12.0 % | 1.00 s | 60.0 ms | 17 | ${link}`);
});

it('says so when there are too few traces, or no row stands out', () => {
  expect(toText(summaryOf({ name: 'a' }), { slow: true })).toMatch(/^Too few traces have ended/);
  const even = { ...summary, slow: [{ ...point, rows: [point.rows[1]!] }] };
  expect(toText(even, { slow: true })).toMatch(/\n\nNo row stands out\.$/);
});
