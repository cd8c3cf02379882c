import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeSummaries } from 'hotspan/report';
import { titleOf } from '../../src/insights/titles.js';
import type { SpanSketch } from '../support/trace.js';
import { summaryOf, times } from './support.js';

/** Documents that are read one after another. */
const reading = (at: number): SpanSketch[] => [
  { id: `r${at}`, name: 'answer', start: 0, end: 300 + at },
  ...[0, 1, 2].map((doc) => ({
    ...{ id: `d${at}-${doc}`, name: 'read', parent: `r${at}` },
    ...{ start: 100 * doc, end: 100 * doc + 100 },
  })),
];

it('an insight has the spans that show it, those with most time first', () => {
  const { insights = [] } = summaryOf(times(20, reading));
  const { title, spans = [] } = insights.find(({ kind }) => kind === 'sequential-calls')!;
  expect(title).toBe('Run read side by side');
  expect(spans.map(({ spanId }) => spanId)).toEqual(['r19', 'r18', 'r17', 'r16', 'r15']);
  expect(spans[0]).toEqual({ traceId: 't', spanId: 'r19', seconds: 0.319 });
});

it('a merged insight has those with most time of all', () => {
  const parts = [summaryOf(times(4, reading)), summaryOf(times(4, (at) => reading(10 + at)))];
  const { insights = [] } = mergeSummaries(parts);
  const { title, spans = [] } = insights.find(({ kind }) => kind === 'sequential-calls')!;
  expect(title).toBe('Run read side by side');
  expect(spans.map(({ spanId }) => spanId)).toEqual(['r13', 'r12', 'r11', 'r10', 'r3']);
});

it('what is dominant is shown by the slowest spans of its row', () => {
  const { insights = [] } = summaryOf(
    times(5, (at) => [
      { id: 'a', start: 0, end: 100 },
      { id: `b${at}`, name: 'b', parent: 'a', start: 1, end: 99 - at },
    ]),
  );
  const { spans } = insights.find(({ kind }) => kind === 'dominant')!;
  expect(spans?.[0]).toEqual({ traceId: 't', spanId: 'b0', seconds: 0.098 });
});

it('a title stays short and whole, whatever the row is called', () => {
  expect(titleOf('dominant', 'chat gpt-4o')).toBe('Make chat gpt-4o faster');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (name) => {
      const title = titleOf('timeout: too short', name)!;
      expect(title.length).toBeLessThanOrEqual(40);
      expect(title).toMatch(/^Allow .* more time$/s);
      // Throws where a letter was cut in two.
      expect(() => encodeURIComponent(title)).not.toThrow();
      expect(title).not.toMatch(/[\r\n\t]/);
    }),
  );
  expect(titleOf('dominant', 'x'.repeat(100_000))!.length).toBe(40);
  expect(titleOf('dominant', '{}$&')).toBe('Make {}$& faster');
  expect(titleOf('of a newer version', 'a')).toBeUndefined();
});
