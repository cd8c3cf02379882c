import { expect, it } from 'vitest';
import type { SpanSketch } from '../support/trace.js';
import { insightsOf, times } from './support.js';

const FAILED = { outcome: 'error' } as const;

//  root          |--------------------------|
//  . fetch       |--------------------------|
//  . . attempt   |------|                        100 ms, failed
//  . . attempt             |----------------|     after 50 ms: so many, failed or not
const retried = (ends: 'failed' | 'recovered', millis = 200, costUsd = 0.01): SpanSketch[] => {
  const end = 150 + millis;
  const error = ends === 'failed' ? { error: 'Error' } : {};
  const attempt = (number: number, outcome: 'error' | 'success', backoffSeconds: number) => ({
    name: 'fetch attempt',
    parent: 'fetch',
    facts: { attempt: { number, outcome, backoffSeconds }, costUsd },
  });
  return [
    { id: 'root', start: 0, end },
    { id: 'fetch', parent: 'root', start: 0, end, ...error },
    { id: 'a1', start: 0, end: 100, ...attempt(1, 'error', 0) },
    { id: 'a2', start: 150, end, ...attempt(2, ends === 'failed' ? 'error' : 'success', 0.05) },
  ];
};

it('says what was spent on retries that did not help', () => {
  const traces = [...times(4, () => retried('failed')), retried('recovered')];
  const [insight] = insightsOf('costly-retries', traces);
  expect(insight).toMatchObject({
    segment: 'fetch',
    message:
      '`fetch` failed 4 times despite retries and recovered 1 time: retries took 1.00 s ' +
      'where they did not help, 250 ms where they did. Give up sooner: saves up to 1.00 ' +
      's and $0.040',
    evidence: { failed: 4, recovered: 1, futileSeconds: 1, usefulSeconds: 0.25 },
  });
  expect(insight?.savingSeconds).toBeCloseTo(1, 12);
  expect(insight?.savingUsd).toBeCloseTo(0.04, 12);
});

it('counts what was waited for alone', () => {
  // `long` ended last and explains all of its root.
  const beside = (): SpanSketch[] => [
    ...retried('failed').map((span) => (span.id === 'root' ? { ...span, end: 400 } : span)),
    { id: 'long', parent: 'root', start: 0, end: 400 },
  ];
  const [insight] = insightsOf('costly-retries', [
    ...times(3, beside),
    ...times(3, () => retried('failed')),
  ]);
  expect(insight?.evidence).toMatchObject({ failed: 6, futileSeconds: 1.5 });
  expect(insight?.savingSeconds).toBeCloseTo(0.75, 12);
});

it.each<[string, readonly (readonly SpanSketch[])[]]>([
  [
    'most recovered',
    [...times(3, () => retried('failed')), ...times(4, () => retried('recovered'))],
  ],
  ['two failed', times(2, () => retried('failed'))],
  ['nothing was retried', times(5, () => retried('failed').filter(({ id }) => id !== 'a2'))],
  [
    'the caller gave up',
    times(5, () =>
      retried('failed').map((span) =>
        span.id === 'a2'
          ? {
              ...span,
              facts: { attempt: { number: 2, ...FAILED, outcome: 'aborted', backoffSeconds: 0 } },
            }
          : span,
      ),
    ),
  ],
])('is silent when %s', (_, traces) => {
  expect(insightsOf('costly-retries', traces)).toEqual([]);
});
