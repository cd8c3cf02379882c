import { calcPrice, waitForUpdate } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { costOf, loadPrices } from '../../src/cost/price.js';
import { priceUsage, ratesAt, type ModelEntry } from '../../src/cost/rates.js';
import type { TokenUsage } from '../../src/cost/token-usage.js';

beforeAll(() => loadPrices());

type Case = readonly [provider: string, model: string, usage: TokenUsage, usdOfMillions: number];

/** The sums are of tokens times USD per million, as the providers' pages have them. */
const CASES: readonly Case[] = [
  // How it was sold.
  ['openai', 'gpt-5', { inputTokens: 1e4, outputTokens: 1e3, serviceTier: 'flex' }, 6_250 + 5_000],
  ['openai', 'gpt-5', { inputTokens: 1e4, outputTokens: 1e3, serviceTier: 'batch' }, 6_250 + 5_000],
  [
    'openai',
    'gpt-5-2025-08-07',
    { inputTokens: 1e4, cacheReadTokens: 5e3, outputTokens: 1e3, serviceTier: 'priority' },
    5e3 * 2.5 + 5e3 * 0.25 + 1e3 * 20,
  ],
  ['openai', 'gpt-5', { inputTokens: 1e4, outputTokens: 0, serviceTier: 'default' }, 12_500],
  [
    'anthropic',
    'claude-sonnet-4-5-20250929',
    { inputTokens: 1e4, outputTokens: 1e3, serviceTier: 'batch' },
    1e4 * 1.5 + 1e3 * 7.5,
  ],
  ['anthropic', 'claude-opus-5', { inputTokens: 2e3, outputTokens: 500, speed: 'fast' }, 45_000],
  ['anthropic', 'claude-opus-4-6', { inputTokens: 1e4, outputTokens: 1e3, speed: 'fast' }, 45e4],
  [
    'anthropic',
    'claude-opus-5',
    { inputTokens: 2e3, outputTokens: 500, inferenceGeo: 'us', speed: 'fast' },
    1.1 * 45_000,
  ],
  [
    'groq',
    'llama-3.3-70b-versatile',
    { inputTokens: 1e4, outputTokens: 0, serviceTier: 'flex' },
    5_900,
  ],
  [
    'gcp.vertex_ai',
    'gemini-2.5-flash',
    { inputTokens: 1e4, outputTokens: 0, serviceTier: 'ON_DEMAND_FLEX' },
    1_500,
  ],
  // Parts.
  [
    'anthropic',
    'claude-sonnet-4-5',
    {
      ...{ inputTokens: 5_100, outputTokens: 100, cacheReadTokens: 2e3 },
      ...{ cacheWriteTokens: 3e3, cacheWriteOneHourTokens: 2e3 },
    },
    300 + 600 + 3_750 + 12_000 + 1_500,
  ],
  [
    'openai',
    'gpt-4o-audio-preview-2025-06-03',
    { inputTokens: 1e3, inputAudioTokens: 800, outputTokens: 500, outputAudioTokens: 400 },
    200 * 2.5 + 800 * 40 + 100 * 10 + 400 * 80,
  ],
  [
    'openai',
    'gpt-realtime',
    {
      ...{ inputTokens: 1e3, inputAudioTokens: 800, cacheReadTokens: 500 },
      ...{ cacheReadAudioTokens: 400, outputTokens: 500, outputAudioTokens: 400 },
    },
    100 * 4 + 100 * 0.4 + 400 * 32 + 400 * 0.4 + 100 * 16 + 400 * 64,
  ],
  [
    'openai',
    'gpt-4o-transcribe',
    { inputTokens: 1e3, inputAudioTokens: 1e3, outputTokens: 100 },
    7e3,
  ],
  [
    'openai',
    'gpt-image-1',
    { inputTokens: 1e3, inputImageTokens: 900, outputTokens: 4_160, outputImageTokens: 4_160 },
    500 + 9_000 + 4_160 * 40,
  ],
  ['openai', 'gpt-image-1', { inputTokens: 0, outputTokens: 4_160 }, 4_160 * 40],
  [
    'google',
    'gemini-2.5-flash',
    { inputTokens: 1e4, inputAudioTokens: 9e3, outputTokens: 100 },
    1e3 * 0.3 + 9e3 + 250,
  ],
  [
    'google',
    'gemini-2.5-pro',
    { inputTokens: 1e4, inputAudioTokens: 9e3, outputTokens: 0 },
    12_500,
  ],
  [
    'gcp.gemini',
    'gemini-2.5-flash-image',
    { inputTokens: 100, outputTokens: 1_290, outputImageTokens: 1_290 },
    30 + 1_290 * 30,
  ],
  [
    'gcp.gemini',
    'gemini-3-pro-image-preview',
    { inputTokens: 10, outputTokens: 1_345, outputImageTokens: 1_120, reasoningTokens: 225 },
    20 + 225 * 12 + 1_120 * 120,
  ],
  // By length.
  ['google', 'gemini-2.5-pro', { inputTokens: 3e5, outputTokens: 1e3 }, 3e5 * 2.5 + 15e3],
  ['anthropic', 'claude-sonnet-4-5', { inputTokens: 3e5, outputTokens: 0 }, 18e5],
  // By other units.
  ['openai', 'whisper-1', { audioSeconds: 60 }, 6_000],
  ['groq', 'whisper-large-v3', { audioSeconds: 1 }, (0.111e6 * 10) / 3_600],
  ['cohere', 'rerank-v3.5', { searchUnits: 1 }, 2_000],
  ['anthropic', 'claude-opus-5', { inputTokens: 0, outputTokens: 0, webSearches: 3 }, 30_000],
  // Regions.
  [
    'aws',
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    { inputTokens: 1e4, outputTokens: 0 },
    33_000,
  ],
  [
    'aws',
    'sa.anthropic.claude-sonnet-4-5-20250929-v1:0',
    { inputTokens: 1e4, outputTokens: 0 },
    33_000,
  ],
  [
    'aws',
    'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    { inputTokens: 1e4, outputTokens: 0 },
    30_000,
  ],
  ['aws', 'eu.amazon.nova-pro-v1:0', { inputTokens: 1e4, outputTokens: 0 }, 8_000],
];

