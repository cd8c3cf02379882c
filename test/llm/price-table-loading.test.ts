import { llmCall, runSteps, step } from 'hotspan';
import { beforeEach, expect, it, vi } from 'vitest';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();

let isLoaded = false;
beforeEach(() => {
  isLoaded = false;
});
vi.mock('../../src/cost/price.js', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  arePricesLoaded: () => isLoaded,
  loadPrices: () => sleep(5_000).then(() => (isLoaded = true)),
  costOf: () => ({ usd: 0.5, source: 'price_table' }),
  priceFacts: () => undefined,
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

async function* items() {
  await sleep(300);
  yield { choices: [{ delta: { content: 'x' } }] };
  yield { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } };
}

it.each<[string, () => AsyncIterable<unknown>, boolean]>([
  ['read to its end', items, false],
  ['broken off', items, true],
  ['read to its end, and a web stream', () => ReadableStream.from(items()), false],
])('is waited for when a stream is %s: the step around has its cost', async (_how, ask, breaks) => {
  const sdk = startSdk();
  const read = async () => {
    for await (const item of await llmCall({ provider: 'openai', model: 'gpt-4o' }, ask)) {
      if (breaks && item !== undefined) break;
    }
  };
  const result = await run(runSteps('run', [step('ask', read)]));
  expect(result.costUsd).toBe(0.5);
  const { bottlenecks, spans } = sdk.bottlenecks.summary();
  expect(spans).toMatchObject({ analyzed: 5, late: 0 });
  expect(bottlenecks.find(({ name }) => name === 'chat gpt-4o')?.maxSeconds).toBeCloseTo(0.3, 6);
});
