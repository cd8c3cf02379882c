import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { COST_KINDS, type CostByKind } from '../../src/cost/cost-kinds.js';
import { costOf, kindsOfCost, loadPrices, setPrices } from '../../src/cost/price.js';
import { priceUsage, type ModelEntry, type Rates } from '../../src/cost/rates.js';
import type { TokenUsage } from '../../src/cost/token-usage.js';

beforeAll(() => loadPrices());
afterEach(() => setPrices(undefined));

const sum = (...parts: readonly number[]) => parts.reduce((a, b) => a + b, 0);
const sumOf = (byKind: CostByKind = []) => sum(...byKind);

const named = (byKind: CostByKind = []): unknown =>
  Object.fromEntries(
    byKind.flatMap((usd, at) =>
      usd > 0 ? [[COST_KINDS[at], Number((usd * 1e6).toFixed(6))] as const] : [],
    ),
  );

const kindsOf = (provider: string, model: string, usage: TokenUsage) =>
  named(costOf([usage], provider, [model])?.byKind);

describe('what a cost is for', () => {
  it('is the answer, and what of the input the cache had and had not', () => {
    const usage = { inputTokens: 1e4, cacheReadTokens: 4e3, outputTokens: 1e3 };
    const withReasoning = { ...usage, reasoningTokens: 600 };
    const kinds = { outputCostUsd: 1e4, uncachedInputCostUsd: 15e3, cachedInputCostUsd: 5e3 };
    expect(kindsOf('openai', 'gpt-4o', withReasoning)).toEqual(kinds);
  });

  it('is what was written to the cache, for minutes and for an hour', () => {
    const usage = {
      ...{ inputTokens: 5_100, outputTokens: 100, cacheReadTokens: 2e3 },
      ...{ cacheWriteTokens: 3e3, cacheWriteOneHourTokens: 2e3 },
    };
    expect(kindsOf('anthropic', 'claude-sonnet-4-5', usage)).toEqual({
      ...{ outputCostUsd: 1_500, uncachedInputCostUsd: 300, cachedInputCostUsd: 600 },
      cacheWriteInputCostUsd: 3_750 + 12_000,
    });
  });

  it('is whatever else is sold', () => {
    const spoken = {
      ...{ inputTokens: 1e3, inputAudioTokens: 800 },
      ...{ outputTokens: 500, outputAudioTokens: 400 },
    };
    expect(kindsOf('openai', 'gpt-4o-audio-preview-2025-06-03', spoken)).toEqual({
      ...{ outputCostUsd: 1e3, uncachedInputCostUsd: 500, otherCostUsd: 800 * 40 + 400 * 80 },
    });
    expect(kindsOf('openai', 'whisper-1', { audioSeconds: 60 })).toEqual({ otherCostUsd: 6e3 });
    const searched = { inputTokens: 0, outputTokens: 0, webSearches: 3 };
    expect(kindsOf('anthropic', 'claude-opus-5', searched)).toEqual({ otherCostUsd: 3e4 });
  });

  it('adds up to the cost, whatever was sold at whatever prices', () => {
    const names = [
      ...[
        'input_mtok',
        'output_mtok',
        'cache_read_mtok',
        'cache_write_mtok',
        'web_searches_kcount',
      ],
      ...['cache_write_1h_mtok', 'input_audio_mtok', 'cache_audio_read_mtok', 'input_image_mtok'],
      ...['output_audio_mtok', 'output_image_mtok', 'output_reasoning_mtok', 'audio_hours'],
    ];
    const price = fc.oneof(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.record({
        base: fc.constant(1),
        tiers: fc.constant([{ start: 1_000, price: 2 }]),
      }),
    );
    const prices: fc.Arbitrary<Rates> = fc
      .dictionary(fc.constantFrom(...names), price)
      .map((rates) => ({ input_mtok: 3, output_mtok: 9, ...rates }));
    const tokens = fc.nat({ max: 500 });
    const usage: fc.Arbitrary<TokenUsage> = fc
      .record({
        ...{ input: tokens, output: tokens, cacheReadTokens: tokens, cacheWriteTokens: tokens },
        ...{ inputAudioTokens: tokens, inputImageTokens: tokens, reasoningTokens: tokens },
        ...{
          outputAudioTokens: tokens,
          outputImageTokens: tokens,
          halves: fc.integer({ min: 1, max: 3 }),
        },
        ...{ webSearches: fc.nat({ max: 3 }), audioSeconds: fc.nat({ max: 60 }) },
        speed: fc.constantFrom('fast', 'standard'),
      })
      .map(({ input, output, halves, ...all }) => ({
        ...all,
        inputTokens: sum(
          input,
          all.cacheReadTokens,
          all.cacheWriteTokens,
          all.inputAudioTokens,
          all.inputImageTokens,
        ),
        outputTokens: sum(
          output,
          all.reasoningTokens,
          all.outputAudioTokens,
          all.outputImageTokens,
        ),
        cacheWriteOneHourTokens: Math.floor(all.cacheWriteTokens / halves),
      }));
    const factors: Partial<ModelEntry> = { price_factors: { speed: { fast: 6 } } };
    let priced = 0;
    fc.assert(
      fc.property(prices, usage, (rates, used) => {
        const found = priceUsage({ ...factors, prices: rates }, used);
        if (found === undefined) return;
        priced += 1;
        expect(sumOf(found.byKind)).toBeCloseTo(found.usd, 12);
        expect(Math.min(...found.byKind!)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
    expect(priced).toBeGreaterThan(500);
  });
});

describe('of a cost that a span tells', () => {
  const llmCall = { provider: 'openai', model: 'gpt-4o', requestModel: 'gpt-4o' };
  const facts = { inputTokens: 1e4, cacheReadTokens: 4e3, outputTokens: 1e3 };
  const kinds = { outputCostUsd: 1e4, uncachedInputCostUsd: 15e3, cachedInputCostUsd: 5e3 };

  it('is known where its tokens come to the same', () => {
    expect(named(kindsOfCost(0.03, facts, llmCall))).toEqual(kinds);
    expect(kindsOfCost(0.0301, facts, llmCall)).toBeUndefined();
    const deployed = { ...llmCall, model: 'gpt-4o-on-our-own' };
    expect(named(kindsOfCost(0.03, facts, deployed))).toEqual(kinds);
    expect(kindsOfCost(0.03, {}, llmCall)).toBeUndefined();
    expect(kindsOfCost(0.03, facts, {})).toBeUndefined();
  });

  it('is known by your own prices as well, and a function is not asked again', () => {
    const ask = vi.fn(() => 0.03);
    setPrices({ ours: { inputUsdPerMillion: 1, outputUsdPerMillion: 5 }, 'gpt-4o': ask });
    const byOwn = kindsOfCost(0.015, facts, { ...llmCall, requestModel: 'ours' });
    expect(sumOf(byOwn)).toBeCloseTo(0.015, 12);
    expect(byOwn?.[2]).toBeCloseTo(0.004, 12);
    expect(kindsOfCost(0.02, facts, llmCall)).toBeUndefined();
    expect(ask).not.toHaveBeenCalled();
  });

  it('is not known where more was cached than there was', () => {
    setPrices({ ours: { inputUsdPerMillion: 1, cacheReadUsdPerMillion: 0.1 } });
    const odd = { inputTokens: 100, cacheReadTokens: 102 };
    const [cost] = [costOf([odd], undefined, ['ours'])!];
    expect(cost.usd).toBeGreaterThan(0);
    expect(kindsOfCost(cost.usd, odd, { model: 'ours' })).toBeUndefined();
  });
});
