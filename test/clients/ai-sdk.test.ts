import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { trace } from '@opentelemetry/api';
import {
  embed,
  embedMany,
  generateText,
  stepCountIs,
  streamText,
  tool,
  jsonSchema,
  type LanguageModel,
} from 'ai';
import { AttemptTimeoutError, type LlmCallOptions } from 'hotspan';
import { describe, expect, it } from 'vitest';
import { plainModelName } from '../../src/cost/plain-model-name.js';
import { startAnthropic } from '../support/llm-servers/anthropic.js';
import type { LlmServer, Reply, Script } from '../support/llm-servers/http.js';
import { embedding, startOpenAi } from '../support/llm-servers/openai.js';
import { startSdk } from '../support/sdk.js';
import {
  attemptsOf,
  call,
  costsOf,
  errorOf,
  expectGone,
  expectRequests,
  failureOf,
  outcomesOf,
  prepareTests,
  read,
  serve,
  settle,
  usd,
} from './support.js';

prepareTests();

const question = { prompt: 'What is the capital of France?', maxRetries: 0 };
const toolCall = { name: 'weather', arguments: { city: 'Paris, France' } };
const weather = tool({
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
  }),
  execute: () => 'sunny',
});

/** One way in which the AI SDK speaks to a model. */
interface Way {
  readonly start: (script?: Script) => Promise<LlmServer>;
  readonly model: (url: string) => LanguageModel;
  readonly options: LlmCallOptions;
  readonly answered: Readonly<Record<string, unknown>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly version: string;
}

const openAiTokens = {
  'gen_ai.usage.input_tokens': 1_000,
  'gen_ai.usage.output_tokens': 100,
  'gen_ai.usage.cache_read.input_tokens': 400,
  'gen_ai.usage.reasoning.output_tokens': 20,
};
const openAi = {
  start: startOpenAi,
  options: { provider: 'openai', model: 'gpt-4o' },
  inputTokens: 1_000,
  outputTokens: 100,
  // 600 × $2.50 + 400 × $1.25 + 100 × $10 per million, by hand.
  costUsd: usd(0.003),
  version: 'gpt-4o-2024-08-06',
};

const ways: [string, Way][] = [
  [
    'chat completions',
    {
      ...openAi,
      model: (baseURL) => createOpenAI({ baseURL, apiKey: 'none' }).chat('gpt-4o'),
      answered: { ...openAiTokens, 'gen_ai.response.id': 'chatcmpl-1' },
    },
  ],
  [
    'responses',
    {
      ...openAi,
      model: (baseURL) => createOpenAI({ baseURL, apiKey: 'none' }).responses('gpt-4o'),
      answered: { ...openAiTokens, 'gen_ai.response.id': 'resp_1' },
    },
  ],
  [
    'messages',
    {
      start: startAnthropic,
      options: { provider: 'anthropic', model: 'claude-sonnet-4-5' },
      model: (url) =>
        createAnthropic({ baseURL: `${url}/v1`, apiKey: 'none' })('claude-sonnet-4-5'),
      answered: {
        'gen_ai.response.id': 'msg_1',
        'gen_ai.usage.input_tokens': 700,
        'gen_ai.usage.output_tokens': 50,
        'gen_ai.usage.cache_read.input_tokens': 400,
        'gen_ai.usage.cache_write.input_tokens': 200,
      },
      inputTokens: 700,
      outputTokens: 50,
      // 100 × $3 + 400 × $0.30 + 200 × $3.75 + 50 × $15 per million, by hand.
      costUsd: usd(0.00192),
      version: 'claude-sonnet-4-5-20250929',
    },
  ],
];

