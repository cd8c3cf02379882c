import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, loadPrices } from '../../src/cost/price.js';
import { StreamReader } from '../../src/cost/response.js';
import { readUsage } from '../../src/cost/usage.js';

await loadPrices();

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
    const silent = { type: 'response.failed', response: {} };
    expect(read(silent).failure).toEqual({ error: silent });
  });

  it.each<[string, unknown[], object]>([
    [
      'Groq’s last chunk',
      [
        { choices: [{ delta: {} }], x_groq: { id: 'x' } },
        {
          choices: [{ finish_reason: 'stop' }],
          x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } },
        },
      ],
      { inputTokens: 1, outputTokens: 2 },
    ],
    [
      'Moonshot’s, in the choice',
      [{ choices: [{ finish_reason: 'stop', usage: { prompt_tokens: 1, cached_tokens: 1 } }] }],
      { inputTokens: 1, cacheReadTokens: 1 },
    ],
    [
      'Mistral’s chunks in `data`',
      [{ data: { choices: [{}] } }, { data: { usage: { promptTokens: 1, completionTokens: 2 } } }],
      { inputTokens: 1, outputTokens: 2 },
    ],
    [
      'the metadata of Bedrock’s Converse, with the tier',
      [
        { messageStop: { stopReason: 'end_turn' } },
        {
          metadata: {
            usage: { inputTokens: 1, outputTokens: 2 },
            metrics: { latencyMs: 5 },
            serviceTier: { type: 'priority' },
          },
        },
      ],
      { inputTokens: 1, outputTokens: 2, serviceTier: 'priority' },
    ],
    [
      'the bytes of Bedrock’s InvokeModel',
      [
        { type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 1 } } },
        { type: 'message_delta', usage: { output_tokens: 7 } },
        {
          type: 'message_stop',
          'amazon-bedrock-invocationMetrics': { inputTokenCount: 1, outputTokenCount: 7 },
        },
      ].map((event) => ({ chunk: { bytes: new TextEncoder().encode(JSON.stringify(event)) } })),
      { inputTokens: 1, outputTokens: 7 },
    ],
    [
      'Cohere’s last event, what is billed of it',
      [
        { type: 'content-delta', delta: { message: { content: { text: 'x' } } } },
        {
          type: 'message-end',
          delta: {
            usage: {
              billed_units: { input_tokens: 1, output_tokens: 2 },
              tokens: { input_tokens: 90, output_tokens: 2 },
            },
          },
        },
      ],
      { inputTokens: 1, outputTokens: 2 },
    ],
    [
      'LangChain’s chunks, which add up',
      [
        {
          usage_metadata: { input_tokens: 10, output_tokens: 0, input_token_details: { audio: 3 } },
        },
        { content: 'x' },
        {
          usage_metadata: { input_tokens: 0, output_tokens: 5, input_token_details: { audio: 1 } },
        },
      ],
      { inputTokens: 10, outputTokens: 5, inputAudioTokens: 4 },
    ],
    [
      'OpenAI’s last event, with the tier and the searches',
      [
        { type: 'response.created', response: { usage: null } },
        {
          type: 'response.incomplete',
          response: {
            service_tier: 'flex',
            output: [{ type: 'web_search_call' }],
            usage: { input_tokens: 1, output_tokens: 2 },
          },
        },
      ],
      { inputTokens: 1, outputTokens: 2, serviceTier: 'flex', webSearches: 1 },
    ],
    [
      'Gemini’s interactions',
      [
        {
          event_type: 'interaction.completed',
          interaction: { usage: { total_input_tokens: 1, total_output_tokens: 2 } },
        },
      ],
      { inputTokens: 1, outputTokens: 2 },
    ],
  ])('reads %s', (_, stream, usage) => {
    expect(read(...stream)).toMatchObject({ requests: [usage], usage, warnings: [] });
  });

  it.each<[string, (usage: object) => object]>([
    ['a step of the AI SDK 4', (usage) => ({ type: 'step-finish', usage })],
    ['a realtime answer', (usage) => ({ type: 'response.done', response: { usage } })],
    [
      'an answer in the events of OpenAI’s agents',
      (usage) => ({
        type: 'raw_model_stream_event',
        data: { type: 'response_done', response: { usage } },
      }),
    ],
  ])('counts %s as a request of its own', (_, end) => {
    const usage = { inputTokens: 10, outputTokens: 2 };
    expect(read(end(usage), end(usage))).toMatchObject({ requests: [usage, usage] });
  });

  it('counts each of several messages of Anthropic', () => {
    const start = (input_tokens: number) => ({
      type: 'message_start',
      message: { usage: { input_tokens, output_tokens: 1 } },
    });
    const end = (output_tokens: number) => ({ type: 'message_delta', usage: { output_tokens } });
    expect(read(start(10), end(5), start(20), end(6)).usage).toEqual({
      inputTokens: 30,
      outputTokens: 11,
    });
  });

  describe('broken off', () => {
    it('takes no placeholder for a count', () => {
      const usage = { input_tokens: 100, output_tokens: 3 };
      const { requests, excludes, warnings } = read(
        { type: 'message_start', message: { usage } },
        { type: 'content_block_delta', delta: { text: 'To' } },
      );
      expect(requests).toEqual([{ inputTokens: 100 }]);
      expect(excludes).toEqual(['output']);
      expect(warnings).toEqual([
        'an LLM stream ended before it told its output tokens: they are unknown',
      ]);
    });

    it('keeps a count that was still running, and says that more may be missing', () => {
      const chunk = (candidatesTokenCount: number) => ({
        candidates: [{ content: { parts: [{ text: 'To' }] } }],
        usageMetadata: { promptTokenCount: 10, candidatesTokenCount },
      });
      const reading = read(chunk(1), chunk(4));
      expect(reading.usage).toEqual({ inputTokens: 10, outputTokens: 4 });
      expect(reading.excludes).toEqual(['output']);
      const last = { candidates: [{ finishReason: 'STOP' }] };
      expect(read(chunk(1), { ...chunk(6), ...last }).excludes).toBeUndefined();
    });

    it('says that a step has begun whose tokens are unknown', () => {
      const step = { type: 'finish-step', usage: { inputTokens: 10, outputTokens: 2 } };
      expect(read({ type: 'start-step' }, step).excludes).toBeUndefined();
      expect(read({ type: 'start-step' }, step, { type: 'start-step' }).excludes).toEqual([
        'output',
      ]);
    });
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

it('a session of many answers costs the sum of them, and keeps few', () => {
  const usage = fc.record({
    input_tokens: fc.integer({ min: 1, max: 400_000 }),
    output_tokens: fc.nat(1_000),
    service_tier: fc.constantFrom('default', 'flex'),
  });
  const many = fc.array(usage, { minLength: 500, maxLength: 900, size: 'max' });
  fc.assert(
    fc.property(many, (usages) => {
      const reader = new StreamReader();
      for (const one of usages) reader.see({ type: 'response.done', response: { usage: one } });
      const all = reader.usage();
      const sum = (costs: (number | undefined)[]) => costs.reduce((a = 0, b = 0) => a + b, 0);
      // Its price depends on the size of a request.
      const usdOf = (requests: Parameters<typeof costOf>[0]) =>
        costOf(requests, 'google', ['gemini-2.5-pro'])?.usd;
      const single = usages.map((one) => usdOf(readUsage({ usage: one }).requests));
      expect(usdOf(all.requests)).toBeCloseTo(sum(single) ?? 0, 8);
      expect(all.usage.inputTokens).toBe(sum(usages.map((one) => one.input_tokens)));
      expect(all.requests.length).toBeLessThan(400);
    }),
    { numRuns: 20 },
  );
});