describe('what a request costs', () => {
  it.each(CASES)('%s %s %j', (provider, model, usage, usdOfMillions) => {
    const cost = costOf([usage], provider, [model]);
    expect(cost?.usd).toBeCloseTo(usdOfMillions / 1e6, 9);
    expect(cost?.excludes).toBeUndefined();
  });

  it.each<readonly [string, string, TokenUsage, number, string[]]>([
    [
      'openai',
      'gpt-4o',
      { inputTokens: 1e4, outputTokens: 0, serviceTier: 'scale' },
      25_000,
      ['service_tier scale'],
    ],
    [
      'anthropic',
      'claude-sonnet-4-5',
      { inputTokens: 1e4, outputTokens: 0, speed: 'fast' },
      30_000,
      ['speed fast'],
    ],
    [
      'anthropic',
      'claude-sonnet-4-5',
      { inputTokens: 1e4, outputTokens: 0, inferenceGeo: 'us' },
      30_000,
      ['inference_geo us'],
    ],
    [
      'openai',
      'gpt-4o',
      { inputTokens: 1e4, inputAudioTokens: 4e3, outputTokens: 0 },
      15_000,
      ['input_audio'],
    ],
    [
      'openai',
      'gpt-4o',
      { inputTokens: 0, outputTokens: 300, outputImageTokens: 200, outputAudioTokens: 50 },
      500,
      ['output_audio', 'output_image'],
    ],
    [
      'mistral',
      'mistral-large-2512',
      { inputTokens: 1e4, outputTokens: 0, webSearches: 1 },
      5_000,
      ['web_search'],
    ],
  ])('says what has no known price: %s %s %j', (provider, model, usage, usdOfMillions, words) => {
    const cost = costOf([usage], provider, [model]);
    expect(cost?.usd).toBeCloseTo(usdOfMillions / 1e6, 9);
    expect(cost?.excludes).toEqual(words);
  });

  it.each<readonly [string, string, TokenUsage]>([
    ['openai', 'gpt-4o', { inputTokens: 10, outputTokens: 1_000, outputImageTokens: 1_000 }],
    ['openai', 'gpt-4o', { inputTokens: 1_000, inputAudioTokens: 1_000, outputTokens: 10 }],
    ['openai', 'gpt-4o', { inputTokens: 10, outputTokens: 0, inputAudioTokens: 11 }],
    ['openai', 'gpt-4o', { inputTokens: 10, outputTokens: 5, outputAudioTokens: 6 }],
    ['openai', 'gpt-4o', { inputTokens: 10, outputTokens: 0, inputImageTokens: -1 }],
    ['openai', 'gpt-4o', { audioSeconds: 10 }],
    ['openai', 'gpt-4o', { outputTokens: 10 }],
    ['groq', 'whisper-large-v3', { inputTokens: 10, outputTokens: 10 }],
  ])(
    'is not known where too little has a price, or the usage contradicts itself: %s %s %j',
    (provider, model, usage) => {
      expect(costOf([usage], provider, [model])).toBeUndefined();
    },
  );

  it('adds up what several requests exclude', () => {
    const requests = [
      { inputTokens: 10, outputTokens: 0, serviceTier: 'scale' },
      { inputTokens: 10, outputTokens: 0, serviceTier: 'scale', webSearches: 1 },
      { inputTokens: 10, outputTokens: 0 },
    ];
    const cost = costOf(requests, 'mistral', ['mistral-large-2512']);
    expect(cost?.excludes).toEqual(['service_tier scale', 'web_search']);
  });
});