describe.each(ways)('the AI SDK with %s', (_, way) => {
  const { options, inputTokens, outputTokens, costUsd } = way;
  const name = `chat ${options.model}`;
  const reply: Reply = { answer: 'It is Paris', model: way.version };
  const answered = {
    ...way.answered,
    'gen_ai.response.model': way.version,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.cost': costUsd,
    'hotspan.cost.source': 'price_table',
  };

  async function open(script: Script): Promise<{ model: LanguageModel; server: LlmServer }> {
    const server = await serve(way.start, script);
    return { server, model: way.model(server.url) };
  }

  const generate = (model: LanguageModel, abortSignal: AbortSignal) =>
    generateText({ ...question, model, abortSignal });
  const stream = (model: LanguageModel, abortSignal: AbortSignal) =>
    streamText({ ...question, model, abortSignal, onError: () => undefined });
  const full = (model: LanguageModel, abortSignal: AbortSignal) =>
    stream(model, abortSignal).fullStream;

  it('a result of generateText comes out unchanged, and is on the span', async () => {
    const { model } = await open([reply]);
    let given: unknown;
    const { sdk, result } = call(
      options,
      async ({ signal }) => (given = await generate(model, signal)),
    );
    expect(await result).toBe(given);
    expect(sdk.span(name).attributes).toMatchObject(answered);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, inputTokens, outputTokens, costUsd },
      warnings: [],
    });
  });

  it('several steps are priced one by one', async () => {
    const { model, server } = await open([{ toolCall, model: way.version }, reply]);
    const { sdk, result } = call(options, ({ signal }) =>
      generateText({
        ...question,
        model,
        abortSignal: signal,
        tools: { weather },
        stopWhen: stepCountIs(2),
      }),
    );
    expect((await result).steps).toHaveLength(2);
    expect(server.requests).toHaveLength(2);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      llmCalls: 1,
      inputTokens: 2 * inputTokens,
      outputTokens: 2 * outputTokens,
    });
    const cost = sdk.bottlenecks.summary().totals.costUsd;
    expect(cost && cost / 2).toEqual(costUsd);
  });

  it('a fullStream is on the span when it ends', async () => {
    const { model } = await open([reply]);
    const { sdk, result } = call(options, ({ signal }) => full(model, signal));
    const texts: string[] = [];
    for await (const part of await result) {
      if (part.type === 'text-delta') texts.push(part.text);
      // It is the last: what somebody else waits for comes after it.
      expect(sdk.spans()).toHaveLength(part.type === 'finish' ? 2 : 0);
    }
    await settle();
    expect(texts.join('')).toBe('It is Paris');
    const { attributes } = sdk.span(name);
    expect(attributes).toMatchObject(answered);
    expect(attributes['hotspan.llm.time_to_first_token']).toBeGreaterThan(0);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, inputTokens, outputTokens, costUsd, errors: 0 },
      warnings: [],
    });
  });

  it('a tool call is content', async () => {
    const { model } = await open([{ toolCall }]);
    const { sdk, result } = call(
      options,
      ({ signal }) =>
        streamText({ ...question, model, abortSignal: signal, tools: { weather } }).fullStream,
    );
    await read(await result);
    const { attributes } = sdk.span(name);
    expect(attributes['hotspan.llm.time_to_first_token']).toBeGreaterThan(0);
    expect(attributes['gen_ai.response.finish_reasons']).toEqual(['tool-calls']);
  });

  it('a fullStream that is broken off has no error', async () => {
    const { model, server } = await open([{ ...reply, hangAfter: 1 }]);
    const { sdk, result } = call(options, ({ signal }) => full(model, signal));
    for await (const part of await result) if (part.type === 'text-delta') break;
    await settle();
    expect(outcomesOf(sdk)).toEqual(['success']);
    expect(failureOf(sdk.span(name))).toBeUndefined();
    expect(server.requests).toHaveLength(1);
  });

  it('a result of streamText whose text alone is read is on the span', async () => {
    const { model } = await open([reply]);
    const { sdk, result } = call(options, ({ signal }) => stream(model, signal));
    expect(await (await result).text).toBe('It is Paris');
    expect(sdk.span(name).attributes).toMatchObject(answered);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, inputTokens, outputTokens, costUsd, errors: 0 },
      warnings: [],
    });
  });

  it('comes back when the server says so', async () => {
    const headers = { 'retry-after-ms': '4' };
    const { model, server } = await open([{ fail: 429, headers }, reply]);
    const { sdk, result } = call({ ...options, maxAttempts: 2 }, ({ signal }) =>
      generate(model, signal),
    );
    await result;
    expect(server.requests).toHaveLength(2);
    expect(outcomesOf(sdk)).toEqual(['error', 'success']);
    expect(attemptsOf(sdk)[1]?.attributes['hotspan.attempt.backoff']).toBe(0.004);
    const { totals } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, attempts: 2, retries: 1, costUsd, errors: 0 });
    expect(totals.wastedSeconds).toBeGreaterThanOrEqual(0.004);
  });

  it('a server error is tried again; the last one comes out as it is', async () => {
    const { model, server } = await open([{ fail: 500 }]);
    const errors: unknown[] = [];
    const { sdk, result } = call(
      { ...options, maxAttempts: 2, backoffMillis: 0 },
      async ({ signal }) => {
        try {
          return await generate(model, signal);
        } catch (error) {
          errors.push(error);
          throw error;
        }
      },
    );
    const error = await errorOf(result);
    expect(error).toMatchObject({ statusCode: 500 });
    expect(error).toBe(errors[1]);
    expect(server.requests).toHaveLength(2);
    expect(outcomesOf(sdk)).toEqual(['error', 'error']);
    expect(failureOf(sdk.span(name))).toBe('AI_APICallError');
  });

  it.each<[string, Script]>([
    ['that breaks throws its error', [{ ...reply, breakAfter: 2 }]],
    ['that was refused has it in a part', [{ fail: 500 }]],
  ])('a fullStream %s, and the spans have it', async (_what, script) => {
    const { model } = await open(script);
    const { sdk, result } = call(options, ({ signal }) => full(model, signal));
    const { items, error } = await read(await result);
    const parts = items.filter((part) => part.type === 'error').map((part) => part.error);
    expect([error, ...parts].filter((found) => found !== undefined)).toMatchObject([
      { name: 'AI_APICallError' },
    ]);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['error']);
    expect(failureOf(sdk.span(name))).toBe('AI_APICallError');
    expect(failureOf(attemptsOf(sdk)[0]!)).toBe('AI_APICallError');
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 1, errors: 1 });
  });

  it('an answer that never comes is tried again, and the server sees that', async () => {
    const { model, server } = await open([{ hang: true }]);
    const late = { ...options, maxAttempts: 2, timeoutMillis: 150, backoffMillis: 0 };
    const { sdk, result } = call<unknown>(late, ({ signal, attempt }) =>
      attempt === 1 ? generate(model, signal) : { usage: { inputTokens: 1, outputTokens: 1 } },
    );
    await result;
    await expectGone(server);
    expect(outcomesOf(sdk)).toEqual(['timeout', 'success']);
    expect(failureOf(attemptsOf(sdk)[0]!)).toBe('timeout');
  });

  it.each<[string, Script]>([
    ['in its middle', [{ ...reply, hangAfter: 1 }]],
    ['before it begins', [{ hang: true }]],
  ])('a fullStream that stops %s fails in time', async (_where, script) => {
    const { model, server } = await open(script);
    const { sdk, result } = call({ ...options, timeoutMillis: 150 }, ({ signal }) =>
      full(model, signal),
    );
    const { error } = await read(await result);
    expect(error).toBeInstanceOf(AttemptTimeoutError);
    await expectGone(server);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['timeout']);
    expect(failureOf(sdk.span(name))).toBe('timeout');
  });

  it('the caller can take a call back that waits', async () => {
    const { model, server } = await open([{ hang: true }]);
    const controller = new AbortController();
    const { sdk, result } = call({ ...options, signal: controller.signal }, ({ signal }) =>
      generate(model, signal),
    );
    const error = errorOf(result);
    await expectRequests(server);
    controller.abort();
    expect(await error).toBe(controller.signal.reason);
    await expectGone(server);
    expect(outcomesOf(sdk)).toEqual(['aborted']);
  });

  it('the caller can take a fullStream back', async () => {
    const { model, server } = await open([{ ...reply, hangAfter: 1 }]);
    const controller = new AbortController();
    const { sdk, result } = call({ ...options, signal: controller.signal }, ({ signal }) =>
      full(model, signal),
    );
    const iterator = (await result)[Symbol.asyncIterator]();
    for (let type = ''; type !== 'text-delta';) {
      const next = await iterator.next();
      type = next.done === true ? expect.fail('the stream ended') : next.value.type;
    }
    const rest = read({ [Symbol.asyncIterator]: () => iterator });
    controller.abort();
    expect((await rest).error).toBe(controller.signal.reason);
    await expectGone(server);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['aborted']);
    expect(failureOf(sdk.span(name))).toBe('AbortError');
  });

  describe('with its own spans', () => {
    const telemetry = () => ({
      experimental_telemetry: { isEnabled: true, tracer: trace.getTracer('ai') },
    });
    const kinds: [string, (model: LanguageModel) => PromiseLike<unknown>][] = [
      ['ai.generateText', (model) => generateText({ ...question, ...telemetry(), model })],
      [
        'ai.streamText',
        (model) => read(streamText({ ...question, ...telemetry(), model }).fullStream),
      ],
    ];

    it.each(kinds)(
      'outside llmCall: the call in %s is priced, it itself is not',
      async (wrapper, ask) => {
        const sdk = startSdk();
        const { model } = await open([reply]);
        await ask(model);
        await settle();
        const inner = `${wrapper}.do${wrapper === 'ai.streamText' ? 'Stream' : 'Generate'}`;
        expect(sdk.span(wrapper).attributes).not.toHaveProperty('gen_ai.usage.cost');
        expect(sdk.span(inner).attributes['hotspan.cost.source']).toBe('price_table');
        expect(costsOf(sdk)).toEqual([{ name: inner, usd: costUsd }]);
        const { totals, bottlenecks, models } = sdk.bottlenecks.summary();
        expect(totals).toMatchObject({ llmCalls: 1, inputTokens, outputTokens, costUsd });
        expect(bottlenecks.find((row) => row.name === wrapper)).not.toHaveProperty('costUsd');
        expect(models).toMatchObject([{ model: plainModelName(way.version), calls: 1 }]);
      },
    );

    it.each(kinds)('inside llmCall: %s counts once', async (_wrapper, ask) => {
      const { model } = await open([reply]);
      const { sdk, result } = call(options, () => ask(model));
      await result;
      await settle();
      expect(costsOf(sdk)).toEqual([{ name, usd: costUsd }]);
      const { totals, bottlenecks, warnings } = sdk.bottlenecks.summary();
      expect(totals).toMatchObject({ llmCalls: 1, inputTokens, outputTokens, costUsd });
      expect(bottlenecks.map((row) => row.name)).toEqual([name]);
      expect(warnings).toEqual([]);
    });

    it('a fullStream that is returned counts once', async () => {
      const { model } = await open([reply]);
      const { sdk, result } = call(
        options,
        () => streamText({ ...question, ...telemetry(), model }).fullStream,
      );
      await read(await result);
      await settle();
      expect(costsOf(sdk)).toEqual([{ name, usd: costUsd }]);
      expect(sdk.bottlenecks.summary()).toMatchObject({
        totals: { llmCalls: 1, inputTokens, outputTokens, costUsd },
        bottlenecks: [{ name, calls: 1 }],
        spans: { late: 0 },
      });
    });
  });
});

it('the AI SDK’s embeddings have tokens and a cost', async () => {
  const server = await serve(startOpenAi, [
    { answer: '', usage: { prompt_tokens: 5_000, total_tokens: 5_000 } },
  ]);
  const id = 'text-embedding-3-small';
  const model = createOpenAI({ baseURL: server.url, apiKey: 'none' }).embedding(id);
  const options = { provider: 'openai', model: id, operation: 'embeddings' };
  const { sdk, result } = call(options, () => embed({ model, value: 'Paris' }));
  expect((await result).embedding).toEqual(embedding);
  // 5,000 × $0.02 per million, by hand.
  expect(costsOf(sdk)).toEqual([{ name: `embeddings ${id}`, usd: usd(0.0001) }]);
  await embedMany({
    model,
    values: ['Paris', 'France'],
    experimental_telemetry: { isEnabled: true, tracer: trace.getTracer('ai') },
  });
  expect(costsOf(sdk).slice(1)).toEqual([{ name: 'ai.embedMany.doEmbed', usd: usd(0.0001) }]);
  expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 2, inputTokens: 10_000 });
});
