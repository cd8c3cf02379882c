import { llmCall, LimitExceededError, retry, runSteps, segment, step, withLimits } from 'hotspan';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

fakeClock();
stopSdkAfterEach();
beforeAll(() => loadPrices());

const always = { maxAttempts: 100, backoffMillis: 0, shouldRetry: () => true };
const gpt = { provider: 'openai', model: 'gpt-4o' };
/** $0.0035: 1,000 × $2.50 + 100 × $10 per million. */
const response = { usage: { prompt_tokens: 1_000, completion_tokens: 100 } };

async function limitOf(promise: Promise<unknown>): Promise<LimitExceededError> {
  const error = await run(promise.catch((caught: unknown) => caught));
  if (!(error instanceof LimitExceededError)) throw error;
  return error;
}

describe('withLimits', () => {
  it('stops after so many attempts of all operations, and says how far it got', async () => {
    startSdk();
    const failure = new Error('down');
    let tries = 0;
    const error = await limitOf(
      withLimits({ maxAttempts: 5 }, async () => {
        await retry('first', () => sleep(100));
        await retry('second', always, () => {
          tries += 1;
          throw failure;
        });
      }),
    );
    expect(tries).toBe(4);
    expect(error.message).toBe('the limit maxAttempts of 5 is reached: 5 attempts in 100 ms');
    expect(error).toMatchObject({ limit: 'maxAttempts', allowed: 5, cause: failure });
    expect(error.spent).toEqual({ attempts: 5, millis: 100 });
  });

  it('stops when so much was spent, failed attempts included', async () => {
    startSdk();
    const paid = Object.assign(new Error('not JSON'), response);
    const ask = vi.fn(() => {
      throw paid;
    });
    const error = await limitOf(
      withLimits({ maxCostUsd: 0.01 }, () => llmCall({ ...gpt, ...always }, ask)),
    );
    // $0.0105 after the third.
    expect(ask).toHaveBeenCalledTimes(3);
    expect(error.limit).toBe('maxCostUsd');
    expect(error.spent.costUsd).toBeCloseTo(0.0105, 12);
    expect(error.message).toBe(
      'the limit maxCostUsd of 0.01 is reached: 3 attempts for $0.0105 in 0 ms',
    );
  });

  it('works where nothing is recorded', async () => {
    const calls = withLimits({ maxCostUsd: 0.005 }, async () => {
      for (let call = 0; call < 10; call += 1) await llmCall(gpt, () => response);
    });
    expect((await limitOf(calls)).spent.attempts).toBe(2);
  });

  it('counts a stream when it has ended', async () => {
    startSdk();
    async function* stream() {
      await Promise.resolve();
      yield { choices: [], ...response };
    }
    const calls = withLimits({ maxCostUsd: 0.003 }, async () => {
      for await (const item of await llmCall(gpt, () => stream())) expect(item).toBeDefined();
      await llmCall(gpt, () => response);
    });
    expect((await limitOf(calls)).spent.costUsd).toBeCloseTo(0.0035, 12);
  });

  it('stops a running attempt when the time is up, and aborts its signal', async () => {
    const sdk = startSdk();
    let aborted: unknown;
    const error = await limitOf(
      withLimits({ maxMillis: 1_000 }, async () => {
        await sleep(300);
        await retry('hang', { ...always, timeoutMillis: 5_000 }, async ({ signal }) => {
          signal.addEventListener('abort', () => (aborted = signal.reason as unknown));
          await sleep(60_000);
        });
      }),
    );
    expect(error.limit).toBe('maxMillis');
    expect(aborted).toBe(error);
    expect(sdk.span('hang attempt').duration).toEqual([0, 700_000_000]);
    expect(sdk.span('hang').attributes).toMatchObject({
      'hotspan.attempt.count': 1,
      'error.type': 'LimitExceededError',
    });
  });

  it('does not begin a wait that would end after the time is up', async () => {
    startSdk();
    const started = Date.now();
    const failure = new Error('down');
    const error = await limitOf(
      withLimits({ maxMillis: 1_000 }, () =>
        retry('load', { maxAttempts: 9, backoffMillis: 60_000, maxBackoffMillis: 60_000 }, () => {
          throw failure;
        }),
      ),
    );
    expect(error.cause).toBe(failure);
    expect(error.message).toMatch(
      /^the limit maxMillis of 1000 leaves no time to wait \d+ ms: 1 attempt in 0 ms$/,
    );
    expect(Date.now() - started).toBe(0);
  });

  it('does not wait for ever for a `shouldRetry`', async () => {
    const failure = new Error('down');
    const rule = { shouldRetry: () => new Promise<boolean>(() => undefined) };
    const operation = withLimits({ maxMillis: 100 }, () =>
      retry('load', rule, () => Promise.reject(failure)),
    );
    expect(await limitOf(operation)).toMatchObject({ limit: 'maxMillis', cause: failure });
  });

  it('does not wait for ever for a store of answers', async () => {
    const never = () => new Promise<never>(() => undefined);
    const cache = { store: { get: never, set: never }, input: ['?'] };
    const ask = vi.fn(() => response);
    const call = withLimits({ maxMillis: 100 }, () => llmCall({ ...gpt, cache }, ask));
    expect((await limitOf(call)).limit).toBe('maxMillis');
    expect(ask).not.toHaveBeenCalled();
  });

  it('nests: what is inside counts for all', async () => {
    startSdk();
    const work = () => retry('work', { maxAttempts: 1 }, () => 1);
    await withLimits({ maxAttempts: 4 }, async () => {
      const inner = withLimits({ maxAttempts: 2 }, async () => {
        for (;;) await work();
      });
      expect((await limitOf(inner)).spent.attempts).toBe(2);
      await work();
      await work();
      expect((await limitOf(work())).spent.attempts).toBe(4);
    });
    expect(await work()).toBe(1);
  });

  it('counts a call that is wrapped twice once', async () => {
    startSdk();
    const spent = withLimits({ maxCostUsd: 0.0036 }, async () => {
      await llmCall(gpt, () => llmCall(gpt, () => response));
      await llmCall(gpt, () => response);
      await llmCall(gpt, () => response);
    });
    expect((await limitOf(spent)).spent.costUsd).toBeCloseTo(0.007, 12);
  });

  it.each<[string, number, () => Promise<unknown>]>([
    // $0.00021: 1,000 × $0.15 + 100 × $0.60 per million.
    ['of another model', 0.00371, () => llmCall({ ...gpt, model: 'gpt-4o-mini' }, () => response)],
    ['in a segment', 0.007, () => segment('tool', () => llmCall(gpt, () => response))],
    ['in a retry', 0.007, () => retry('tool', () => llmCall(gpt, () => response))],
  ])('counts a call inside another for itself when it is %s', async (_where, usd, inner) => {
    const sdk = startSdk();
    const ask = async () => {
      await inner();
      return response;
    };
    const { costUsd } = await runSteps('run', [step('ask', () => llmCall(gpt, ask))]);
    expect(costUsd).toBeCloseTo(usd, 12);
    expect(sdk.bottlenecks.summary().totals.costUsd).toBeCloseTo(usd, 12);
  });

  it('counts what every attempt used whose answer was thrown away', async () => {
    startSdk();
    const work = async () => {
      await llmCall(gpt, () => response);
      throw Object.assign(new Error('not JSON'), { usage: response.usage });
    };
    const spent = withLimits({ maxCostUsd: 0.0036 }, () =>
      llmCall({ ...gpt, maxAttempts: 5, backoffMillis: 0 }, work),
    );
    expect((await limitOf(spent)).spent).toMatchObject({
      attempts: 4,
      costUsd: expect.closeTo(0.007, 12) as number,
    });
  });

  it('prices the model that was asked, whatever the caller does with its options later', async () => {
    startSdk();
    const options = { ...gpt };
    const call = withLimits({ maxCostUsd: 0.003 }, async () => {
      const asking = llmCall(options, async () => {
        await sleep(5);
        return response;
      });
      options.model = 'gpt-4o-mini';
      await asking;
      await llmCall(options, () => response);
    });
    expect((await limitOf(call)).spent.costUsd).toBeCloseTo(0.0035, 12);
  });

  it('names the limit that is reached, not one inside', async () => {
    startSdk();
    const work = () => retry('work', { maxAttempts: 1 }, () => 1);
    const inner = () =>
      withLimits({ maxAttempts: 1 }, async () => {
        await work();
        await work();
      });
    const outer = withLimits({ maxAttempts: 4 }, () => retry('outer', always, inner));
    const error = await limitOf(outer);
    expect(error.allowed).toBe(4);
    expect(error.cause).toMatchObject({ allowed: 1 });
  });

  it('keeps parallel runs apart', async () => {
    startSdk();
    const runOf = (count: number) =>
      withLimits({ maxAttempts: 3 }, () =>
        segment('run', async () => {
          for (let made = 0; made < count; made += 1) await retry('work', () => sleep(10));
          return count;
        }),
      );
    expect(await run(Promise.all([runOf(3), runOf(3), runOf(2)]))).toEqual([3, 3, 2]);
  });

  it.each([
    [undefined, 'withLimits: expected `limits` to be an object, got undefined'],
    [{ maxCost: 1 }, 'withLimits: unknown option "limits.maxCost", expected one of: maxAttempts,'],
    [{ maxAttempts: 0 }, '`limits.maxAttempts` to be a whole number of at least 1, got 0'],
    [{ maxCostUsd: -1 }, '`limits.maxCostUsd` to be a positive number, got -1'],
    [{ maxMillis: Infinity }, '`limits.maxMillis` to be a positive number, got Infinity'],
  ])('refuses %j', (limits, message) => {
    expect(() => withLimits(limits as never, () => 1)).toThrow(message);
  });
});
