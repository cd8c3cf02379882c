import { expect, it } from 'vitest';
import { path } from '../support/analyzed.js';
import type { SpanSketch } from '../support/trace.js';

// A walk that asks for siblings that ended strictly before the cursor loses `a`, 90 % of the time.
const trace = `
  root  |--------------------|
  . a   |-----------------|
  . b                     |--|
`;

it('does not lose a sibling that ends exactly where the next starts', () => {
  expect(path(trace)).toBe('aaaaaaaaaaaaaaaaaabbb');
});

it('takes an overlap below the tolerance for touching', () => {
  const overlap: SpanSketch[] = [
    { id: 'root', start: 0, end: 20 },
    { id: 'a', parent: 'root', start: 0, end: 10.6 },
    { id: 'b', parent: 'root', start: 10, end: 20 },
  ];
  expect(path(overlap, { toleranceNanos: 1e6 })).toBe('aaaaaaaaaabbbbbbbbbb');
  expect(path(overlap, { toleranceNanos: 0.1e6 })).toBe('rrrrrrrrrrbbbbbbbbbb');
});

it('never tolerates more than a millisecond', () => {
  const overlap: SpanSketch[] = [
    { id: 'root', start: 0, end: 20 },
    { id: 'a', parent: 'root', start: 0, end: 12 },
    { id: 'b', parent: 'root', start: 10, end: 20 },
  ];
  expect(path(overlap, { toleranceNanos: 5e6 })).toBe('rrrrrrrrrrbbbbbbbbbb');
});
