import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { llmCall, retry, runSteps, step } from 'hotspan';
import { expect, it, vi } from 'vitest';
import { heapGrowth } from '../support/heap.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

/** Each way to end: an answer, an error, a time that is up, an abort in an attempt and in a backoff. */
async function everyEnd(longLived: AbortSignal): Promise<void> {
  const gpt = { provider: 'openai', model: 'gpt-4o', signal: longLived, timeoutMillis: 60_000 };
  const hang = () => new Promise<never>(() => undefined);
  const fail = () => Promise.reject(new Error('no'));
  async function* stream() {
    await Promise.resolve();
    yield 1;
    yield 2;
  }
  const own = new AbortController();
  const calls = [
    llmCall(gpt, () => ({ usage: { prompt_tokens: 1, completion_tokens: 1 } })),
    llmCall({ ...gpt, maxAttempts: 2, backoffMillis: 0 }, fail),
    llmCall({ ...gpt, timeoutMillis: 1 }, hang),
    retry('hang', { signal: own.signal }, hang),
    retry('wait', { signal: own.signal, backoffMillis: 60_000 }, fail),
    llmCall(gpt, () => stream()).then(async (items) => {
      for await (const item of items) if (item === 1) break;
    }),
    llmCall(gpt, () => stream()).then(async (items) => {
      for await (const item of items) expect(item).toBeLessThan(3);
    }),
    runSteps('run', [step('a', { timeoutMillis: 1 }, hang)], { signal: longLived }),
  ];
  await Promise.resolve();
  own.abort();
  await Promise.allSettled(calls);
}

it('leaves no listener, timer or memory after 10,000 calls under one long-lived signal', async () => {
  const sdk = startSdk({ exported: false });
  const { signal } = new AbortController();
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const activeTimers = () =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  await everyEnd(signal);
  const timersBefore = activeTimers();

  // Eight calls a round, after as many to warm up.
  const growth = await heapGrowth(25, async () => {
    await Promise.all(Array.from({ length: 25 }, () => everyEnd(signal)));
  });

  expect(sdk.bottlenecks.summary().traces.analyzed).toBe(8 + 2 * 25 * 25 * 8);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(activeTimers()).toBeLessThanOrEqual(timersBefore);
  // A promise and an error of each call that stay would be some 5 MB.
  expect(growth).toBeLessThan(1.5);
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

async function* endless(): AsyncGenerator<number> {
  for (let item = 0; ; item += 1) yield await Promise.resolve(item);
}

it('leaves nothing of streams that are abandoned under one long-lived signal', async () => {
  const { signal } = new AbortController();
  const options = { provider: 'openai', model: 'gpt-4o', signal };
  const growth = await heapGrowth(20, async () => {
    // Not one turn of the event loop in between, and half of them with a signal of their own.
    for (let call = 0; call < 250; call += 1) {
      const stream = await llmCall(options, (context) => {
        expect(call % 4 < 2 ? context.signal.aborted : false).toBe(false);
        return endless();
      });
      if (call % 2 === 0) await stream.next();
    }
  });
  // It was 1.2 KB each, 6 MB for all.
  expect(growth).toBeLessThan(0.5);
});

it('still stops a stream that is not abandoned: one that is read, waited for, or whose signal is kept', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error('enough');
  const gpt = { provider: 'openai', model: 'gpt-4o', signal };
  const stuck = () => new Promise<IteratorResult<unknown>>(() => undefined);
  const between = await llmCall(gpt, () => endless());
  await between.next();
  const waiting = llmCall(gpt, () => ({ [Symbol.asyncIterator]: () => ({ next: stuck }) })).then(
    async (stream) => {
      for await (const item of stream) expect(item).toBeUndefined();
    },
  );
  waiting.catch(() => undefined);
  let kept: AbortSignal | undefined;
  await llmCall(gpt, (context) => {
    kept = context.signal;
    return endless();
  });
  await heapGrowth(3, () => turn());
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(between.next()).rejects.toBe(reason);
  expect(kept?.reason).toBe(reason);
});
