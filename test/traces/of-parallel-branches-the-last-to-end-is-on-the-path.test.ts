import { expect, it } from 'vitest';
import { figures, path } from '../support/analyzed.js';

const trace = `
  root    |------------------|
  . a       |-----|
  . b       |---------|
  . . c       |----|
  . d                  |---|
`;

it('follows the branch that ended last, and into its child', () => {
  expect(path(trace)).toBe('rrbbcccccbbbrddddrr');
});

it('counts the time of children side by side once in their parent', () => {
  const { root, a, b } = figures(trace);
  expect(root).toEqual({ self: 5, critical: 5 });
  expect(a).toEqual({ self: 6, critical: 0 });
  expect(b).toEqual({ self: 5, critical: 5 });
});

it('says that a branch which ended before the other began was waited for as well', () => {
  expect(
    path(`
      root  |-----------|
      . a   |---|
      . b       |-----|
      . c     |--|
    `),
  ).toBe('aaaabbbbbbrr');
});
