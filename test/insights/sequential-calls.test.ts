import { expect, it } from 'vitest';
import { picture } from '../support/picture.js';
import type { SpanSketch } from '../support/trace.js';
import { asking, insightsOf, sequence } from './support.js';

const fetches = (...millis: number[]) => millis.map((each) => ({ name: 'fetch', millis: each }));

it('says what calls that followed each other would save at most side by side', () => {
  const trace = sequence([{ name: 'plan', millis: 100 }, ...fetches(200, 300, 250)]);
  expect(insightsOf('sequential-calls', [trace])).toEqual([
    {
      kind: 'sequential-calls',
      severity: 'high',
      segment: 'fetch',
      service: 'test',
      message:
        '3 calls of `fetch` ran one after another, up to 3 in a row, and nothing in the ' +
        'traces shows that they had to. Start all 3 before awaiting any: saves up to 450 ms',
      evidence: { runs: 1, calls: 3, longestRun: 3, criticalSeconds: 0.75 },
      savingSeconds: 0.45,
    },
  ]);
});

it('counts what was waited for alone', () => {
  // The last of them is on no critical path: `long` ended after it.
  const trace = picture(`
    root  |-----------------------------|
    . a   |-----|
    . b         |-----|
    . c               |-----|
    . long            |-----------------|
  `).map((span) => ('abc'.includes(span.id) ? { ...span, name: 'fetch' } : span));
  const [insight] = insightsOf('sequential-calls', [trace]);
  expect(insight?.evidence.criticalSeconds).toBeCloseTo(0.012, 12);
  expect(insight?.savingSeconds).toBeCloseTo(0.006, 12);
});

it('takes different tools that ran without a call of a model between them for one run', () => {
  const tool = (name: string, millis: number) =>
    ({ name, millis, facts: { isToolCall: true } }) as const;
  const chat = { name: 'chat', millis: 100, facts: asking({ inputTokens: 10 }) };
  const trace = sequence([chat, tool('search', 300), tool('weather', 200), chat]);
  const [insight] = insightsOf('sequential-calls', [trace]);
  expect(insight).toMatchObject({ segment: 'root', savingSeconds: 0.2 });
  expect(insight?.message).toContain('2 calls of tools inside `root`');
});

it('looks into what the calls hold', () => {
  const work = sequence(fetches(200, 300, 250)).flatMap((span) =>
    span.id === 'root'
      ? [span]
      : [span, { ...span, id: `${span.id}-inside`, name: 'http', parent: span.id }],
  );
  expect(insightsOf('sequential-calls', [work])[0]?.savingSeconds).toBeCloseTo(0.45, 12);
});

it('claims no more than there was where runs of one name hold others', () => {
  const outer = sequence(fetches(9, 9, 9));
  const inner = outer.slice(1).flatMap(({ id, start }) =>
    [0, 3, 6].map((at) => ({
      id: `${id}-${at}`,
      name: 'fetch',
      parent: id,
      start: start + at,
      end: start + at + 3,
    })),
  );
  const [insight] = insightsOf('sequential-calls', [[...outer, ...inner]]);
  // 18 ms of the outer and 18 ms of the inner ones, which are the same.
  expect(insight?.savingSeconds).toBe(0.027);
});

const chats = (...inputs: number[]) =>
  inputs.map((inputTokens) => ({ name: 'chat', millis: 100, facts: asking({ inputTokens }) }));

it('tells of calls of a model whose inputs do not grow', () => {
  const [insight] = insightsOf('sequential-calls', [sequence(chats(900, 700, 800, 600))]);
  expect(insight?.savingSeconds).toBeCloseTo(0.3, 12);
});

it.each<[string, SpanSketch[]]>([
  ['each call has the answer of the one before in its input', sequence(chats(100, 300, 500, 700))],
  [
    'that is so further down',
    [100, 300, 500].reduce<SpanSketch[]>(
      (spans, inputTokens, i) => [
        ...spans,
        { id: `turn${i}`, name: 'turn', parent: 'root', start: i * 10, end: i * 10 + 10 },
        {
          id: `chat${i}`,
          name: 'chat',
          parent: `turn${i}`,
          start: i * 10,
          end: i * 10 + 9,
          facts: asking({ inputTokens }),
        },
      ],
      [{ id: 'root', start: 0, end: 30 }],
    ),
  ],
  [
    'they ask models and nobody knows how much',
    sequence(Array.from({ length: 4 }, () => ({ name: 'chat', millis: 100, facts: asking() }))),
  ],
  ['there are only two', sequence(fetches(200, 300))],
  ['they ran side by side', sequence(fetches(9, 9, 9)).map((span) => ({ ...span, start: 0 }))],
  [
    'they overlap by half',
    sequence(fetches(10, 10, 10)).map((span, i) =>
      span.id === 'root' ? { ...span, end: 20 } : { ...span, start: i * 5 - 5, end: i * 5 + 5 },
    ),
  ],
  [
    'something else came between',
    sequence([...fetches(9), { name: 'x', millis: 9 }, ...fetches(9), { name: 'y', millis: 9 }]),
  ],
  [
    'a failure may have been tried again',
    sequence(fetches(9, 9, 9).map((child, i) => (i === 1 ? { ...child, error: 'Error' } : child))),
  ],
  [
    'they are attempts of one operation',
    sequence(
      [1, 2, 3].map((number) => ({
        name: 'attempt',
        millis: 9,
        facts: { attempt: { number, outcome: 'error', backoffSeconds: 0 } },
      })),
    ),
  ],
  ['their parent took far longer', sequence([...fetches(9, 9, 9), { name: 'x', millis: 900 }])],
])('is silent when %s', (_, trace) => {
  expect(insightsOf('sequential-calls', [trace])).toEqual([]);
});
