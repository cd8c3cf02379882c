import { expect, it } from 'vitest';
import type { AttemptOutcome } from '../../src/semconv.js';
import type { SpanSketch } from '../support/trace.js';
import { insightsOf, times } from './support.js';

const attempt = (
  millis: number,
  outcome: AttemptOutcome,
  timeoutSeconds: number | 'unknown' = 20,
): SpanSketch[] => [
  { id: 'chat', start: 0, end: millis },
  {
    id: 'a',
    name: 'chat attempt',
    parent: 'chat',
    start: 0,
    end: millis,
    facts: {
      attempt: {
        number: 1,
        outcome,
        backoffSeconds: 0,
        ...(timeoutSeconds === 'unknown' ? {} : { timeoutSeconds }),
      },
    },
  },
];

it('says what a timeout far above p99 made users wait for', () => {
  const traces = [
    ...times(50, () => attempt(500, 'success')),
    ...times(3, () => attempt(20_000, 'timeout')),
  ];
  expect(insightsOf('timeout', traces)).toEqual([
    {
      kind: 'timeout',
      severity: 'high',
      segment: 'chat',
      service: 'test',
      message:
        '3 attempts of `chat` hung until the timeout of 20.0 s, far above the p99 of ' +
        'successful attempts (500 ms). Set a timeout of 1.50 s: saves up to 55.5 s',
      evidence: {
        timeoutSeconds: 20,
        attempts: 53,
        timeouts: 3,
        p99Seconds: 0.5,
        enoughSeconds: 1.5,
      },
      savingSeconds: 55.5,
    },
  ]);
});

it('advises no timeout that would have cut off a success', () => {
  const traces = [
    ...times(150, () => attempt(500, 'success')),
    attempt(8_000, 'success'),
    attempt(20_000, 'timeout'),
  ];
  const [insight] = insightsOf('timeout', traces);
  expect(insight?.evidence).toMatchObject({ p99Seconds: 0.5, enoughSeconds: 8 });
  expect(insight?.savingSeconds).toBeCloseTo(12, 12);
});

it('says that a timeout is below p95 when it cuts off what came near it', () => {
  const traces = [
    ...times(18, () => attempt(1_800, 'success', 2)),
    ...times(3, () => attempt(2_000, 'timeout', 2)),
  ];
  const [insight] = insightsOf('timeout', traces);
  expect(insight).toMatchObject({
    severity: 'medium',
    message:
      'The timeout of 2.00 s cut off 3 of 21 attempts of `chat`, and successful attempts ' +
      'came near it (p95 1.80 s). Allow more time, such as 4.00 s. The attempts that it cut off took 6.00' +
      ' s',
    evidence: { timeoutSeconds: 2, attempts: 21, timeouts: 3, p95Seconds: 1.8, timedOutSeconds: 6 },
  });
  // Nobody knows what a longer one would have brought.
  expect(insight).not.toHaveProperty('savingSeconds');
});

it('saves at most what followed an attempt that was cut off', () => {
  const again = attempt(2_000, 'timeout', 2).map((span) => ({ ...span, end: 2_000 }));
  const facts = {
    attempt: { number: 2, outcome: 'success', backoffSeconds: 0.5, timeoutSeconds: 2 },
  };
  const [chat, first] = again as [SpanSketch, SpanSketch];
  const second = { ...first, id: 'b', start: 2_500, end: 3_500, facts } as SpanSketch;
  const traces = [
    ...times(18, () => attempt(1_800, 'success', 2)),
    ...times(3, () => [{ ...chat, end: 3_500 }, first, second]),
  ];
  const [insight] = insightsOf('timeout', traces);
  expect(insight).toMatchObject({ savingSeconds: 4.5 });
  expect(insight!.message).toContain('tried after them: up to 4.50 s of waiting can be saved');
});

it('does not count attempts that their caller gave up', () => {
  const traces = [
    ...times(18, () => attempt(1_800, 'success', 2)),
    ...times(3, () => attempt(2_000, 'timeout', 2)),
    ...times(100, () => attempt(10, 'aborted', 2)),
  ];
  expect(insightsOf('timeout', traces)[0]?.evidence.attempts).toBe(21);
});

it('keeps timeouts of one segment apart', () => {
  const traces = [
    ...times(50, () => attempt(500, 'success', 20)),
    ...times(50, () => attempt(6_000, 'success', 30)),
    attempt(20_000, 'timeout', 20),
    attempt(30_000, 'timeout', 30),
  ];
  const insights = insightsOf('timeout', traces);
  expect(insights.map(({ evidence }) => evidence.timeoutSeconds)).toEqual([20]);
});

it.each<[string, readonly (readonly SpanSketch[])[]]>([
  ['nothing hung', times(60, () => attempt(500, 'success'))],
  ['too few succeeded', [...times(19, () => attempt(500, 'success')), attempt(20_000, 'timeout')]],
  [
    'it is less than ten times p99',
    [...times(60, () => attempt(2_100, 'success')), attempt(20_000, 'timeout')],
  ],
  [
    'one in twenty is cut off',
    [
      ...times(57, () => attempt(1_800, 'success', 2)),
      ...times(3, () => attempt(2_000, 'timeout', 2)),
    ],
  ],
  [
    'those that are cut off are not near their end',
    [
      ...times(18, () => attempt(500, 'success', 2)),
      ...times(3, () => attempt(2_000, 'timeout', 2)),
    ],
  ],
  [
    'the limit is not known',
    [
      ...times(50, () => attempt(500, 'success', 'unknown')),
      ...times(3, () => attempt(20_000, 'timeout', 'unknown')),
    ],
  ],
])('is silent when %s', (_, traces) => {
  expect(insightsOf('timeout', traces)).toEqual([]);
});
