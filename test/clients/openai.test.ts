import { AttemptTimeoutError, type LlmCallOptions } from 'hotspan';
import OpenAI, { APIUserAbortError } from 'openai';
import { describe, expect, it } from 'vitest';
import type { LlmServer, Reply, Script } from '../support/llm-servers/http.js';
import { embedding, startOpenAi } from '../support/llm-servers/openai.js';
import {
  attemptsOf,
  breakOff,
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

const gpt: LlmCallOptions = { provider: 'openai', model: 'gpt-4o' };
const name = 'chat gpt-4o';
const prompt = [{ role: 'user' as const, content: 'What is the capital of France?' }];
const chat = {
  model: 'gpt-4o',
  messages: prompt,
  stream_options: { include_usage: true },
};
const plainChat = { model: 'gpt-4o', messages: prompt };
const response = { model: 'gpt-4o', input: 'What is the capital of France?' };
const reply: Reply = { answer: 'It is Paris', model: 'gpt-4o-2024-08-06' };
const toolCall = { name: 'weather', arguments: { city: 'Paris, France' } };

/** A helper of the client that reads its own stream. */
interface Helper extends AsyncIterable<unknown> {
  finalChatCompletion?(): Promise<unknown>;
  finalResponse?(): Promise<unknown>;
}

/** One of the client's APIs: each of its functions makes a request. */
interface Api {
  readonly whole: (client: OpenAI, signal: AbortSignal) => PromiseLike<unknown>;
  readonly stream: (client: OpenAI, signal: AbortSignal) => PromiseLike<AsyncIterable<unknown>>;
  readonly helper: (client: OpenAI, signal: AbortSignal) => Helper;
  /** What is on the span besides what all have. */
  readonly id: string;
  readonly finishReasons: string[] | undefined;
  readonly toolFinishReasons: string[] | undefined;
}

const completions: Api = {
  whole: (client, signal) => client.chat.completions.create(plainChat, { signal }),
  stream: (client, signal) => client.chat.completions.create({ ...chat, stream: true }, { signal }),
  helper: (client, signal) => client.chat.completions.stream(chat, { signal }),
  id: 'chatcmpl-1',
  finishReasons: ['stop'],
  toolFinishReasons: ['tool_calls'],
};

const responses: Api = {
  whole: (client, signal) => client.responses.create(response, { signal }),
  stream: (client, signal) => client.responses.create({ ...response, stream: true }, { signal }),
  helper: (client, signal) => client.responses.stream(response, { signal }),
  id: 'resp_1',
  finishReasons: undefined,
  toolFinishReasons: undefined,
};

async function open(script: Script): Promise<{ client: OpenAI; server: LlmServer }> {
  const server = await serve(startOpenAi, script);
  return { server, client: new OpenAI({ baseURL: server.url, apiKey: 'none', maxRetries: 0 }) };
}

type Start = (
  client: OpenAI,
  signal: AbortSignal,
) => AsyncIterable<unknown> | PromiseLike<AsyncIterable<unknown>>;

/** The two ways in which a stream comes. */
function streamsOf({ stream, helper }: Api): [string, Start][] {
  return [
    ['a stream', stream],
    ['a helper', helper],
  ];
}

/** What a helper makes of the whole stream. */
async function finalOf(helper: Helper): Promise<unknown> {
  return helper.finalChatCompletion?.() ?? helper.finalResponse?.();
}

/** What the span of a whole answer says. */
function answered(api: Api) {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.model': 'gpt-4o-2024-08-06',
    'gen_ai.response.id': api.id,
    ...(api.finishReasons && { 'gen_ai.response.finish_reasons': api.finishReasons }),
    'gen_ai.usage.input_tokens': 1_000,
    'gen_ai.usage.output_tokens': 100,
    'gen_ai.usage.cache_read.input_tokens': 400,
    'gen_ai.usage.reasoning.output_tokens': 20,
    // 600 × $2.50 + 400 × $1.25 + 100 × $10 per million, by hand.
    'gen_ai.usage.cost': usd(0.003),
    'hotspan.cost.source': 'price_table',
    'hotspan.attempt.count': 1,
  };
}

