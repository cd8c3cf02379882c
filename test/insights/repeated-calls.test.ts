import { expect, it } from 'vitest';
import type { SpanSketch } from '../support/trace.js';
import { asking, insightsOf, sequence, times } from './support.js';

const call = (
  inputHash: string | undefined,
  millis: number,
  costUsd = 0.01,
  facts: { inputTokens?: number } = {},
): SpanSketch[] =>
  sequence([
    {
      name: 'embed',
      millis,
      facts: asking({ costUsd, ...(inputHash === undefined ? {} : { inputHash }), ...facts }),
    },
    { name: 'work', millis: 100 },
  ]);

it('says what a cache would have saved: all calls with one input but the dearest', () => {
  const traces = [call('a', 100), call('b', 300), call('a', 200), call('a', 150), call('c', 100)];
  expect(insightsOf('repeated-calls', traces)).toEqual([
    {
      kind: 'repeated-calls',
      severity: 'high',
      segment: 'embed',
      service: 'test',
      message:
        '2 of 5 calls of `embed` repeated the input of an earlier one. Cache the answers: saves up to 250 ms and $0.020',
      evidence: { calls: 5, repeats: 2 },
      savingSeconds: 0.25,
      savingUsd: 0.02,
    },
  ]);
});

it('says the same in any order', () => {
  const traces = [call('a', 100), call('a', 200), call('a', 150), call('b', 1), call('b', 3)];
  const [forwards] = insightsOf('repeated-calls', traces);
  const [backwards] = insightsOf('repeated-calls', traces.reverse());
  expect(backwards).toEqual(forwards);
  expect(forwards?.savingSeconds).toBeCloseTo(0.251, 12);
});

it('counts what was waited for, not what ran beside it', () => {
  // The second call of the same ran beside something longer.
  const beside: SpanSketch[] = [
    { id: 'root', start: 0, end: 500 },
    { id: 'long', parent: 'root', start: 0, end: 500 },
    {
      id: 'b',
      name: 'embed',
      parent: 'root',
      start: 0,
      end: 400,
      facts: asking({ inputHash: 'a' }),
    },
  ];
  const [insight] = insightsOf('repeated-calls', [call('a', 100), beside, call('a', 60)]);
  expect(insight?.evidence).toEqual({ calls: 3, repeats: 2 });
  expect(insight?.savingSeconds).toBeCloseTo(0.06, 12);
});

it.each<[string, SpanSketch[][]]>([
  ['inputs differ', [call('a', 100), call('b', 100), call('c', 100)]],
  [
    'the numbers of their tokens differ',
    [7, 8, 9].map((inputTokens) => call('a', 100, 0.01, { inputTokens })),
  ],
  ['inputs are not known', times(5, () => call(undefined, 100)) as SpanSketch[][]],
  ['one call was repeated once', [call('a', 100), call('a', 100)]],
  [
    'a cache answered them',
    times(5, () =>
      sequence([
        { millis: 9, facts: asking({ inputHash: 'a', cacheHit: { savedSeconds: 1 } }) },
        { millis: 1 },
      ]),
    ) as SpanSketch[][],
  ],
  [
    'they failed',
    times(5, () =>
      sequence([{ millis: 9, error: 'RateLimitError', facts: asking({ inputHash: 'a' }) }]),
    ) as SpanSketch[][],
  ],
  [
    'they took less than a hundredth of all time',
    [...times(5, () => call('a', 1, 0)), sequence([{ millis: 10_000 }])] as SpanSketch[][],
  ],
])('is silent when %s', (_, traces) => {
  expect(insightsOf('repeated-calls', traces)).toEqual([]);
});

it('forgets the oldest of more inputs than it can remember', () => {
  const embed = (inputHash: string) => ({ name: 'embed', millis: 1, facts: asking({ inputHash }) });
  const distinct = Array.from({ length: 10_000 }, (_, index) => embed(`distinct ${index}`));
  const often = Array.from({ length: 1_000 }, () => embed('often'));
  const trace = sequence([embed('a'), embed('a'), ...distinct, embed('a'), embed('a'), ...often]);
  // One repeat of `a` before it was forgotten, and one after.
  expect(insightsOf('repeated-calls', [trace])[0]?.evidence).toEqual({
    calls: 11_004,
    repeats: 1 + 1 + 999,
  });
});
