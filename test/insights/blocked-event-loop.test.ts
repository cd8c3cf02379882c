import { expect, it } from 'vitest';
import { picture } from '../support/picture.js';
import type { SpanSketch } from '../support/trace.js';
import { insightsOf, sequence, times } from './support.js';

/** The spans of a picture; `parse` and those that start so held the event loop for all their time. */
const blocking = (text: string): SpanSketch[] =>
  picture(text).map((span) =>
    span.id.startsWith('parse')
      ? { ...span, name: 'parse', facts: { blockedSeconds: (span.end - span.start) / 1000 } }
      : span,
  );

it('says for how long, and how many other segments were open meanwhile', () => {
  const trace = blocking(`
    root        |----------------------------------------|
    . ask a     |--------------------|
    . ask b         |-------|
    . worker          |--------------------------|
    . . before        |-|
    . . parse1            |--------|
    . . parse2                         |------|
    . late                                           |--|
  `);
  expect(insightsOf('blocked-event-loop', [trace])).toEqual([
    {
      kind: 'blocked-event-loop',
      severity: 'high',
      segment: 'parse',
      service: 'test',
      message:
        '`parse` blocked the event loop for 16.0 ms in 2 blocks of up to 9.00 ms: nothing' +
        ' else could run in its thread while 2 other segments of the same traces were ' +
        'open. Move it to a worker thread, or split it into short parts',
      // `a` and `b` during the first; `before` was over, and `worker` is what ran it.
      evidence: { blocks: 2, blockedSeconds: 0.016, worstSeconds: 0.009, openSegments: 2 },
    },
  ]);
});

it('does not count what ran inside', () => {
  const trace = blocking(`
    root        |--------------------|
    . ask       |--------------------|
    . parse         |--------|
    . . inner         |---|
  `);
  expect(insightsOf('blocked-event-loop', [trace])[0]?.evidence).toMatchObject({ openSegments: 1 });
});

it('tells of long blocks although nothing is known to have waited', () => {
  const block = (millis: number) =>
    sequence([{ name: 'parse', millis, facts: { blockedSeconds: millis / 1000 } }]);
  expect(insightsOf('blocked-event-loop', [block(100)])[0]?.message).toBe(
    '`parse` blocked the event loop for 100 ms: nothing else could run in its thread. ' +
      'Move it to a worker thread, or split it into short parts',
  );
  expect(insightsOf('blocked-event-loop', [block(99)])).toEqual([]);
});

it('tells of short blocks that take much of all time: other requests waited for them', () => {
  const trace = sequence([
    { name: 'parse', millis: 30, facts: { blockedSeconds: 0.03 } },
    { name: 'ask', millis: 170 },
  ]);
  expect(
    insightsOf(
      'blocked-event-loop',
      times(10, () => trace),
    ),
  ).toHaveLength(1);
  expect(
    insightsOf(
      'blocked-event-loop',
      times(9, () => trace),
    ),
  ).toEqual([]);
});

it('is silent about less than a hundredth of all time', () => {
  const parse = { name: 'parse', millis: 100, facts: { blockedSeconds: 0.1 } };
  expect(
    insightsOf('blocked-event-loop', [sequence([parse, { name: 'ask', millis: 9_800 }])]),
  ).toHaveLength(1);
  expect(
    insightsOf('blocked-event-loop', [sequence([parse, { name: 'ask', millis: 9_950 }])]),
  ).toEqual([]);
});
