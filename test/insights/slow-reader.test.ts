import { expect, it } from 'vitest';
import type { SpanSketch } from '../support/trace.js';
import { asking, insightsOf, summaryOf, times } from './support.js';

const MILLI = 1e6;

interface Reading {
  readonly readerMillis: number;
  readonly sourceMillis: number;
  readonly items?: number;
  /** Whether the model only works while its reader waits. */
  readonly isAsked?: boolean;
}

/** A request that reads a stream, and moderates each of its items. */
function reading({ readerMillis, sourceMillis, items = 12, isAsked = true }: Reading) {
  const turns = Array.from({ length: items }, () => [readerMillis, isAsked ? sourceMillis : 0]);
  const turnsNanos = [sourceMillis, ...turns.flat()].map((millis) => millis * MILLI);
  const end = turnsNanos.reduce((sum, nanos) => sum + nanos, 0) / MILLI;
  const facts = asking({ stream: { turnsNanos, perTurn: 1 } });
  const apart = readerMillis + (isAsked ? sourceMillis : 0);
  const moderations = turns.map((_, at): SpanSketch => {
    const start = sourceMillis + at * apart;
    return { id: `m${at}`, name: 'moderate', parent: 'r', start, end: start + readerMillis };
  });
  return [
    { id: 'r', name: 'answer', start: 0, end },
    { id: 'c', name: 'chat gpt-4o', parent: 'r', start: 0, end, kind: 'client' as const, facts },
    ...moderations,
  ];
}

const SLOW = { readerMillis: 60, sourceMillis: 30 };

it('says what the model waited for, and that half of it can be done meanwhile', () => {
  const [insight, ...others] = insightsOf(
    'slow-reader',
    times(4, () => reading(SLOW)),
  );
  expect(others).toEqual([]);
  expect(insight).toMatchObject({
    segment: 'chat gpt-4o',
    message:
      '4 streams of `chat gpt-4o` waited 2.88 s for their reader, most of it for `moderate`. Read the next ' +
      'item while this one is handled: saves up to 1.44 s',
    evidence: { calls: 4, readerSeconds: 2.88 },
  });
  expect(insight!.savingSeconds).toBeCloseTo(1.44, 9);
});

it('tells no saving where the items are there already, and that its row’s saving is not sure', () => {
  const traces = times(4, () => reading({ ...SLOW, isAsked: false }));
  const [insight] = insightsOf('slow-reader', traces);
  expect(insight!.message).toContain(
    'The items are there before they are asked for: make `moderate`',
  );
  expect(insight!.savingSeconds).toBeUndefined();
  const doubts = summaryOf(traces).bottlenecks.map(({ name, savingDoubt }) => [name, savingDoubt]);
  expect(Object.fromEntries(doubts)).toEqual({
    moderate: 'stream',
    answer: undefined,
    'chat gpt-4o': undefined,
  });
});

it('has no doubt about a reader that its model waits for', () => {
  const { bottlenecks } = summaryOf(times(4, () => reading(SLOW)));
  expect(bottlenecks.filter(({ savingDoubt }) => savingDoubt)).toEqual([]);
});

it.each<[string, number, Reading]>([
  ['two streams', 2, SLOW],
  ['a reader that takes an eighth', 9, { readerMillis: 5, sourceMillis: 35 }],
])('is silent about %s', (_, count, made) => {
  expect(
    insightsOf(
      'slow-reader',
      times(count, () => reading(made)),
    ),
  ).toEqual([]);
});

it('is told instead of many short calls, which cannot be one: the items come one by one', () => {
  const short = { readerMillis: 20, sourceMillis: 10, items: 30 };
  const traces = times(4, () => reading(short));
  expect(insightsOf('many-short-calls', traces)).toEqual([]);
  expect(insightsOf('slow-reader', traces)).toHaveLength(1);
  // Without a stream they are many short calls.
  const without = traces.map((spans) => spans.filter(({ id }) => id !== 'c'));
  expect(insightsOf('many-short-calls', without)).toHaveLength(1);
});
