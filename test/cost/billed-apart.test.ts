import { describe, expect, it } from 'vitest';
import { StreamReader } from '../../src/cost/response.js';
import { readUsage } from '../../src/cost/usage.js';

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
