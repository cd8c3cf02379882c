import { describe, expect, it } from 'vitest';
import { plainModelName } from '../../src/cost/plain-model-name.js';

describe('plainModelName', () => {
  it.each([
    ['gpt-4o', ['openai/gpt-4o', 'gpt-4o-2024-08-06', 'openrouter/openai/gpt-4o']],
    ['gpt-3.5-turbo', ['gpt-3.5-turbo-0125']],
    ['gemini-2.5-pro', ['models/gemini-2.5-pro', 'publishers/google/models/gemini-2.5-pro']],
    ['gemini-2.0-flash', ['gemini-2.0-flash-001']],
    [
      'claude-sonnet-4-5',
      [
        'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
        'claude-sonnet-4-5@20250929',
        'arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
      ],
    ],
    ['claude-3-5-sonnet', ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022']],
    ['llama3-70b-instruct', ['meta.llama3-70b-instruct-v1:0']],
  ])('is %s for other names of it', (plain, names) => {
    expect(names.map(plainModelName)).toEqual(names.map(() => plain));
  });

  it.each([
    // Of another model, or at another price.
    ...['text-embedding-004', 'gemini-embedding-001', 'mistral-large-2411', 'chatgpt-4o-latest'],
    ...['llama3:8b', 'llama2-70b-4096', 'gpt-4-1106-preview', 'gpt-4o-mini', 'deepseek-r1:free'],
    ...['my-deployment', 'ft:gpt-4o-mini-2024-07-18:team::id', 'global.claude-sonnet-4-5', ''],
  ])('leaves %s', (name) => {
    expect(plainModelName(name)).toBe(name);
  });
});
