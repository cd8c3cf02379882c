import { createRequire } from 'node:module';
import { metrics, trace } from '@opentelemetry/api';
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';
import type { LlmCallOptions } from 'hotspan';
import { afterAll, describe, expect, it } from 'vitest';
import type { Reply, Script } from '../support/llm-servers/http.js';
import { startOpenAi } from '../support/llm-servers/openai.js';
import { startSdk, type Sdk } from '../support/sdk.js';
import {
  attemptsOf,
  call,
  costsOf,
  errorOf,
  prepareTests,
  read,
  serve,
  settle,
  usd,
} from './support.js';

prepareTests();

// It patches what is required after it is there.
const instrumentation = new OpenAIInstrumentation();
// As registerInstrumentations() does it; without it there are no streams, and no embeddings.
instrumentation.setMeterProvider(metrics.getMeterProvider());
const { OpenAI } = createRequire(import.meta.url)('openai') as typeof import('openai');
type Client = InstanceType<typeof OpenAI>;
afterAll(() => instrumentation.disable());

const gpt: LlmCallOptions = { provider: 'openai', model: 'gpt-4o' };
const name = 'chat gpt-4o';
const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];
const chat = { model: 'gpt-4o', messages };
const streamed = { ...chat, stream: true, stream_options: { include_usage: true } } as const;
const response = { model: 'gpt-4o', input: 'What is the capital of France?' };
const reply: Reply = { answer: 'It is Paris', model: 'gpt-4o-2024-08-06' };

async function open(script: Script = [reply]): Promise<Client> {
  const { url } = await serve(startOpenAi, script);
  return new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 });
}

/** The SDK, with the instrumentation on it. */
function instrumented(): Sdk {
  const sdk = startSdk();
  instrumentation.setTracerProvider(trace.getTracerProvider());
  return sdk;
}

/** As in the other tests, with the instrumentation. */
const instrumentedCall: typeof call = (options, fn) => {
  const made = call(options, (context) => {
    instrumentation.setTracerProvider(trace.getTracerProvider());
    return fn(context);
  });
  return made;
};

/** The spans of the instrumentation. */
function foreign(sdk: Sdk) {
  return sdk
    .spans()
    .filter(({ instrumentationScope }) =>
      instrumentationScope.name.endsWith('instrumentation-openai'),
    );
}

const ways: [string, (client: Client) => PromiseLike<unknown>][] = [
  ['a chat completion', (client) => client.chat.completions.create(chat)],
  ['a streamed chat completion', (client) => client.chat.completions.create(streamed)],
  ['a response', (client) => client.responses.create(response)],
  ['a streamed response', (client) => client.responses.create({ ...response, stream: true })],
];
const helpers: [string, (client: Client) => PromiseLike<unknown>][] = [
  ['a helper', (client) => client.chat.completions.stream(streamed).finalChatCompletion()],
  ['a helper of responses', (client) => client.responses.stream(response).finalResponse()],
];

async function finish(value: unknown): Promise<void> {
  if (Symbol.asyncIterator in (value as object)) {
    const { error } = await read(value as AsyncIterable<unknown>);
    expect(error).toBeUndefined();
  }
  await settle();
}

describe('outside llmCall', () => {
  it.each([...ways, ...helpers])(
    '%s has its cost once, on the span that is exported',
    async (_, ask) => {
      const sdk = instrumented();
      await finish(await ask(await open()));
      expect(foreign(sdk)).toHaveLength(1);
      expect(sdk.span(name).attributes['hotspan.cost.source']).toBe('price_table');
      // It does not tell what was cached: 1,000 × $2.50 + 100 × $10 per million, by hand.
      const costUsd = usd(0.0035);
      expect(costsOf(sdk)).toEqual([{ name, usd: costUsd }]);
      expect(sdk.bottlenecks.summary()).toMatchObject({
        totals: { llmCalls: 1, inputTokens: 1_000, outputTokens: 100, costUsd, unpricedCalls: 0 },
        bottlenecks: [{ name, costUsd }],
        warnings: [],
      });
    },
  );

  it('embeddings have a cost, too', async () => {
    const sdk = instrumented();
    const model = 'text-embedding-3-small';
    const client = await open([
      { answer: '', usage: { prompt_tokens: 5_000, total_tokens: 5_000 } },
    ]);
    await finish(await client.embeddings.create({ model, input: 'Paris' }));
    // 5,000 × $0.02 per million, by hand.
    expect(costsOf(sdk)).toEqual([{ name: `embeddings ${model}`, usd: usd(0.0001) }]);
  });
});

