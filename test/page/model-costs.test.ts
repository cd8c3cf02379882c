import fc from 'fast-check';
import { expect, it } from 'vitest';
import { costParts } from '../../src/page/model-costs.js';

const COUNTS = { calls: 1, errors: 0, inputTokens: 1, outputTokens: 1 };

it('says of a cost whose kinds are not known that it is not told apart', () => {
  expect(costParts({ ...COUNTS, costUsd: 2 })).toMatchObject([{ name: 'not told apart', usd: 2 }]);
  expect(costParts(COUNTS)).toEqual([]);
});

it('divides all of the cost, whatever of it is known', () => {
  const usd = fc.double({ min: 0, max: 10, noNaN: true });
  fc.assert(
    fc.property(usd, usd, usd, (outputCostUsd, cachedInputCostUsd, rest) => {
      const costUsd = outputCostUsd + cachedInputCostUsd + rest;
      const parts = costParts({ ...COUNTS, costUsd, outputCostUsd, cachedInputCostUsd });
      const sum = parts.reduce((all, part) => all + part.usd, 0);
      expect(Math.abs(sum - costUsd)).toBeLessThanOrEqual(1e-5 * costUsd);
    }),
  );
});
