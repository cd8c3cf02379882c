import { compare, comparisonToText, llmCall, segment, type Summary } from 'hotspan';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { fakeClock, run, sleep } from '../support/clock.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';
import { context, trace } from '@opentelemetry/api';

fakeClock();
stopSdkAfterEach();
beforeAll(() => loadPrices());

/** Ten answers of a model, of which some fail. */
async function measure(model: string, millis: number, failures: number): Promise<Summary> {
  const sdk = startSdk();
  const usage = { prompt_tokens: 1_000, completion_tokens: 100 };
  const answer = (index: number) =>
    segment('answer', async () => {
      await llmCall({ provider: 'openai', model }, async () => {
        await sleep(millis);
        return { usage };
      });
      if (index < failures) throw new TypeError('wrong');
    }).catch(() => undefined);
  for (let index = 0; index < 10; index += 1) await run(answer(index));
  trace.disable();
  context.disable();
  return sdk.bottlenecks.summary();
}

describe('compare', () => {
  it('sets two configurations side by side by success and cost per success', async () => {
    const large = await measure('gpt-4o', 1_000, 0);
    const small = await measure('gpt-4o-mini', 250, 2);
    const comparison = compare(large, small);
    expect(comparison.successRate).toEqual({ baseline: 1, candidate: 0.8, ratio: 0.8 });
    // $0.0035 each; $0.00021 each, by 8 of 10.
    expect(comparison.costPerSuccessUsd.baseline).toBeCloseTo(0.0035, 12);
    expect(comparison.costPerSuccessUsd.candidate).toBeCloseTo(0.0002625, 12);
    expect(comparison.costReduction).toBeCloseTo(0.925, 9);
    expect(comparison.successRetention).toBe(0.8);
    expect(comparison.p95Seconds.ratio).toBeCloseTo(0.25, 9);
    expect(comparison.tokensPerTrace).toEqual({ baseline: 1_100, candidate: 1_100, ratio: 1 });
    expect(`\n${comparisonToText(comparison)}\n`).toMatchInlineSnapshot(`
      "
                         Baseline  Candidate   Change
       succeeded          100.0 %     80.0 %  -20.0 %
       cost per success   $0.0035   $0.00026  -92.5 %
       p50                 1.00 s     250 ms  -75.0 %
       p95                 1.00 s     250 ms  -75.0 %
       tokens per trace     1,100      1,100    0.0 %
      "
    `);
  });

  it('names the two as the user does', async () => {
    const some = await measure('gpt-4o', 10, 0);
    const labels = ['large', 'small\n'] as const;
    const [head] = comparisonToText(compare(some, some), { labels }).split('\n');
    expect(head?.trim().split(/\s+/)).toEqual(['large', 'small', 'Change']);
    expect(() => comparisonToText(compare(some, some), { names: labels } as never)).toThrow(
      'comparisonToText: unknown option "names"',
    );
  });

  it('leaves out what is not known', async () => {
    const some = await measure('gpt-4o', 10, 0);
    const nothing = startSdk().bottlenecks.summary();
    const comparison = compare(nothing, some);
    expect(comparison.successRate).toEqual({ candidate: 1 });
    expect(comparison).not.toHaveProperty('costReduction');
    expect(comparisonToText(comparison)).not.toContain('Baseline');
    expect(comparisonToText(compare(nothing, nothing))).not.toContain('NaN');
  });

  it.each([undefined, null, 1, [], {}])('refuses what is no summary: %j', (value) => {
    expect(() => compare(value as never, value as never)).toThrow(
      /^compare: expected `baseline` to be an? (object|summary), got /,
    );
  });
});