/** 600 × $2.50 + 400 × $1.25 + 100 × $10 per million, by hand: llmCall knows what was cached. */
const withCached = usd(0.003);

describe('inside llmCall', () => {
  it.each([...ways, ...helpers])('%s has its cost once, on the span of llmCall', async (_, ask) => {
    const client = await open();
    const { sdk, result } = instrumentedCall(gpt, () => ask(client));
    await finish(await result);
    const inner = foreign(sdk);
    expect(inner).toHaveLength(1);
    expect(inner[0]?.attributes['gen_ai.usage.input_tokens']).toBe(1_000);
    expect(inner[0]?.parentSpanContext?.spanId).toBe(attemptsOf(sdk)[0]?.spanContext().spanId);
    expect(costsOf(sdk)).toEqual([{ name, usd: withCached }]);
    const [outer] = sdk.spans().filter(({ attributes }) => 'gen_ai.usage.cost' in attributes);
    expect(outer?.attributes['hotspan.attempt.count']).toBe(1);
    const { totals, bottlenecks, models, spans, warnings } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, inputTokens: 1_000, costUsd: withCached });
    expect(bottlenecks).toMatchObject([
      { name, calls: 1, inputTokens: 1_000, outputTokens: 100, costUsd: withCached },
    ]);
    expect(models).toMatchObject([{ calls: 1, inputTokens: 1_000, costUsd: withCached }]);
    expect({ late: spans.late, warnings }).toEqual({ late: 0, warnings: [] });
  });

  it.each([
    [
      'a chat completion',
      async (client: Client) =>
        (await client.chat.completions.create(chat)).choices[0]?.message.content,
    ],
    ['a response', async (client: Client) => (await client.responses.create(response)).output_text],
    [
      'a stream',
      async (client: Client) => {
        const { items } = await read(await client.chat.completions.create(streamed));
        return items.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
      },
    ],
  ])('a callback that returns only the text of %s has usage and cost', async (_, ask) => {
    const client = await open();
    const { sdk, result } = instrumentedCall(gpt, () => ask(client));
    expect(await result).toBe('It is Paris');
    const [outer] = sdk.spans().filter(({ attributes }) => 'hotspan.attempt.count' in attributes);
    expect(outer?.attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.output_tokens': 100,
      // The instrumentation does not tell what was cached.
      'gen_ai.usage.cost': usd(0.0035),
    });
    expect(outer?.attributes['hotspan.warning'] ?? []).toEqual([]);
    expect(costsOf(sdk)).toHaveLength(1);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, inputTokens: 1_000, costUsd: usd(0.0035), unpricedCalls: 0 },
      warnings: [],
    });
  });

  it('attempts that are refused cost nothing, and the answer counts once', async () => {
    const client = await open([{ fail: 429, headers: { 'retry-after-ms': '1' } }, reply]);
    const { sdk, result } = instrumentedCall({ ...gpt, maxAttempts: 2 }, () =>
      client.chat.completions.create(chat),
    );
    await result;
    expect(foreign(sdk)).toHaveLength(2);
    expect(costsOf(sdk)).toEqual([{ name, usd: withCached }]);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, attempts: 2, inputTokens: 1_000, costUsd: withCached, errors: 0 },
      bottlenecks: [{ name, calls: 1, attempts: 2 }],
    });
  });

  it('what an attempt used whose answer was thrown away is waste, once', async () => {
    const client = await open();
    const { sdk, result } = instrumentedCall(gpt, async () => {
      await client.chat.completions.create(chat);
      throw new Error('the answer is not JSON');
    });
    await errorOf(result);
    expect(costsOf(sdk)).toEqual([{ name: `${name} attempt`, usd: usd(0.0035) }]);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      llmCalls: 1,
      inputTokens: 1_000,
      costUsd: usd(0.0035),
      wastedCostUsd: usd(0.0035),
    });
  });
});