describe('the price in force', () => {
  const entry: ModelEntry = {
    prices: [
      { prices: { input_mtok: 1 } },
      { constraint: { start_date: '2026-05-01' }, prices: { input_mtok: 2 } },
      {
        constraint: { start_time: '22:00:00+00:00', end_time: '02:00:00+00:00' },
        prices: { input_mtok: 3 },
      },
    ],
  };

  it.each([
    ['2026-04-30T21:59:59Z', 1],
    ['2026-05-01T02:00:00Z', 2],
    ['2026-05-01T22:00:00Z', 3],
    ['2026-05-01T01:59:59Z', 3],
  ])('at %s', (time, price) => {
    expect(ratesAt(entry.prices, () => new Date(time))).toEqual({ input_mtok: price });
  });
});

it.each([
  ['2026-11-27T07:00:00Z', 2],
  ['2026-11-27T11:00:00Z', 1],
  ['2026-11-28T07:00:00Z', 1],
  ['2026-11-29T07:00:00Z', 1],
  ['2026-11-30T07:00:00Z', 2],
])('knows hours from Monday to Friday: %s', (now, usd) => {
  const hours = {
    start_time: '06:00:00+00:00',
    end_time: '10:00:00+00:00',
    weekdays: true,
  } as const;
  const prices = [{ prices: { input_mtok: 1 } }, { constraint: hours, prices: { input_mtok: 2 } }];
  expect(ratesAt(prices, () => new Date(now))).toEqual({ input_mtok: usd });
});

it('prices tokens as genai-prices does, for all of its models', async () => {
  const providers = (await waitForUpdate()) ?? [];
  const models = providers.flatMap(({ id, models }) =>
    models.map((model) => [id, model as ModelEntry & { readonly id: string }] as const),
  );
  const size = fc.nat(300_000);
  const part = fc.nat(1_000);
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      size,
      size,
      part,
      part,
      part,
      ([id, model], ...sizes) => {
        const [input, output, read, written, reasoning] = sizes;
        const now = new Date();
        const rates = ratesAt(model.prices, () => now)!;
        // The fee of a request depends on what is not known here.
        fc.pre(rates.input_mtok !== undefined && rates.output_mtok !== undefined);
        fc.pre(rates.requests_kcount === undefined);
        const usage: TokenUsage = {
          inputTokens: input + read + written,
          outputTokens: output + reasoning,
          cacheReadTokens: read,
          cacheWriteTokens: written,
          reasoningTokens: reasoning,
        };
        const tokens = {
          input_tokens: usage.inputTokens,
          output_tokens: usage.outputTokens,
          cache_read_tokens: read,
          cache_write_tokens: written,
          output_reasoning_tokens: reasoning,
        };
        const listed = calcPrice(tokens, model.id, { providerId: id, timestamp: now });
        fc.pre(listed?.model.id === model.id);
        const usd = priceUsage({ prices: model.prices }, usage, () => now)?.usd;
        expect(usd).toBeCloseTo(listed.total_price, 9);
      },
    ),
    { numRuns: 2_000 },
  );
});