describe.each([
  ['chat completions', completions],
  ['responses', responses],
])('openai’s %s', (_, api) => {
  it('come out unchanged, and are on the span', async () => {
    const { client } = await open([reply]);
    let given: unknown;
    const { sdk, result } = call(gpt, async ({ signal }) => {
      given = await api.whole(client, signal);
      return given;
    });
    expect(await result).toBe(given);
    expect(sdk.span(name).attributes).toMatchObject(answered(api));
    expect(sdk.span(name).attributes).not.toHaveProperty('hotspan.llm.time_to_first_token');
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, costUsd: usd(0.003), unpricedCalls: 0 },
      warnings: [],
    });
  });

  it.each(streamsOf(api))('%s is on the span when it ends', async (_kind, start) => {
    const { client } = await open([reply]);
    const { sdk, result } = call(gpt, ({ signal }) => start(client, signal));
    const iterator = (await result)[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(false);
    expect(sdk.spans()).toEqual([]);
    const { error } = await read({ [Symbol.asyncIterator]: () => iterator });
    expect(error).toBeUndefined();
    await settle();
    const { attributes } = sdk.span(name);
    expect(attributes).toMatchObject(answered(api));
    expect(attributes['hotspan.llm.time_to_first_token']).toBeGreaterThan(0);
    expect(outcomesOf(sdk)).toEqual(['success']);
    expect(failureOf(sdk.span(name))).toBeUndefined();
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, costUsd: usd(0.003), errors: 0 },
      warnings: [],
    });
  });

  it('a helper that nobody iterates is on the span, too', async () => {
    const { client } = await open([reply]);
    const { sdk, result } = call(gpt, ({ signal }) => api.helper(client, signal));
    await finalOf(await result);
    await settle();
    expect(sdk.span(name).attributes).toMatchObject(answered(api));
    expect(sdk.span(name).attributes['hotspan.llm.time_to_first_token']).toBeGreaterThan(0);
  });

  it('a tool call is content: its arguments come first', async () => {
    const { client } = await open([{ toolCall }]);
    const { sdk, result } = call(gpt, ({ signal }) => api.stream(client, signal));
    let toFirst: unknown;
    for await (const item of await result) {
      if (JSON.stringify(item).includes('"arguments":"{')) toFirst ??= sdk.spans().length;
    }
    const { attributes } = sdk.span(name);
    expect(toFirst).toBe(0);
    expect(attributes['hotspan.llm.time_to_first_token']).toBeGreaterThan(0);
    expect(attributes['gen_ai.response.finish_reasons']).toEqual(api.toolFinishReasons);
  });

  it.each(streamsOf(api))(
    '%s that is broken off ends without an error, and the server sees it',
    async (_kind, start) => {
      const { client, server } = await open([{ ...reply, hangAfter: 1 }]);
      const { sdk, result } = call(gpt, ({ signal }) => start(client, signal));
      await breakOff(await result);
      await expectGone(server);
      await settle();
      expect(outcomesOf(sdk)).toEqual(['success']);
      expect(failureOf(sdk.span(name))).toBeUndefined();
      expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 1, errors: 0 });
    },
  );

  it.each([
    ['whole', api.whole],
    ['as a stream', api.stream],
  ])('%s: comes back when the server says so', async (_kind, start) => {
    const headers = { 'retry-after-ms': '4' };
    const { client, server } = await open([{ fail: 429, headers }, reply]);
    const { sdk, result } = call<unknown>({ ...gpt, maxAttempts: 2 }, ({ signal }) =>
      start(client, signal),
    );
    const value = await result;
    if (start === api.stream) await read(value as AsyncIterable<unknown>);
    expect(server.requests).toHaveLength(2);
    expect(outcomesOf(sdk)).toEqual(['error', 'success']);
    expect(attemptsOf(sdk)[1]?.attributes['hotspan.attempt.backoff']).toBe(0.004);
    expect(sdk.span(name).attributes).toMatchObject({
      'gen_ai.usage.cost': usd(0.003),
      'hotspan.attempt.count': 2,
    });
    const { totals, bottlenecks } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, attempts: 2, retries: 1, errors: 0 });
    expect(totals.wastedSeconds).toBeGreaterThanOrEqual(0.004);
    expect(bottlenecks.map((row) => row.name)).toEqual([name]);
  });

  it('a server error is tried again; the last one comes out as it is', async () => {
    const { client, server } = await open([{ fail: 500 }]);
    const options = { ...gpt, maxAttempts: 2, backoffMillis: 0 };
    const errors: unknown[] = [];
    const { sdk, result } = call(options, async ({ signal }) => {
      try {
        return await api.whole(client, signal);
      } catch (error) {
        errors.push(error);
        throw error;
      }
    });
    const error = await errorOf(result);
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toBe(errors[1]);
    expect(server.requests).toHaveLength(2);
    expect(outcomesOf(sdk)).toEqual(['error', 'error']);
    expect(failureOf(sdk.span(name))).toBe('InternalServerError');
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, attempts: 2, errors: 1 },
      warnings: [],
    });
  });

  it('a stream that breaks gives the client’s error to its reader and to the spans', async () => {
    const { client } = await open([{ ...reply, breakAfter: 2 }]);
    const options = { ...gpt, maxAttempts: 2 };
    const { sdk, result } = call(options, ({ signal }) => api.stream(client, signal));
    const { items, error } = await read(await result);
    expect(items.length).toBeGreaterThan(2);
    expect(error).toMatchObject({ name: 'TypeError', message: 'terminated' });
    expect(outcomesOf(sdk)).toEqual(['error']);
    expect(failureOf(sdk.span(name))).toBe('TypeError');
    expect(failureOf(attemptsOf(sdk)[0]!)).toBe('TypeError');
    expect(sdk.span(name).attributes).toMatchObject({ 'gen_ai.response.id': api.id });
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 1, errors: 1 });
  });

  it('a helper whose stream breaks gives the client’s error to the spans', async () => {
    const { client } = await open([{ ...reply, breakAfter: 2 }]);
    const { sdk, result } = call(gpt, ({ signal }) => api.helper(client, signal));
    const error = await errorOf(finalOf(await result));
    expect(error).toBeInstanceOf(OpenAI.OpenAIError);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['error']);
    expect(sdk.span(name).status.message).toBe('code UND_ERR_SOCKET');
    expect(sdk.span(name).attributes['error.type']).toBe('OpenAIError');
  });

  it('an answer that never comes is tried again, and the server sees that', async () => {
    const { client, server } = await open([{ hang: true }, reply]);
    const options = { ...gpt, maxAttempts: 2, timeoutMillis: 150, backoffMillis: 0 };
    const { sdk, result } = call(options, ({ signal, attempt }) =>
      attempt === 1 ? api.whole(client, signal) : { usage: { prompt_tokens: 1 } },
    );
    await result;
    await expectGone(server);
    expect(outcomesOf(sdk)).toEqual(['timeout', 'success']);
    expect(failureOf(attemptsOf(sdk)[0]!)).toBe('timeout');
  });

  it.each(streamsOf(api))('%s that stops in its middle fails in time', async (_kind, start) => {
    const { client, server } = await open([{ ...reply, hangAfter: 1 }]);
    const options = { ...gpt, timeoutMillis: 150 };
    const { sdk, result } = call(options, ({ signal }) => start(client, signal));
    const { error } = await read(await result);
    expect(error).toBeInstanceOf(AttemptTimeoutError);
    await expectGone(server);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['timeout']);
    expect(failureOf(sdk.span(name))).toBe('timeout');
  });

  it('a helper that nobody iterates fails in time', async () => {
    const { client, server } = await open([{ ...reply, hangAfter: 1 }]);
    const options = { ...gpt, timeoutMillis: 150 };
    const { sdk, result } = call(options, ({ signal }) => api.helper(client, signal));
    expect(await errorOf(finalOf(await result))).toBeInstanceOf(AttemptTimeoutError);
    await expectGone(server);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['timeout']);
    expect(failureOf(sdk.span(name))).toBe('timeout');
  });

  it('the caller can take a call back that waits', async () => {
    const { client, server } = await open([{ hang: true }]);
    const controller = new AbortController();
    const options = { ...gpt, maxAttempts: 3, signal: controller.signal };
    const { sdk, result } = call(options, ({ signal }) => api.whole(client, signal));
    const error = errorOf(result);
    await expectRequests(server);
    controller.abort();
    expect(await error).toBe(controller.signal.reason);
    await expectGone(server);
    expect(outcomesOf(sdk)).toEqual(['aborted']);
    expect(failureOf(sdk.span(name))).toBe('AbortError');
  });

  it('a call that is taken back at the client itself is not tried again', async () => {
    const { client, server } = await open([{ hang: true }]);
    const own = new AbortController();
    const { sdk, result } = call({ ...gpt, maxAttempts: 3, backoffMillis: 0 }, () =>
      api.whole(client, own.signal),
    );
    const error = errorOf(result);
    await expectRequests(server);
    own.abort();
    expect(await error).toBeInstanceOf(APIUserAbortError);
    expect(outcomesOf(sdk)).toEqual(['error']);
  });

  it.each(streamsOf(api))('the caller can take %s back', async (_kind, start) => {
    const { client, server } = await open([{ ...reply, hangAfter: 1 }]);
    const controller = new AbortController();
    const options = { ...gpt, signal: controller.signal };
    const { sdk, result } = call(options, ({ signal }) => start(client, signal));
    const iterator = (await result)[Symbol.asyncIterator]();
    await iterator.next();
    const rest = read({ [Symbol.asyncIterator]: () => iterator });
    controller.abort();
    expect((await rest).error).toBe(controller.signal.reason);
    await expectGone(server);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['aborted']);
    expect(failureOf(sdk.span(name))).toBe('AbortError');
  });
});

