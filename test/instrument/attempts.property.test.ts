import fc from 'fast-check';
import { llmCall, retry } from 'hotspan';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';
import { context, trace } from '@opentelemetry/api';

fakeClock();
stopSdkAfterEach();
beforeAll(() => loadPrices());
afterEach(() => vi.restoreAllMocks());

/** What one try does: how long it takes, what it is billed, and whether it succeeds. */
const anyTry = fc.record({
  millis: fc.nat({ max: 300 }),
  tokens: fc.option(fc.nat({ max: 100_000 }), { nil: undefined }),
  ok: fc.boolean(),
});
const anyCase = fc.record({
  tries: fc.array(anyTry, { minLength: 1, maxLength: 6 }),
  timeoutMillis: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
  backoffMillis: fc.nat({ max: 1_000 }),
  random: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
});
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

/** Runs a case with `retry` or `llmCall`, on an SDK of its own. */
async function play(kind: 'retry' | 'llmCall', { tries, random, ...options }: Case): Promise<Sdk> {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  const sdk = startSdk();
  const policy = { ...options, maxAttempts: tries.length, shouldRetry: () => true };
  const work = async ({ attempt }: { attempt: number }) => {
    const { millis, tokens, ok } = tries[attempt - 1]!;
    await sleep(millis);
    const usage = tokens === undefined ? undefined : { input_tokens: tokens, output_tokens: 1 };
    if (!ok) throw Object.assign(new Error('no'), usage === undefined ? {} : { usage });
    return { usage };
  };
  const call =
    kind === 'retry'
      ? retry('work', policy, work)
      : llmCall({ provider: 'openai', model: 'gpt-4o', ...policy }, work);
  await run(call.catch(() => undefined));
  trace.disable();
  context.disable();
  return sdk;
}

const millisOf = ({ duration: [seconds, nanos] }: { duration: readonly [number, number] }) =>
  seconds * 1e3 + nanos / 1e6;

describe('for any sequence of outcomes', () => {
  it('attempts and backoff add up to the time of the operation, and to its waste', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (one) => {
        const sdk = await play('retry', one);
        const attempts = sdk.spans().filter(({ name }) => name === 'work attempt');
        const attribute = (name: string) => attempts.map((span) => span.attributes[name]);
        const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
        const backoff = sum(attribute('hotspan.attempt.backoff') as number[]) * 1e3;
        const total = millisOf(sdk.span('work'));
        expect(sum(attempts.map(millisOf)) + backoff).toBeCloseTo(total, 3);
        expect(attribute('hotspan.attempt.number')).toEqual(attempts.map((_, index) => index + 1));

        const failed = attempts.filter(
          ({ attributes }) => attributes['hotspan.attempt.outcome'] !== 'success',
        );
        const { totals } = sdk.bottlenecks.summary();
        expect(totals.wastedSeconds * 1e3).toBeCloseTo(sum(failed.map(millisOf)) + backoff, 3);
        expect(totals.attempts).toBe(attempts.length);
      }),
      { numRuns: 200 },
    );
  });

  it('the costs of the spans add up to the total cost, and those of failed attempts to the waste', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (one) => {
        const sdk = await play('llmCall', one);
        const costs = sdk.spans().map((span) => span.attributes['gen_ai.usage.cost']);
        const known = costs.filter((cost) => typeof cost === 'number');
        const sum = known.reduce((a, b) => a + b, 0);
        const { totals, bottlenecks, models } = sdk.bottlenecks.summary();
        expect(totals.costUsd ?? 0).toBeCloseTo(sum, 12);
        expect(totals.costUsd === undefined).toBe(known.length === 0);
        expect(bottlenecks[0]?.costUsd).toBe(totals.costUsd);
        expect(models[0]?.costUsd).toBe(totals.costUsd);
        const wasted = sdk
          .spans()
          .filter(({ name }) => name.endsWith('attempt'))
          .map((span) => span.attributes['gen_ai.usage.cost'] ?? 0) as number[];
        expect(totals.wastedCostUsd ?? 0).toBeCloseTo(
          wasted.reduce((a, b) => a + b, 0),
          12,
        );
      }),
      { numRuns: 200 },
    );
  });
});
