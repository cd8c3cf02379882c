import { expect, it } from 'vitest';
import { measureShared } from '../../scripts/accuracy/measure-shared.js';
import { SHARED_CASES } from '../../scripts/accuracy/shared-programs.js';

const one = SHARED_CASES.find(({ title }) => title === 'Readers slower than their model')!;

it.each([1, 2, 3])(
  'what a model would need without its slow reader is left: run %i',
  async (seed) => {
    const { rows } = await measureShared(one, seed);
    const say = rows.find(({ row }) => row === 'say')!;
    expect(Math.abs(say.predicted - say.real)).toBeLessThan(0.02);
  },
);
