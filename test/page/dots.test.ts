import { describe, expect, it } from 'vitest';
import { dotAfter, dotsOf } from '../../src/page/dot-places.js';
import { entriesOf, predict } from '../../src/page/prediction.js';
import type { SampledTrace } from '../../src/summary.js';

const trace = (traceId: string, seconds: number, then: number): SampledTrace => ({
  ...{ traceId, name: 'ask', service: '', startEpochSeconds: 0, seconds, weight: 1 },
  rows: [{ name: 'row', service: '', seconds: [then, then, then, then] }],
});
/** Ten bins of a second; with the row gone, `b` moves onto `a`, and `d` onto `c`. */
const [entry] = entriesOf([
  trace('d', 9.5, 4.5),
  trace('a', 1.5, 1.5),
  trace('b', 5.5, 1.2),
  trace('c', 4.8, 4.8),
]);
const dots = dotsOf(entry!, predict(entry!, '\nrow', 0, 10, 10));
const ids = dots.map(({ trace: { traceId } }) => traceId);

describe('the dots', () => {
  it('stand from left to right, in a column those that do not move first', () => {
    expect(
      dots.map(({ column, level, hasMoved }, at) => [ids[at], column, level, hasMoved]),
    ).toEqual([
      ['a', 1, 0, false],
      ['b', 1, 1, true],
      ['c', 4, 0, false],
      ['d', 4, 1, true],
    ]);
  });

  it.each([
    ['a', 'ArrowUp', 'b'],
    ['b', 'ArrowUp', 'b'],
    ['b', 'ArrowRight', 'c'],
    ['c', 'ArrowDown', 'c'],
    ['d', 'ArrowLeft', 'b'],
    ['d', 'ArrowRight', 'd'],
    ['a', 'ArrowLeft', 'a'],
    ['d', 'Home', 'a'],
    ['a', 'End', 'd'],
  ])('lead from %s by %s to %s', (from, key, to) => {
    expect(ids[dotAfter(dots, ids.indexOf(from), key)!]).toBe(to);
  });

  it('know no other keys', () => {
    expect(dotAfter(dots, 0, 'x')).toBeUndefined();
  });
});
