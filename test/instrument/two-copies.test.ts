import { expect, describe, it, vi } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

/** As where a package brings its own, or one is in a bundle. */
async function twoCopies() {
  const one = await import('hotspan');
  vi.resetModules();
  const other = await import('hotspan');
  expect(other.segment).not.toBe(one.segment);
  return { one, other };
}

const again = () => {
  throw new Error('again');
};
const usage = { usage: { prompt_tokens: 1_000, completion_tokens: 100 } };

describe('two copies of hotspan in one process', () => {
  it('keep the limits of a run together', async () => {
    const { one, other } = await twoCopies();
    let attempts = 0;
    const policy = { maxAttempts: 9, backoffMillis: 0 };
    const failing = () => {
      attempts += 1;
      return again();
    };
    const run = one.withLimits({ maxAttempts: 3 }, () =>
      other.withLimits({ maxAttempts: 5 }, async () => {
        await one.retry('one', { maxAttempts: 1 }, failing).catch(() => undefined);
        await other.retry('other', policy, failing);
      }),
    );
    await expect(run).rejects.toMatchObject({ name: 'LimitExceededError', limit: 'maxAttempts' });
    expect(attempts).toBe(3);
  });

  it('add up the cost and the time of a run', async () => {
    const { one, other } = await twoCopies();
    const call = () => other.llmCall({ provider: 'openai', model: 'gpt-4o' }, () => usage);
    const spent = one.withLimits({ maxCostUsd: 0.005 }, async () => {
      for (let n = 0; n < 5; n += 1) await call();
    });
    await expect(spent).rejects.toMatchObject({ limit: 'maxCostUsd', spent: { attempts: 2 } });
    const late = one.withLimits({ maxMillis: 20 }, () =>
      other.llmCall({ provider: 'openai', model: 'gpt-4o' }, () => new Promise(() => undefined)),
    );
    await expect(late).rejects.toMatchObject({ limit: 'maxMillis' });
  });

  it('are ranked together, by one processor', async () => {
    const { bottlenecks } = startSdk();
    const { one, other } = await twoCopies();
    one.segment('outer', () => other.segment('inner', () => one.segment('leaf', () => 1)));
    const { traces, bottlenecks: rows, warnings } = bottlenecks.summary();
    expect([traces.analyzed, rows.length, warnings]).toEqual([1, 3, []]);
  });
});
