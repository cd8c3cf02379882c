import { expect, it } from 'vitest';
import { figures, path } from '../support/analyzed.js';

const trace = `
  root  |--------------------|
  . a      |-----|
  . b             |-------|
`;

it('puts siblings that follow each other on the path, and the gaps on their parent', () => {
  expect(path(trace)).toBe('rrraaaaaarbbbbbbbbrrr');
});

it('gives the parent the gaps as self time', () => {
  expect(figures(trace)).toEqual({
    root: { self: 7, critical: 7 },
    a: { self: 6, critical: 6 },
    b: { self: 8, critical: 8 },
  });
});