it('what a client says of several attempts of its own is one attempt', async () => {
  const headers = { 'retry-after-ms': '1' };
  const { client } = await open([{ fail: 429, headers }, reply]);
  const { sdk, result } = call(gpt, ({ signal }) =>
    client.chat.completions.create(plainChat, { signal, maxRetries: 1 }),
  );
  await result;
  expect(sdk.span(name).attributes['hotspan.attempt.count']).toBe(1);
});

it.each([true, false])(
  'all requests of a helper with tools count; streamed: %s',
  async (stream) => {
    const { client, server } = await open([{ toolCall }, reply]);
    const run = {
      name: 'weather',
      description: 'Tells it',
      parameters: {},
      function: () => 'sunny',
    };
    const tools = [{ type: 'function' as const, function: run }];
    const { sdk, result } = call(gpt, ({ signal }): { finalContent(): Promise<unknown> } =>
      stream
        ? client.chat.completions.runTools({ ...chat, tools, stream }, { signal })
        : client.chat.completions.runTools({ ...plainChat, tools }, { signal }),
    );
    expect(await (await result).finalContent()).toBe('It is Paris');
    await settle();
    expect(server.requests).toHaveLength(2);
    // Twice 600 × $2.50 + 400 × $1.25 + 100 × $10 per million, by hand.
    expect(costsOf(sdk)).toEqual([{ name, usd: usd(0.006) }]);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, inputTokens: 2_000, outputTokens: 200 },
      warnings: [],
    });
  },
);

