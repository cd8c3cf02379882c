import { expect, it } from 'vitest';
import { figures } from '../support/analyzed.js';

const trace = `
  root         |--------------------|
  . wrapper    |-------------------|
  . . work     |------------------|
`;

it('charges the work below the wrapper, not the wrapper that took 95 %', () => {
  expect(figures(trace)).toEqual({
    root: { self: 1, critical: 1 },
    wrapper: { self: 1, critical: 1 },
    work: { self: 19, critical: 19 },
  });
});
