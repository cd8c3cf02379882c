import { describe, expect, it } from 'vitest';
import { loadPricer } from '../../src/cost/price.js';

const price = await loadPricer();
const usage = { inputTokens: 1_000_000, outputTokens: 0 };

describe('the price', () => {
  it.each([
    ['openai', 'gpt-4o', 2.5],
    ['azure.ai.openai', 'gpt-4o', 2.5],
    ['gcp.gemini', 'gemini-2.0-flash', 0.1],
    ['gcp.gen_ai', 'gemini-2.0-flash', 0.1],
    ['x_ai', 'grok-3', 3],
  ])('knows the conventions’ name of a provider: %s', (provider, model, usd) => {
    const cost = price(usage, provider, model);
    expect(cost?.usd).toBeCloseTo(usd, 9);
    expect(cost?.source).toBe('price_table');
  });

  it('is unknown rather than wrong when the table finds the usage inconsistent', () => {
    const odd = { inputTokens: 10, outputTokens: 0, cacheReadTokens: 20 };
    expect(price(odd, 'openai', 'gpt-4o')).toBeUndefined();
  });
});