it('embeddings have input tokens and a cost', async () => {
  const { client } = await open([
    { answer: '', usage: { prompt_tokens: 5_000, total_tokens: 5_000 } },
  ]);
  const model = 'text-embedding-3-small';
  const { sdk, result } = call(
    { provider: 'openai', model, operation: 'embeddings' },
    ({ signal }) => client.embeddings.create({ model, input: ['Paris', 'France'] }, { signal }),
  );
  expect((await result).data.map((item) => item.embedding)).toEqual([embedding, embedding]);
  const { attributes } = sdk.span(`embeddings ${model}`);
  expect(attributes).toMatchObject({
    'gen_ai.usage.input_tokens': 5_000,
    'gen_ai.response.model': model,
    // 5,000 × $0.02 per million, by hand.
    'gen_ai.usage.cost': usd(0.0001),
  });
  expect(attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
});

it('a stream of chat completions without usage is unpriced, with a warning', async () => {
  const { client } = await open([reply]);
  const { sdk, result } = call(gpt, ({ signal }) =>
    client.chat.completions.create({ ...plainChat, stream: true }, { signal }),
  );
  await read(await result);
  expect(costsOf(sdk)).toEqual([]);
  expect(sdk.bottlenecks.summary()).toMatchObject({
    totals: { llmCalls: 1, unpricedCalls: 1 },
    warnings: ['an LLM response had no token usage'],
  });
});

it.each(['tee', 'toReadableStream'] as const)(
  'a stream is followed through %s()',
  async (method) => {
    const { client } = await open([reply]);
    const { sdk, result } = call(gpt, ({ signal }) =>
      client.chat.completions.create({ ...chat, stream: true }, { signal }),
    );
    const stream = await result;
    const parts: AsyncIterable<unknown>[] =
      method === 'tee' ? stream.tee() : [stream.toReadableStream() as ReadableStream<unknown>];
    await Promise.all(parts.map((part) => read(part)));
    expect(costsOf(sdk)).toEqual([{ name, usd: usd(0.003) }]);
  },
);
