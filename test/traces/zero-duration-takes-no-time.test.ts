import { expect, it } from 'vitest';
import { figures, path } from '../support/analyzed.js';

it('leaves a span without duration off the path, wherever it is', () => {
  const trace = `
    root   |-----|
    . s    |
    . m      |
    . e          |
    . work    |--|
  `;
  expect(path(trace)).toBe('rrrwww');
  expect(figures(trace).m).toEqual({ self: 0, critical: 0 });
});

it('analyzes a root without duration', () => {
  expect(
    figures([
      { id: 'root', start: 0, end: 0 },
      { id: 'a', parent: 'root', start: 0, end: 0 },
    ]),
  ).toEqual({ root: { self: 0, critical: 0 }, a: { self: 0, critical: 0 } });
});
