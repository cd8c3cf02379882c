import { llmCall } from 'hotspan';
import { expect, it, vi } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

let isLoaded = false;
vi.mock('../../src/cost/price.js', () => ({
  arePricesLoaded: () => isLoaded,
  loadPrices: () => sleep(5_000).then(() => (isLoaded = true)),
  costOf: () => ({ usd: 0.5, source: 'price_table' }),
}));

it('is no part of the call that waits for it, and the cost is on the span', async () => {
  const sdk = startSdk();
  await run(
    llmCall({ provider: 'openai', model: 'gpt-4o' }, async () => {
      await sleep(300);
      return { usage: { prompt_tokens: 1, completion_tokens: 1 } };
    }),
  );
  const [row] = sdk.bottlenecks.summary().bottlenecks;
  expect(row).toMatchObject({ name: 'chat gpt-4o', costUsd: 0.5 });
  expect(row?.maxSeconds).toBeCloseTo(0.3, 6);
});
