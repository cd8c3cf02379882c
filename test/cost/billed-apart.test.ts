import { describe, expect, it } from 'vitest';
import { costOf, loadPrices } from '../../src/cost/price.js';
import { StreamReader } from '../../src/cost/response.js';
import { readUsage } from '../../src/cost/usage.js';

await loadPrices();

describe('tokens that only the total tells', () => {
  const usage = { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_300 };
  const langChain = { input_tokens: 1_000, output_tokens: 50, total_tokens: 1_300 };

  it.each(['gemini-2.5-flash', 'models/gemini-2.5-pro', 'google/gemini-2.5-flash'])(
    'are the thoughts of %s',
    (model) => {
      const read = { inputTokens: 1_000, outputTokens: 300 };
      expect(readUsage({ model, choices: [{}], usage }).usage).toEqual(read);
      const response_metadata = { model_name: model };
      expect(readUsage({ usage_metadata: langChain, response_metadata }).usage).toEqual(read);
      const reader = new StreamReader();
      reader.see({ model, choices: [{}] });
      reader.see({ model, choices: [], usage });
      expect(reader.usage().usage).toEqual(read);
    },
  );

  it('are no output of another model', () => {
    expect(readUsage({ model: 'gpt-5', usage }).usage).toMatchObject({ outputTokens: 50 });
  });

  it('are added once if something else tells them', () => {
    const completion_tokens_details = { reasoning_tokens: 250 };
    const told = { ...usage, completion_tokens_details };
    expect(readUsage({ model: 'gemini-2.5-pro', usage: told }).usage).toMatchObject({
      outputTokens: 300,
      reasoningTokens: 250,
    });
  });
});

describe('other tools of a provider', () => {
  const usage = { input_tokens: 1_000, output_tokens: 100 };
  const tools = ['image_generation', 'code_interpreter', 'file_search'];
  const output = [
    { type: 'message' },
    ...tools.map((tool) => ({ type: `${tool}_call`, status: 'completed' })),
  ];
  const read = { inputTokens: 1_000, outputTokens: 100 };

  it('are left out of the cost, which says so', () => {
    const response = { object: 'response', model: 'gpt-4.1', output, usage };
    const reading = { requests: [read], warnings: [], excludes: tools };
    expect(readUsage(response)).toMatchObject(reading);
    const reader = new StreamReader();
    reader.see({ type: 'response.completed', response });
    expect(reader.usage()).toMatchObject(reading);
  });

  it('are in a cost that the provider reports', () => {
    expect(readUsage({ output, usage: { ...usage, cost: 1 } })).not.toHaveProperty('excludes');
  });

  it('are maps that Gemini looked at', () => {
    const usageMetadata = { promptTokenCount: 1_000, candidatesTokenCount: 100 };
    const candidate = (chunk: object) => ({
      groundingMetadata: { groundingChunks: [chunk, chunk] },
    });
    const answer = (chunk: object) => readUsage({ candidates: [candidate(chunk)], usageMetadata });
    expect(answer({ maps: { uri: 'x' } })).toMatchObject({
      requests: [read],
      excludes: ['maps_search'],
    });
    expect(answer({ web: { uri: 'x' } })).toEqual({ requests: [read], usage: read, warnings: [] });
  });

  it('are the search of OpenAI’s models that always search', () => {
    const model = 'gpt-4o-search-preview-2025-03-11';
    const chat = { prompt_tokens: 1_000, completion_tokens: 100 };
    const { requests } = readUsage({ model, choices: [{}], usage: chat });
    expect(requests).toEqual([{ ...read, webSearches: 1 }]);
    expect(costOf(requests, 'openai', [model])?.usd).toBeCloseTo(0.0035 + 0.025, 9);
  });
});

describe('pictures that Cohere embeds', () => {
  const answer = (billedUnits: object) => readUsage({ embeddings: {}, meta: { billedUnits } });

  it('have no cost if their tokens are not told', () => {
    const { requests, excludes } = answer({ images: 2, inputTokens: 0 });
    expect({ requests, excludes }).toEqual({ requests: [], excludes: ['input_image'] });
  });

  it('are left out of the cost of the text', () => {
    const { requests, excludes } = answer({ images: 2, inputTokens: 10 });
    expect({ requests, excludes }).toEqual({
      requests: [{ inputTokens: 10 }],
      excludes: ['input_image'],
    });
  });

  it('cost what their tokens do', () => {
    const reading = answer({ images: 1, inputTokens: 100, imageTokens: 500 });
    const usage = { inputTokens: 600, inputImageTokens: 500 };
    expect(reading).toEqual({ requests: [usage], usage, warnings: [] });
    const usd = costOf(reading.requests, 'cohere', ['embed-v4.0'])?.usd;
    expect(usd).toBeCloseTo((100 * 0.12 + 500 * 0.47) / 1e6, 12);
  });
});

describe('audio that is billed by time', () => {
  const usage = { promptAudioSeconds: 600, promptTokens: 1_000, completionTokens: 100 };
  const { requests } = readUsage({ choices: [{}], usage });

  it('costs so beside the tokens', () => {
    const usd = costOf(requests, 'mistral_ai', ['voxtral-small-latest'])?.usd;
    expect(usd).toBeCloseTo(0.00014 + 0.04, 9);
  });

  it('is left out of the cost where it has no price', () => {
    const cost = costOf(requests, 'mistral_ai', ['mistral-large-latest']);
    expect(cost?.excludes).toEqual(['audio_seconds']);
  });
});

it('what LangChain in Python says is cached for an hour is cached', () => {
  const input_token_details = {
    cache_read: 2_000,
    cache_creation: 0,
    ephemeral_5m_input_tokens: 1_000,
    ephemeral_1h_input_tokens: 2_000,
  };
  const usage_metadata = { input_tokens: 5_100, output_tokens: 100, input_token_details };
  expect(readUsage({ usage_metadata }).usage).toEqual({
    inputTokens: 5_100,
    outputTokens: 100,
    cacheReadTokens: 2_000,
    cacheWriteTokens: 3_000,
    cacheWriteOneHourTokens: 2_000,
  });
});
