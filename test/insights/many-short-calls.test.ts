import { expect, it } from 'vitest';
import type { SpanSketch } from '../support/trace.js';
import { asking, insightsOf, sequence } from './support.js';

const queries = (count: number, millis = 5) =>
  Array.from({ length: count }, () => ({ name: 'query', millis }));

it('says how many there were and what one call for all would have saved at most', () => {
  const trace = sequence([{ name: 'load', millis: 100 }, ...queries(20)]);
  const insights = insightsOf('many-short-calls', [trace, trace]);
  expect(insights).toEqual([
    {
      kind: 'many-short-calls',
      severity: 'high',
      segment: 'query',
      service: 'test',
      message:
        '`query` ran 20 times per parent on average (up to 20) under 2 parents. Ask for ' +
        'all of them at once (38 calls fewer): saves up to 190 ms',
      evidence: { parents: 2, calls: 40, mostCalls: 20, criticalSeconds: 0.2 },
      savingSeconds: 0.19,
    },
  ]);
  // One and the same thing is not told twice.
  expect(insightsOf('sequential-calls', [trace])).toEqual([]);
});

it('takes calls that fill their parent for short ones, too', () => {
  expect(insightsOf('many-short-calls', [sequence(queries(10))])).toHaveLength(1);
});

it('does not mind other work between them', () => {
  const each = Array.from({ length: 20 }, () => [
    { name: 'query', millis: 5 },
    { name: 'use', millis: 1 },
  ]);
  const [insight] = insightsOf('many-short-calls', [sequence(each.flat())]);
  expect(insight?.evidence).toMatchObject({ parents: 1, calls: 20 });
  expect(insight?.savingSeconds).toBeCloseTo(0.095, 12);
});

it('leaves longer ones to be run side by side', () => {
  const trace = sequence(queries(12, 500));
  expect(insightsOf('many-short-calls', [trace])).toEqual([]);
  expect(insightsOf('sequential-calls', [trace])[0]?.savingSeconds).toBeCloseTo(5.5, 12);
});

const chat = (inputTokens: number) => ({ name: 'chat', millis: 5, facts: asking({ inputTokens }) });

it.each<[string, SpanSketch[]]>([
  ['there are nine', sequence([...queries(9), { name: 'x', millis: 40 }])],
  [
    'they ran side by side',
    sequence(queries(30)).map((span) =>
      span.id === 'root' ? span : { ...span, start: 0, end: 7 },
    ),
  ],
  [
    'they overlap by half',
    sequence(queries(30)).map((span, i) =>
      span.id === 'root'
        ? { ...span, end: 310 }
        : { ...span, start: i * 10 - 10, end: i * 10 + 10 },
    ),
  ],
  ['they took little of their parent', sequence([...queries(20, 1), { name: 'x', millis: 900 }])],
  [
    'a model decided on each of them',
    sequence(Array.from({ length: 20 }, (_, i) => [chat(100 - (i % 2)), queries(1)[0]!]).flat()),
  ],
  [
    'a model further down decided on each of them',
    sequence(
      Array.from({ length: 20 }, () => [{ name: 'think', millis: 5 }, queries(1)[0]!]).flat(),
    ).flatMap((span) =>
      span.name === 'think'
        ? [span, { ...span, id: `${span.id}-chat`, parent: span.id, ...chatOf(span) }]
        : [span],
    ),
  ],
  [
    'each has the answer of the one before',
    sequence(Array.from({ length: 20 }, (_, i) => chat(100 + i))),
  ],
])('is silent when %s', (_, trace) => {
  expect(insightsOf('many-short-calls', [trace])).toEqual([]);
});

function chatOf({ start }: SpanSketch) {
  return { name: 'chat', facts: asking({ inputTokens: start % 2 }) };
}
