import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamReader } from '../../src/cost/response.js';

describe('StreamReader', () => {
  function read(...items: unknown[]) {
    const reader = new StreamReader();
    for (const item of items) reader.see(item);
    return { ...reader.usage(), ...reader.facts(), failure: reader.failure };
  }

  it('goes on from Anthropic’s first report with its last, which may have the output alone', () => {
    const usage = { input_tokens: 100, cache_read_input_tokens: 400, output_tokens: 1 };
    expect(
      read(
        { type: 'message_start', message: { id: 'msg_1', model: 'claude', usage } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 50 } },
        { type: 'message_stop' },
      ),
    ).toMatchObject({
      usage: { inputTokens: 500, cacheReadTokens: 400, outputTokens: 50 },
      model: 'claude',
      id: 'msg_1',
      finishReasons: ['end_turn'],
      warnings: [],
    });
  });

  it('takes the last of reports that each tell the whole, as Google’s do', () => {
    const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 1 };
    expect(
      read(
        { modelVersion: 'gemini', responseId: 'r', usageMetadata },
        { usageMetadata: { ...usageMetadata, candidatesTokenCount: 7, thoughtsTokenCount: 2 } },
      ),
    ).toMatchObject({
      usage: { inputTokens: 10, outputTokens: 9, reasoningTokens: 2 },
      model: 'gemini',
      id: 'r',
    });
  });

  it('adds up the steps of the AI SDK, each a request of its own', () => {
    const step = (inputTokens: number) => ({
      type: 'finish-step',
      finishReason: 'tool-calls',
      usage: { inputTokens, outputTokens: 1, inputTokenDetails: {} },
      response: { id: `r${inputTokens}`, modelId: 'gpt-4o' },
    });
    const totalUsage = { inputTokens: 30, outputTokens: 2, inputTokenDetails: {} };
    const finish = { type: 'finish', finishReason: 'stop', totalUsage };
    expect(read({ type: 'text-start', id: '0' }, step(10), step(20), finish)).toMatchObject({
      requests: [{ inputTokens: 10 }, { inputTokens: 20 }],
      usage: { inputTokens: 30, outputTokens: 2 },
      model: 'gpt-4o',
      id: 'r20',
      finishReasons: ['tool-calls', 'stop'],
    });
  });

  it('tells of errors that come as items', () => {
    const error = new Error('overloaded');
    expect(read({ type: 'error', error }).failure).toEqual({ error });
    const response = { error: { code: 'server_error' } };
    expect(read({ type: 'response.failed', response }).failure).toEqual({ error: response.error });
  });

  it('says so when there was no usage', () => {
    expect(read({ choices: [] }).warnings).toEqual(['an LLM response had no token usage']);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (items) => {
        const { usage } = read(...items);
        expect(Object.values(usage).every((value) => value >= 0)).toBe(true);
      }),
    );
  });
});
