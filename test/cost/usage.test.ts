import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenUsage } from '../../src/cost/token-usage.js';
import { readUsage, type UsageReading } from '../../src/cost/usage.js';

/** The reading of a response that is of one request. */
function one(usage: TokenUsage): UsageReading {
  return { requests: [usage], usage, warnings: [] };
}

describe('readUsage', () => {
  it('reads OpenAI’s responses, whose input includes the cached tokens', () => {
    const usage = {
      input_tokens: 100,
      output_tokens: 50,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens_details: { reasoning_tokens: 30 },
    };
    const read = { inputTokens: 100, outputTokens: 50, cacheReadTokens: 40, reasoningTokens: 30 };
    expect(readUsage({ object: 'response', usage })).toEqual(one(read));
  });

  it('reads figures that are not properties of the object itself', () => {
    class Usage {
      get prompt_tokens() {
        return Number('3');
      }
    }
    expect(readUsage({ usage: new Usage() }).usage).toEqual({ inputTokens: 3 });
  });

  it('takes null for absent, as clients have it', () => {
    const usage = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: null };
    expect(readUsage({ usage })).toEqual(one({ inputTokens: 1, outputTokens: 2 }));
  });

  it('never throws, and never gives a figure that cannot be right', () => {
    const figure = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constant(null), fc.object());
    const keys = [
      'prompt_tokens',
      'completion_tokens',
      'input_tokens',
      'output_tokens',
      'cache_read_input_tokens',
      'cache_creation_input_tokens',
      'cost',
    ];
    const details = fc.dictionary(fc.constantFrom('cached_tokens', 'reasoning_tokens'), figure);
    const usage = fc.dictionary(
      fc.constantFrom(...keys, 'prompt_tokens_details', 'output_tokens_details'),
      fc.oneof(figure, details),
    );
    fc.assert(
      fc.property(fc.oneof(fc.record({ usage }), fc.anything()), (response) => {
        const read = readUsage(response).usage;
        for (const value of Object.values(read) as number[]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(Infinity);
        }
        const { cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = read;
        expect(cacheReadTokens + cacheWriteTokens).toBeLessThanOrEqual(read.inputTokens ?? 0);
        expect(reasoningTokens).toBeLessThanOrEqual(read.outputTokens ?? 0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the shapes of the providers', () => {
  it.each<[string, unknown, TokenUsage]>([
    [
      'Google GenAI counts thoughts and the prompts of tools apart',
      {
        candidates: [{ content: { parts: [{ text: 'Paris' }] }, finishReason: 'STOP' }],
        modelVersion: 'gemini-2.5-pro',
        usageMetadata: {
          promptTokenCount: 1_000,
          cachedContentTokenCount: 400,
          candidatesTokenCount: 100,
          thoughtsTokenCount: 50,
          toolUsePromptTokenCount: 30,
          totalTokenCount: 1_180,
          promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1_000 }],
        },
      },
      { inputTokens: 1_030, outputTokens: 150, cacheReadTokens: 400, reasoningTokens: 50 },
    ],
    [
      'Google GenAI says nothing of output when there is none',
      { usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 } },
      { inputTokens: 12 },
    ],
    [
      'the AI SDK 6 has details',
      {
        usage: {
          inputTokens: 1_000,
          inputTokenDetails: { noCacheTokens: 400, cacheReadTokens: 400, cacheWriteTokens: 200 },
          outputTokens: 100,
          outputTokenDetails: { textTokens: 80, reasoningTokens: 20 },
          totalTokens: 1_100,
        },
      },
      {
        inputTokens: 1_000,
        outputTokens: 100,
        cacheReadTokens: 400,
        cacheWriteTokens: 200,
        reasoningTokens: 20,
      },
    ],
    [
      'the AI SDK 5 has them side by side',
      {
        usage: {
          inputTokens: 1_000,
          outputTokens: 100,
          totalTokens: 1_100,
          cachedInputTokens: 400,
          reasoningTokens: 20,
        },
      },
      { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 400, reasoningTokens: 20 },
    ],
    [
      'the AI SDK 4 has none',
      { usage: { promptTokens: 1_000, completionTokens: 100, totalTokens: 1_100 } },
      { inputTokens: 1_000, outputTokens: 100 },
    ],
    ['the AI SDK’s embeddings have tokens', { usage: { tokens: 8 } }, { inputTokens: 8 }],
    [
      'Bedrock’s Converse counts apart what was cached',
      {
        usage: {
          inputTokens: 100,
          outputTokens: 50,
          totalTokens: 750,
          cacheReadInputTokens: 400,
          cacheWriteInputTokens: 200,
        },
      },
      { inputTokens: 700, outputTokens: 50, cacheReadTokens: 400, cacheWriteTokens: 200 },
    ],
    [
      'Bedrock’s Converse, of models without a cache',
      { usage: { inputTokens: 100, outputTokens: 50, totalTokens: 150 } },
      { inputTokens: 100, outputTokens: 50 },
    ],
    [
      'OpenRouter tells its fee and the provider’s cost apart when the key is the caller’s own',
      {
        usage: {
          prompt_tokens: 1_000,
          completion_tokens: 100,
          cost: 0.25,
          is_byok: true,
          cost_details: { upstream_inference_cost: 5 },
        },
      },
      { inputTokens: 1_000, outputTokens: 100, reportedCostUsd: 5.25 },
    ],
    [
      'OpenRouter’s fee is no cost without what the provider charges',
      {
        usage: {
          prompt_tokens: 1_000,
          completion_tokens: 100,
          cost: 0,
          is_byok: true,
          cost_details: { upstream_inference_cost: null },
        },
      },
      { inputTokens: 1_000, outputTokens: 100 },
    ],
    [
      'OpenRouter repeats its cost when the key is its own',
      {
        usage: {
          prompt_tokens: 1_000,
          completion_tokens: 100,
          cost: 0.25,
          is_byok: false,
          cost_details: { upstream_inference_cost: 0.25 },
        },
      },
      { inputTokens: 1_000, outputTokens: 100, reportedCostUsd: 0.25 },
    ],
    [
      'OpenRouter tells the cost',
      {
        usage: {
          prompt_tokens: 1_000,
          completion_tokens: 100,
          total_tokens: 1_100,
          cost: 0.0031,
          is_byok: false,
          prompt_tokens_details: { cached_tokens: 400, cache_write_tokens: 100, audio_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 20 },
          cost_details: { upstream_inference_cost: null },
        },
      },
      {
        inputTokens: 1_000,
        outputTokens: 100,
        cacheReadTokens: 400,
        cacheWriteTokens: 100,
        reasoningTokens: 20,
        reportedCostUsd: 0.0031,
      },
    ],
    [
      'xAI counts reasoning apart, as the total shows',
      {
        usage: {
          prompt_tokens: 32,
          completion_tokens: 9,
          total_tokens: 135,
          prompt_tokens_details: { text_tokens: 32, cached_tokens: 6 },
          completion_tokens_details: { reasoning_tokens: 94 },
          num_sources_used: 0,
        },
      },
      { inputTokens: 32, outputTokens: 103, cacheReadTokens: 6, reasoningTokens: 94 },
    ],
    [
      'DeepSeek has its own names besides those of OpenAI',
      {
        usage: {
          prompt_tokens: 1_000,
          completion_tokens: 100,
          total_tokens: 1_100,
          prompt_tokens_details: { cached_tokens: 400 },
          prompt_cache_hit_tokens: 400,
          prompt_cache_miss_tokens: 600,
          completion_tokens_details: { reasoning_tokens: 20 },
        },
      },
      { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 400, reasoningTokens: 20 },
    ],
    [
      'Anthropic says what is cached for an hour',
      {
        usage: {
          input_tokens: 100,
          cache_creation_input_tokens: 200,
          cache_read_input_tokens: 400,
          cache_creation: { ephemeral_5m_input_tokens: 50, ephemeral_1h_input_tokens: 150 },
          output_tokens: 50,
          output_tokens_details: { thinking_tokens: 30 },
        },
      },
      {
        inputTokens: 700,
        outputTokens: 50,
        cacheReadTokens: 400,
        cacheWriteTokens: 200,
        cacheWriteOneHourTokens: 150,
        reasoningTokens: 30,
      },
    ],
  ])('%s', (_, response, usage) => {
    expect(readUsage(response)).toEqual(one(usage));
  });

  it('the steps of the AI SDK are requests of their own', () => {
    const steps = [10, 20].map((inputTokens) => ({ usage: { inputTokens, outputTokens: 1 } }));
    expect(readUsage({ steps, usage: steps[1]?.usage })).toEqual({
      requests: steps.map(({ usage }) => usage),
      usage: { inputTokens: 30, outputTokens: 2 },
      warnings: [],
    });
  });

  it.each([
    ['of an unknown shape', { usage: { words: 3 } }, 'had token usage of an unknown shape'],
    ['that is empty', { usageMetadata: {} }, 'had token usage of an unknown shape'],
    ['that is a number', { usage: 3 }, 'had no token usage'],
    ['that is not there', { text: 'Paris' }, 'had no token usage'],
  ])('usage %s is one warning', (_, response, warning) => {
    expect(readUsage(response)).toEqual({
      requests: [],
      usage: {},
      warnings: [`an LLM response ${warning}`],
    });
  });
});
