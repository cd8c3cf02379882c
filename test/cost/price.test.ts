import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setPrices } from 'hotspan/processor';
import { costOf, loadPrices } from '../../src/cost/price.js';

beforeAll(() => loadPrices());
afterEach(() => setPrices(undefined));

const million = [{ inputTokens: 1_000_000, outputTokens: 0 }];

describe('the price table', () => {
  it.each([
    ['openai', 'gpt-4o', 2.5],
    ['OpenAI', 'gpt-4o', 2.5],
    ['openai.responses', 'openai/gpt-4o', 2.5],
    ['azure.ai.openai', 'gpt-4o', 2.5],
    ['az.ai.inference', 'gpt-4o', 2.5],
    ['azure-openai.chat', 'gpt-4o', 2.5],
    ['anthropic.messages', 'claude-sonnet-4-5', 6],
    ['gcp.gemini', 'models/gemini-2.0-flash', 0.1],
    ['gcp.gen_ai', 'gemini-2.0-flash', 0.1],
    ['google.generative-ai', 'gemini-2.0-flash', 0.1],
    ['vertex_ai', 'gemini-2.0-flash', 0.1],
    ['x_ai', 'grok-3', 3],
    ['xai.chat', 'grok-3', 3],
    ['groq.chat', 'llama-3.3-70b-versatile', 0.59],
    [undefined, 'gpt-4o', 2.5],
    ['gateway', 'openai/gpt-4o', 2.5],
    ['LangChain', 'gpt-4o', 2.5],
    ['litellm', 'azure/gpt-4o', 2.5],
    ['vertex.anthropic.messages', 'claude-sonnet-4-5@20250929', 6],
    ['AWS', 'claude-3-haiku-20240307-v1:0', 0.25],
    ['amazon_bedrock', 'nova-pro-v1:0', 0.8],
    ['moonshotai.chat', 'kimi-k2-0905-preview', 0.6],
  ])('knows a provider by its names: %s', (provider, model, usd) => {
    const cost = costOf(million, provider, [model]);
    expect(cost?.usd).toBeCloseTo(usd, 9);
    expect(cost?.source).toBe('price_table');
  });

  it('takes a gateway for no provider whose name it happens to hold', () => {
    expect(costOf(million, 'my-openai-proxy', ['gpt-4o'])).toBeUndefined();
    expect(costOf(million, 'constructor', ['gpt-4o'])).toBeUndefined();
  });

  it('takes nothing for free that is sold by other units than tokens', () => {
    expect(costOf(million, 'groq', ['whisper-large-v3'])).toBeUndefined();
  });

  it('is unknown rather than wrong when the table finds the usage inconsistent', () => {
    const odd = { inputTokens: 10, outputTokens: 0, cacheReadTokens: 20 };
    expect(costOf([odd], 'openai', ['gpt-4o'])).toBeUndefined();
  });

  it.each([
    ['the model that answered', 'openai', 'gpt-4o-mini-2024-07-18', 'gpt-4o', 0.15],
    ['an alias', 'openai', 'gpt-4o-2024-05-13', 'gpt-4o', 5],
    ['a deployment', 'azure', 'gpt-4o-2024-08-06', 'gpt-4o-2024-05-13', 2.5],
    ['what was asked for, without an answer', 'openai', undefined, 'gpt-4o', 2.5],
    ['what was asked for, if the answer is unknown', 'openai', 'unknown', 'gpt-4o', 2.5],
    [
      'what was asked for, if it has a region',
      'bedrock',
      'claude-haiku-4-5-20251001',
      'global.anthropic.claude-haiku-4-5-20251001-v1:0',
      1,
    ],
    [
      'another region',
      'bedrock',
      'claude-haiku-4-5-20251001',
      'us.anthropic.claude-haiku-4-5-20251001-v1:0',
      1.1,
    ],
    ['a name of one’s own in it', 'azure', 'gpt-4o-mini', 'our-gpt-4o-mini-in-sweden', 0.15],
  ])('goes by %s', (_what, provider, answered, asked, usd) => {
    expect(costOf(million, provider, [answered, asked])?.usd).toBeCloseTo(usd, 9);
  });

  it('prices each of several requests by itself, because prices depend on the size', () => {
    const requests = [...million, ...million].map(() => ({ inputTokens: 150_000 }));
    const cost = costOf(requests, 'google', ['gemini-2.5-pro']);
    expect(cost?.usd).toBeCloseTo(2 * 0.15 * 1.25, 9);
    const atOnce = costOf([{ inputTokens: 300_000 }], 'google', ['gemini-2.5-pro']);
    expect(atOnce?.usd).toBeCloseTo(0.3 * 2.5, 9);
  });

  it('charges Anthropic’s cache for an hour at its own price', () => {
    const usage = {
      inputTokens: 100_000,
      outputTokens: 0,
      cacheWriteTokens: 100_000,
      cacheWriteOneHourTokens: 60_000,
    };
    // 40,000 × $3.75 + 60,000 × $6 per million.
    expect(costOf([usage], 'anthropic', ['claude-sonnet-4-5'])?.usd).toBeCloseTo(0.51, 12);
  });

  it('does not know a sum of which a part is not known', () => {
    expect(costOf([...million, {}], 'openai', ['gpt-4o'])).toBeUndefined();
    expect(costOf([], 'openai', ['gpt-4o'])).toBeUndefined();
  });
});

