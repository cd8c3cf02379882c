import { llmCall, type CachedAnswer, type LlmCacheStore, type LlmCallOptions } from 'hotspan';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
beforeAll(() => loadPrices());

const gpt: LlmCallOptions = { provider: 'openai', model: 'gpt-4o' };
const response = { text: '42', usage: { prompt_tokens: 1_000, completion_tokens: 100 } };

/** Answers after two seconds, for $0.0035. */
const model = () =>
  vi.fn(async () => {
    await sleep(2_000);
    return response;
  });

const cached = (store: LlmCacheStore, more: object = {}): LlmCallOptions => ({
  ...gpt,
  cache: { store, input: { messages: ['How much?'], temperature: 0 }, ...more },
});

describe('the cache of llmCall', () => {
  it('answers the same call once more, without a model, and says what that saved', async () => {
    const sdk = startSdk();
    const store = new Map<string, CachedAnswer>();
    const ask = model();
    const first = await run(llmCall(cached(store), ask));
    const second = await run(llmCall(cached(store), ask));
    expect(second).toBe(first);
    expect(ask).toHaveBeenCalledTimes(1);
    const [miss, hit] = sdk.spans().filter(({ name }) => name === 'chat gpt-4o');
    expect(miss?.attributes['hotspan.cache.hit']).toBe(false);
    expect(hit?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'hotspan.cache.hit': true,
      'hotspan.cache.saved_cost': expect.closeTo(0.0035, 12) as number,
      'hotspan.cache.saved_time': 2,
      'hotspan.llm.input_hash': expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    const { totals, models, bottlenecks } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({
      llmCalls: 1,
      unpricedCalls: 0,
      attempts: 1,
      cacheHits: 1,
      cacheSavedSeconds: 2,
    });
    expect(totals.costUsd).toBeCloseTo(0.0035, 12);
    expect(totals.cacheSavedUsd).toBeCloseTo(0.0035, 12);
    expect(models).toMatchObject([{ model: 'gpt-4o', calls: 1, inputTokens: 1_000 }]);
    expect(bottlenecks).toMatchObject([{ name: 'chat gpt-4o', calls: 2 }]);
  });

  it('knows a call by provider, model, operation and input, whatever the order of its fields', async () => {
    startSdk();
    const store = new Map<string, CachedAnswer>();
    const ask = vi.fn(() => response);
    const input = (value: unknown) => ({ input: value });
    await llmCall(cached(store, input({ a: 1, b: { c: 2, d: 3 } })), ask);
    await llmCall(cached(store, input({ b: { d: 3, c: 2 }, a: 1 })), ask);
    expect(ask).toHaveBeenCalledTimes(1);
    await llmCall(cached(store, input({ a: 1, b: { c: 2, d: 4 } })), ask);
    await llmCall({ ...cached(store), model: 'gpt-4o-mini' }, ask);
    await llmCall({ ...cached(store), operation: 'text_completion' }, ask);
    await llmCall({ ...cached(store), provider: 'azure.ai.openai' }, ask);
    expect(ask).toHaveBeenCalledTimes(5);
    expect(store.size).toBe(5);
  });

  it('keeps no content in its keys, and may have a key of the user’s', async () => {
    startSdk();
    const store = new Map<string, CachedAnswer>();
    await llmCall(cached(store), () => response);
    await llmCall(cached(store, { input: undefined, key: 'mine' }), () => response);
    expect([...store.keys()]).toEqual([expect.stringMatching(/^hotspan:[0-9a-f]{64}$/), 'mine']);
  });

  it('takes a store that answers later, and holds plain data', async () => {
    const sdk = startSdk();
    const redis = new Map<string, string>();
    const store: LlmCacheStore = {
      get: async (key) => {
        await sleep(5);
        return JSON.parse(redis.get(key) ?? 'null') as CachedAnswer | null;
      },
      set: async (key, answer) => {
        await sleep(50);
        redis.set(key, JSON.stringify(answer));
      },
    };
    const started = Date.now();
    const first = llmCall(cached(store), model()).then(() => Date.now() - started);
    // The caller does not wait for the store to be written.
    expect(await run(first)).toBe(2_005);
    expect(await run(llmCall(cached(store), model()))).toEqual(response);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      cacheHits: 1,
      cacheSavedSeconds: 2,
    });
  });

  it('does without a store that fails', async () => {
    const sdk = startSdk();
    const broken = {
      get: () => Promise.reject(new Error('down')),
      set: vi.fn(() => {
        throw new Error('down');
      }),
    };
    expect(await llmCall(cached(broken), () => response)).toBe(response);
    const rejecting = { get: () => undefined, set: () => Promise.reject(new Error('down')) };
    expect(await llmCall(cached(rejecting), () => response)).toBe(response);
    expect(broken.set).toHaveBeenCalledTimes(1);
    expect(sdk.bottlenecks.summary().warnings).toEqual([
      'the cache of an LLM call could not be read',
    ]);
  });

  it('tells of all that is wrong with one call', async () => {
    const sdk = startSdk();
    const broken = { get: () => Promise.reject(new Error('down')), set: () => undefined };
    const options = { ...cached(broken), input: new Map([['not', 'JSON']]) };
    await llmCall(options, () => ({ usage: { of: 'no known shape' } }));
    expect([...sdk.bottlenecks.summary().warnings].sort()).toEqual([
      'an LLM response had token usage of an unknown shape',
      'the `input` of an LLM call is not JSON data',
      'the cache of an LLM call could not be read',
    ]);
  });

  it('keeps no failures', async () => {
    startSdk();
    const store = new Map<string, CachedAnswer>();
    const error = new TypeError('no');
    const failed = llmCall(cached(store), () => Promise.reject(error));
    await expect(failed).rejects.toBe(error);
    expect(store.size).toBe(0);
  });

  it('keeps no streams', async () => {
    startSdk();
    const store = new Map<string, CachedAnswer>();
    async function* stream() {
      await Promise.resolve();
      yield 1;
    }
    for (let call = 0; call < 2; call += 1) {
      const items: unknown[] = [];
      for await (const item of await llmCall(cached(store), () => stream())) items.push(item);
      expect(items).toEqual([1]);
    }
    expect(store.size).toBe(0);
  });

  it('makes a request for each of the calls that come at once', async () => {
    startSdk();
    const ask = model();
    const store = new Map<string, CachedAnswer>();
    await run(Promise.all([llmCall(cached(store), ask), llmCall(cached(store), ask)]));
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('shares one request between them when asked to', async () => {
    const sdk = startSdk();
    const ask = model();
    const options = cached(new Map(), { share: true });
    const calls = Array.from({ length: 5 }, () => llmCall(options, ask));
    expect(await run(Promise.all(calls))).toEqual(Array(5).fill(response));
    expect(ask).toHaveBeenCalledTimes(1);
    const { totals } = sdk.bottlenecks.summary();
    // They waited as long as the one: that saved money and no time.
    expect(totals).toMatchObject({ llmCalls: 1, cacheHits: 4, cacheSavedSeconds: 0 });
    expect(totals.costUsd).toBeCloseTo(0.0035, 12);
    expect(totals.cacheSavedUsd).toBeCloseTo(0.014, 12);
  });

  it('lets those who waited ask, side by side, when the shared request fails', async () => {
    startSdk();
    const error = new TypeError('no');
    const ask = vi.fn(async () => {
      const { length } = ask.mock.calls;
      await sleep(1_000);
      if (length === 1) throw error;
      return response;
    });
    const options = cached(new Map(), { share: true });
    const started = Date.now();
    const calls = [1, 2, 3].map(() => llmCall(options, ask).catch((caught: unknown) => caught));
    const took = Promise.all(calls).then((answers) => [...answers, Date.now() - started]);
    expect(await run(took)).toEqual([error, response, response, 2_000]);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it('does not wait for itself when the same call is inside', async () => {
    startSdk();
    const options = cached(new Map(), { share: true });
    expect(await run(llmCall(options, () => llmCall(options, () => response)))).toBe(response);
  });

  it('asks the model when the store, or another’s request, takes longer than an attempt may', async () => {
    const sdk = startSdk();
    const hanging = { get: () => new Promise<never>(() => undefined), set: () => undefined };
    const options = { ...cached(hanging), timeoutMillis: 50 };
    expect(await run(llmCall(options, () => response))).toBe(response);
    expect(sdk.bottlenecks.summary().warnings).toEqual([
      'the cache of an LLM call could not be read',
    ]);
    const start = performance.now();
    expect(await run(llmCall(cached(hanging), () => response))).toBe(response);
    expect(performance.now() - start).toBe(5_000);
    const shared = cached(new Map(), { share: true });
    const slow = llmCall(shared, model());
    const impatient = llmCall({ ...shared, timeoutMillis: 50 }, () => 'mine');
    expect(await run(Promise.all([slow, impatient]))).toEqual([response, 'mine']);
  });

  it('takes what JSON cannot hold for no input: it would look like another', () => {
    startSdk();
    const odd = [
      new Map([['a', 1]]),
      new Set([1]),
      Promise.resolve(1),
      /x/,
      Number.NaN,
      [undefined],
    ];
    for (const input of [...odd, () => 1, { deep: new Map() }, Symbol('a')]) {
      expect(() => llmCall(cached(new Map(), { input }), () => response)).toThrow(
        'llmCall: expected `cache.input` to be JSON data',
      );
    }
    const fine = { at: new Date(0), none: undefined, list: [null], empty: {} };
    expect(() => llmCall(cached(new Map(), { input: fine }), () => response)).not.toThrow();
  });

  it('does not hold one who waits and is aborted', async () => {
    startSdk();
    const options = cached(new Map(), { share: true });
    const controller = new AbortController();
    const reason = new Error('enough');
    const first = llmCall(options, model());
    const second = llmCall({ ...options, signal: controller.signal }, model());
    setTimeout(() => controller.abort(reason), 100);
    const caught = second.catch((error: unknown) => [error, Date.now()]);
    const started = Date.now();
    expect(await run(caught)).toEqual([reason, started + 100]);
    expect(await run(first)).toBe(response);
  });

  it.each([
    [
      { store: new Map() },
      'llmCall: expected `cache` to have an `input` or a `key`, got undefined',
    ],
    [
      { input: 1 },
      'llmCall: expected `cache.store` to be an object with the functions `get` and `set`, got undefined',
    ],
    [{ store: { get: () => 1 }, input: 1 }, 'the functions `get` and `set`, got an object'],
    [{ store: new Map(), input: 1n }, 'llmCall: expected `cache.input` to be JSON data, got 1'],
    [
      { store: new Map(), key: '' },
      'llmCall: expected `cache.key` to be a non-empty string, got ""',
    ],
    [{ store: new Map(), key: 'a', ttl: 1 }, 'llmCall: unknown option "cache.ttl"'],
    [{ store: new Map(), key: 'a', share: 1 }, '`cache.share` to be true or false, got 1'],
  ])('refuses wrong options: %#', (cache, message) => {
    expect(() => llmCall({ ...gpt, cache } as never, () => response)).toThrow(message);
  });
});
