import { expect, it } from 'vitest';
import { analyzed, figures } from '../support/analyzed.js';

it('cuts a cycle at the span that started first', () => {
  const cycle = figures([
    { id: 'b', parent: 'a', start: 2, end: 6 },
    { id: 'a', parent: 'c', start: 0, end: 8 },
    { id: 'c', parent: 'b', start: 3, end: 5 },
  ]);
  expect(cycle).toEqual({
    a: { self: 4, critical: 4 },
    b: { self: 2, critical: 2 },
    c: { self: 2, critical: 2 },
  });
});

it('takes a span that is its own parent for one without', () => {
  expect(figures([{ id: 'a', parent: 'a', start: 0, end: 3 }])).toEqual({
    a: { self: 3, critical: 3 },
  });
});

it('keeps the first of two spans with one id, and counts the other', () => {
  const tree = analyzed([
    { id: 'a', start: 0, end: 3 },
    { id: 'a', start: 0, end: 9 },
  ]);
  expect(tree).toMatchObject({ repeated: 1, untimed: 0 });
  expect(tree.nodes.map((node) => node.endNanos)).toEqual([3e6]);
});

it('leaves out times that are no numbers, and counts them', () => {
  const tree = analyzed([
    { id: 'a', start: 0, end: 3 },
    { id: 'b', parent: 'a', start: Number.NaN, end: 2 },
    { id: 'c', parent: 'a', start: 1, end: Infinity },
  ]);
  expect(tree).toMatchObject({ repeated: 0, untimed: 2 });
  expect(tree.nodes).toHaveLength(1);
});

it('takes an end before the start for the start', () => {
  expect(figures([{ id: 'a', start: 5, end: 3 }])).toEqual({ a: { self: 0, critical: 0 } });
});