describe('setPrices', () => {
  const usage = {
    inputTokens: 1_000_000,
    outputTokens: 100_000,
    cacheReadTokens: 400_000,
    cacheWriteTokens: 100_000,
  };

  it('comes before the table, and after the provider', () => {
    setPrices({ 'gpt-4o': { inputUsdPerMillion: 7 } });
    expect(costOf(million, 'openai', ['gpt-4o'])).toMatchObject({ usd: 7, source: 'override' });
    const reported = [{ ...million[0], reportedCostUsd: 0.25 }];
    expect(costOf(reported, 'openai', ['gpt-4o'])).toEqual({ usd: 0.25, source: 'provider' });
  });

  it('tells cached tokens apart when it has prices for them', () => {
    setPrices({
      plain: { inputUsdPerMillion: 2, outputUsdPerMillion: 10 },
      cached: {
        inputUsdPerMillion: 2,
        outputUsdPerMillion: 10,
        cacheReadUsdPerMillion: 0.5,
        cacheWriteUsdPerMillion: 3,
      },
    });
    expect(costOf([usage], undefined, ['plain'])?.usd).toBeCloseTo(2 + 1, 9);
    // 0.5 M × $2 + 0.4 M × $0.50 + 0.1 M × $3 + 0.1 M × $10.
    expect(costOf([usage], undefined, ['cached'])?.usd).toBeCloseTo(1 + 0.2 + 0.3 + 1, 9);
  });

  it('may be for one provider alone, which comes first', () => {
    setPrices({ m: { inputUsdPerMillion: 1 }, 'ours/m': { inputUsdPerMillion: 2 } });
    expect(costOf(million, 'ours', ['m'])?.usd).toBe(2);
    expect(costOf(million, 'theirs', ['m'])?.usd).toBe(1);
  });

  it('may be a function, of one model or of all', () => {
    setPrices({ m: ({ inputTokens = 0 }) => inputTokens / 1e5 });
    expect(costOf(million, 'ours', ['m'])).toEqual({ usd: 10, source: 'override' });
    const seen: unknown[] = [];
    setPrices((_usage, call) => {
      seen.push(call);
      return call.model === 'free' ? 0 : undefined;
    });
    expect(costOf(million, 'ours', ['free'])).toEqual({ usd: 0, source: 'override' });
    expect(costOf(million, 'openai', ['gpt-4o'])?.source).toBe('price_table');
    expect(seen).toEqual([
      { provider: 'ours', model: 'free' },
      { provider: 'openai', model: 'gpt-4o' },
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['gives NaN', () => Number.NaN],
    ['gives less than nothing', () => -1],
  ])('looks in the table when a function %s', (_what, price) => {
    setPrices({ 'gpt-4o': price });
    expect(costOf(million, 'openai', ['gpt-4o'])?.source).toBe('price_table');
  });

  it.each([
    [
      { m: {} },
      'setPrices, "m": expected `inputUsdPerMillion` to be a number of at least 0, got undefined',
    ],
    [
      { m: { inputUsdPerMillion: -1 } },
      'setPrices, "m": expected `inputUsdPerMillion` to be a number of at least 0, got -1',
    ],
    [{ m: { inputUsdPerMillion: 1, output: 2 } }, 'setPrices, "m": unknown option "output"'],
    [{ m: 3 }, 'setPrices, "m": expected the price to be an object or a function, got 3'],
    [[], 'setPrices: expected `prices` to be an object, got an array'],
  ])('refuses %j', (prices, message) => {
    expect(() => setPrices(prices as never)).toThrow(message);
  });
});
