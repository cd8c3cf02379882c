import { expect, it } from 'vitest';
import { path } from '../support/analyzed.js';
import { picture } from '../support/picture.js';

const trace = picture(`
  root     |------------|
  . b      |-------|
  . a       |------|
  . next           |----|
`);

const cancelled = (id: string, error = 'AbortError') =>
  trace.map((span) => (span.id === id ? { ...span, error } : span));

it('when it was cancelled the moment another won', () => {
  expect(path(trace)).toBe('bbbbbbbbnnnnn');
  expect(path(cancelled('b'))).toBe('raaaaaaannnnn');
});

it('when it stopped a little later, as far as clocks can tell', () => {
  const later = cancelled('b', 'APIUserAbortError').map((span) =>
    span.id === 'b' ? { ...span, end: 8.4 } : span,
  );
  expect(path(later, { toleranceNanos: 1e6 })).toBe('raaaaaaannnnn');
});

it('when it took a hundredth of its time to stop, however precise the clocks are', () => {
  const last = cancelled('b').filter(({ id }) => id !== 'next');
  const later = last.map((span) => (span.id === 'b' ? { ...span, end: 8.05 } : span));
  expect(path(later)).toBe('raaaaaaarrrrr');
});

it('but one that failed is', () => {
  expect(path(cancelled('b', 'RangeError'))).toBe('bbbbbbbbnnnnn');
});

it('and so is one that was cancelled by itself', () => {
  const alone = cancelled('b').map((span) => (span.id === 'a' ? { ...span, end: 5 } : span));
  expect(path(alone)).toBe('bbbbbbbbnnnnn');
});

it('nor is one of two that were cancelled together preferred to the winner', () => {
  const third = [
    ...cancelled('b'),
    { id: 'c', parent: 'root', start: 0, end: 8, error: 'CanceledError' },
  ];
  expect(path(third)).toBe('raaaaaaannnnn');
});
