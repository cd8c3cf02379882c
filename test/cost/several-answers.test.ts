import { describe, expect, it } from 'vitest';
import { costOf, loadPrices } from '../../src/cost/price.js';
import { StreamReader } from '../../src/cost/response.js';
import { readUsage } from '../../src/cost/usage.js';

await loadPrices();

const claude = { input_tokens: 1_000, output_tokens: 100 };
const chat = { prompt_tokens: 1_000, completion_tokens: 100 };
const READ = { inputTokens: 1_000, outputTokens: 100 };
const HAIKU = 'claude-haiku-4-5';

function streamed(...items: unknown[]) {
  const reader = new StreamReader();
  for (const item of items) reader.see(item);
  return reader.usage();
}

describe('the results of a batch, streamed', () => {
  const result = (message: object) => ({
    type: 'succeeded',
    message: { usage: claude, ...message },
  });

  it('are requests of their own, each with its model', () => {
    const { requests, usage } = streamed(
      { custom_id: 'a', result: result({ id: 'msg_1', model: HAIKU }) },
      { custom_id: 'b', result: { type: 'errored', error: {} } },
      { custom_id: 'c', result: result({ id: 'msg_2', model: 'claude-opus-4-5' }) },
    );
    const batch = { ...READ, serviceTier: 'batch' };
    expect(requests).toEqual([
      { ...batch, model: HAIKU },
      { ...batch, model: 'claude-opus-4-5' },
    ]);
    expect(usage).toMatchObject({ inputTokens: 2_000, outputTokens: 200 });
    const usd = costOf(requests, 'anthropic', ['claude-opus-4-5', HAIKU])?.usd;
    expect(usd).toBeCloseTo((0.0015 + 0.0075) / 2, 9);
  });

  it('are so in OpenAI’s lines', () => {
    const line = (id: string) => ({
      custom_id: id,
      response: { body: { model: 'gpt-4o', choices: [{}], usage: chat } },
    });
    const read = { ...READ, serviceTier: 'batch', model: 'gpt-4o' };
    expect(streamed(line('a'), line('b')).requests).toEqual([read, read]);
  });

  it('are so in Bedrock’s, of which one may be read alone', () => {
    const line = { recordId: 'r', modelInput: {}, modelOutput: { model: HAIKU, usage: claude } };
    expect(readUsage(line).usage).toEqual({ ...READ, serviceTier: 'batch' });
  });
});

describe('a list', () => {
  const answer = (model: string, id: string) => ({ id, model, choices: [{}], usage: chat });

  it('of answers has the requests of all', () => {
    const list = [answer('gpt-4o', 'a'), undefined, 'text', answer('gpt-5', 'b')];
    const { requests, usage } = readUsage(list);
    expect(requests).toEqual([
      { ...READ, model: 'gpt-4o' },
      { ...READ, model: 'gpt-5' },
    ]);
    expect(usage).toEqual({ inputTokens: 2_000, outputTokens: 200 });
  });

  it.each([
    ['of one answer', [answer('gpt-4o', 'a'), answer('gpt-4o', 'a')]],
    ['of chunks', [{ ...answer('gpt-4o', 'a'), object: 'chat.completion.chunk' }]],
    ['of a stream', [{ type: 'message_start', message: { usage: claude } }]],
    ['of texts', ['a', 'b']],
  ])('%s has no usage, which would be counted twice', (_what, list) => {
    expect(readUsage(list)).toMatchObject({
      requests: [],
      warnings: ['an LLM response had no token usage'],
    });
  });

  it('of the embeddings of Vertex AI adds up', () => {
    const embeddings = { values: [], statistics: { truncated: false, token_count: 100 } };
    expect(readUsage({ predictions: [{ embeddings }, { embeddings }] }).usage).toEqual({
      inputTokens: 200,
    });
  });
});
