import Anthropic, { APIUserAbortError } from '@anthropic-ai/sdk';
import { AttemptTimeoutError, type LlmCallOptions } from 'hotspan';
import { describe, expect, it } from 'vitest';
import { messagesUsage, startAnthropic } from '../support/llm-servers/anthropic.js';
import type { LlmServer, Reply, Script } from '../support/llm-servers/http.js';
import { startSdk } from '../support/sdk.js';
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

const sonnet: LlmCallOptions = { provider: 'anthropic', model: 'claude-sonnet-4-5' };
const name = 'chat claude-sonnet-4-5';
const message = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'What is the capital of France?' }],
};
const reply: Reply = { answer: 'It is Paris', model: 'claude-sonnet-4-5-20250929' };
const toolCall = { name: 'weather', arguments: { city: 'Paris, France' } };

const whole = (client: Anthropic, signal: AbortSignal) =>
  client.messages.create(message, { signal });
const stream = (client: Anthropic, signal: AbortSignal) =>
  client.messages.create({ ...message, stream: true }, { signal });
const helper = (client: Anthropic, signal: AbortSignal) =>
  client.messages.stream(message, { signal });

type Start = (
  client: Anthropic,
  signal: AbortSignal,
) => AsyncIterable<unknown> | PromiseLike<AsyncIterable<unknown>>;
const streams: [string, Start][] = [
  ['a stream', stream],
  ['a helper', helper],
];

/** What the span of a whole answer says. */
const answered = {
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.response.model': 'claude-sonnet-4-5-20250929',
  'gen_ai.response.id': 'msg_1',
  'gen_ai.response.finish_reasons': ['end_turn'],
  // Anthropic counts what was cached apart: 100 + 400 + 200.
  'gen_ai.usage.input_tokens': 700,
  'gen_ai.usage.output_tokens': 50,
  'gen_ai.usage.cache_read.input_tokens': 400,
  'gen_ai.usage.cache_write.input_tokens': 200,
  // 100 × $3 + 400 × $0.30 + 200 × $3.75 + 50 × $15 per million, by hand.
  'gen_ai.usage.cost': usd(0.00192),
  'hotspan.cost.source': 'price_table',
};

/** What is said of a stream that ended before its output was counted. */
const untold = { 'hotspan.cost.excludes': ['output'] };
const untoldWarnings = [
  '1 call: the cost leaves out output',
  'an LLM stream ended before it told its output tokens: they are unknown',
];

describe.each([
  ['with its own spans', true],
  ['without spans of its own', false],
])('@anthropic-ai/sdk %s', (_, traces) => {
  async function open(script: Script): Promise<{ client: Anthropic; server: LlmServer }> {
    const server = await serve(startAnthropic, script);
    const options = { baseURL: server.url, apiKey: 'none', maxRetries: 0 };
    return { server, client: new Anthropic({ ...options, openTelemetry: { traces } }) };
  }

  const costOnce = [{ name, usd: usd(0.00192) }];
  const totalsOnce = { llmCalls: 1, costUsd: usd(0.00192), inputTokens: 700, outputTokens: 50 };

  it('a message comes out unchanged, and is on the span', async () => {
    const { client } = await open([reply]);
    let given: unknown;
    const { sdk, result } = call(
      sonnet,
      async ({ signal }) => (given = await whole(client, signal)),
    );
    expect(await result).toBe(given);
    expect(sdk.span(name).attributes).toMatchObject(answered);
    expect(costsOf(sdk)).toEqual(costOnce);
    expect(sdk.bottlenecks.summary()).toMatchObject({ totals: totalsOnce, warnings: [] });
    expect(sdk.spans()).toHaveLength(traces ? 3 : 2);
  });

  it('what is cached for an hour costs more; what was thought is part of the output', async () => {
    const usage = {
      ...messagesUsage,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 200 },
      output_tokens_details: { thinking_tokens: 30 },
    };
    const { client } = await open([{ ...reply, usage }]);
    const { sdk, result } = call(sonnet, ({ signal }) => stream(client, signal));
    await read(await result);
    expect(sdk.span(name).attributes['gen_ai.usage.reasoning.output_tokens']).toBe(30);
    // 100 × $3 + 400 × $0.30 + 200 × $6 + 50 × $15 per million, by hand.
    expect(costsOf(sdk)).toEqual([{ name, usd: usd(0.00237) }]);
  });

  it.each(streams)('%s is on the span when it ends', async (_kind, start) => {
    const { client } = await open([reply]);
    const { sdk, result } = call(sonnet, ({ signal }) => start(client, signal));
    const iterator = (await result)[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(false);
    expect(sdk.spans()).toEqual([]);
    const { error } = await read({ [Symbol.asyncIterator]: () => iterator });
    expect(error).toBeUndefined();
    await settle();
    const { attributes } = sdk.span(name);
    expect(attributes).toMatchObject(answered);
    expect(attributes['hotspan.llm.time_to_first_token']).toBeGreaterThan(0);
    expect(outcomesOf(sdk)).toEqual(['success']);
    expect(failureOf(sdk.span(name))).toBeUndefined();
    expect(costsOf(sdk)).toEqual(costOnce);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { ...totalsOnce, errors: 0 },
      spans: { late: 0 },
      warnings: [],
    });
  });

  it('a helper that nobody iterates is on the span, too', async () => {
    const { client } = await open([reply]);
    const { sdk, result } = call(sonnet, ({ signal }) => helper(client, signal));
    const final = await (await result).finalMessage();
    expect(final.content).toMatchObject([{ text: 'It is Paris' }]);
    await settle();
    expect(sdk.span(name).attributes).toMatchObject(answered);
    expect(sdk.span(name).attributes['hotspan.llm.time_to_first_token']).toBeGreaterThan(0);
    expect(costsOf(sdk)).toEqual(costOnce);
  });

  it.each(streams)('the arguments of a tool call are content of %s', async (_kind, start) => {
    const { client } = await open([{ toolCall }]);
    const { sdk, result } = call(sonnet, ({ signal }) => start(client, signal));
    await read(await result);
    await settle();
    const { attributes } = sdk.span(name);
    expect(attributes['hotspan.llm.time_to_first_token']).toBeGreaterThan(0);
    expect(attributes['gen_ai.response.finish_reasons']).toEqual(['tool_use']);
  });

  it.each(streams)('%s that is broken off has no error, and what it told', async (_kind, start) => {
    const { client, server } = await open([{ ...reply, hangAfter: 1 }]);
    const { sdk, result } = call(sonnet, ({ signal }) => start(client, signal));
    await breakOff(await result);
    await expectGone(server);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['success']);
    expect(failureOf(sdk.span(name))).toBeUndefined();
    expect(sdk.span(name).attributes['gen_ai.usage.input_tokens']).toBe(700);
    expect(costsOf(sdk).map((cost) => cost.name)).toEqual([name]);
    expect(sdk.span(name).attributes).toMatchObject(untold);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, errors: 0, inputTokens: 700 },
      spans: { late: 0 },
      warnings: untoldWarnings,
    });
  });

  it.each([
    ['a message', whole],
    ['a stream', stream],
  ])('%s: comes back when the server says so', async (_kind, start) => {
    const headers = { 'retry-after-ms': '4' };
    const { client, server } = await open([{ fail: 429, headers }, reply]);
    const options = { ...sonnet, maxAttempts: 2 };
    const { sdk, result } = call<unknown>(options, ({ signal }) => start(client, signal));
    const value = await result;
    if (start === stream) await read(value as AsyncIterable<unknown>);
    expect(server.requests).toHaveLength(2);
    expect(outcomesOf(sdk)).toEqual(['error', 'success']);
    expect(attemptsOf(sdk)[1]?.attributes['hotspan.attempt.backoff']).toBe(0.004);
    const { totals, bottlenecks } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ ...totalsOnce, attempts: 2, retries: 1, errors: 0 });
    expect(totals.wastedSeconds).toBeGreaterThanOrEqual(0.004);
    expect(bottlenecks.map((row) => row.name)).toEqual([name]);
    expect(costsOf(sdk)).toEqual(costOnce);
  });

  it('a server that is overloaded is asked again; its last error comes out as it is', async () => {
    const { client, server } = await open([{ fail: 529 }]);
    const errors: unknown[] = [];
    const options = {
      ...sonnet,
      maxAttempts: 3,
      backoffMillis: 0,
      shouldRetry: (error: unknown) => errors.push(error) > 0,
    };
    const { sdk, result } = call(options, ({ signal }) => whole(client, signal));
    const error = await errorOf(result);
    expect(error).toMatchObject({ status: 529 });
    expect(errors).toHaveLength(2);
    expect(errors).not.toContain(error);
    expect(server.requests).toHaveLength(3);
    expect(outcomesOf(sdk)).toEqual(['error', 'error', 'error']);
    expect(failureOf(sdk.span(name))).toBe('OverloadedError');
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, attempts: 3, errors: 1, unpricedCalls: 0 },
      bottlenecks: [{ name }],
    });
  });

  it.each(streams)('%s that breaks keeps what it told', async (kind, start) => {
    const { client } = await open([{ ...reply, breakAfter: 2 }]);
    const { sdk, result } = call({ ...sonnet, maxAttempts: 2 }, ({ signal }) =>
      start(client, signal),
    );
    const { error } = await read(await result);
    expect(error).toMatchObject({ message: 'terminated' });
    await settle();
    expect(outcomesOf(sdk)).toEqual(['error']);
    const type = kind === 'a helper' ? 'AnthropicError' : 'TypeError';
    expect(failureOf(sdk.span(name))).toBe(type);
    expect(failureOf(attemptsOf(sdk)[0]!)).toBe(type);
    expect(sdk.span(name).attributes['gen_ai.response.id']).toBe('msg_1');
    // The first event tells the input; its one token of output stands for a count that comes later.
    expect(attemptsOf(sdk)[0]?.attributes).toMatchObject({
      ...untold,
      'gen_ai.usage.input_tokens': 700,
    });
    // 100 × $3 + 400 × $0.30 + 200 × $3.75 per million, by hand.
    const costUsd = usd(0.00117);
    expect(costsOf(sdk)).toEqual([{ name: `${name} attempt`, usd: costUsd }]);
    const { totals, models, warnings } = sdk.bottlenecks.summary();
    expect(warnings).toEqual(untoldWarnings);
    expect(totals).toMatchObject({ llmCalls: 1, errors: 1, inputTokens: 700, costUsd });
    expect(totals.wastedCostUsd).toEqual(costUsd);
    expect(models).toMatchObject([
      { model: 'claude-sonnet-4-5', calls: 1, inputTokens: 700, costUsd },
    ]);
  });

  it('an answer that never comes is tried again, and the server sees that', async () => {
    const { client, server } = await open([{ hang: true }]);
    const options = { ...sonnet, maxAttempts: 2, timeoutMillis: 150, backoffMillis: 0 };
    const { sdk, result } = call(options, ({ signal, attempt }) =>
      attempt === 1 ? whole(client, signal) : { usage: { input_tokens: 1 } },
    );
    await result;
    await expectGone(server);
    expect(outcomesOf(sdk)).toEqual(['timeout', 'success']);
    expect(failureOf(attemptsOf(sdk)[0]!)).toBe('timeout');
  });

  it.each(streams)('%s that stops in its middle fails in time', async (_kind, start) => {
    const { client, server } = await open([{ ...reply, hangAfter: 1 }]);
    const options = { ...sonnet, timeoutMillis: 150 };
    const { sdk, result } = call(options, ({ signal }) => start(client, signal));
    const { error } = await read(await result);
    expect(error).toBeInstanceOf(AttemptTimeoutError);
    await expectGone(server);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['timeout']);
    expect(failureOf(sdk.span(name))).toBe('timeout');
    expect(costsOf(sdk)).toHaveLength(1);
  });

  it('a helper that nobody iterates fails in time', async () => {
    const { client, server } = await open([{ ...reply, hangAfter: 1 }]);
    const options = { ...sonnet, timeoutMillis: 150 };
    const { sdk, result } = call(options, ({ signal }) => helper(client, signal));
    expect(await errorOf((await result).finalMessage())).toBeInstanceOf(AttemptTimeoutError);
    await expectGone(server);
    await settle();
    expect(outcomesOf(sdk)).toEqual(['timeout']);
  });

  it('the caller can take a call back that waits', async () => {
    const { client, server } = await open([{ hang: true }]);
    const controller = new AbortController();
    const options = { ...sonnet, maxAttempts: 3, signal: controller.signal };
    const { sdk, result } = call(options, ({ signal }) => whole(client, signal));
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
    const { sdk, result } = call({ ...sonnet, maxAttempts: 3, backoffMillis: 0 }, () =>
      whole(client, own.signal),
    );
    const error = errorOf(result);
    await expectRequests(server);
    own.abort();
    expect(await error).toBeInstanceOf(APIUserAbortError);
    expect(outcomesOf(sdk)).toEqual(['error']);
  });

  it.each(streams)('the caller can take %s back', async (_kind, start) => {
    const { client, server } = await open([{ ...reply, hangAfter: 1 }]);
    const controller = new AbortController();
    const options = { ...sonnet, signal: controller.signal };
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
    expect(costsOf(sdk)).toHaveLength(1);
  });
});

describe('the own spans of @anthropic-ai/sdk outside llmCall', () => {
  const own = 'anthropic.messages.create';

  async function open(): Promise<Anthropic> {
    const server = await serve(startAnthropic, [reply]);
    return new Anthropic({ baseURL: server.url, apiKey: 'none', maxRetries: 0 });
  }

  it.each([
    ['a message', (client: Anthropic) => client.messages.create(message)],
    [
      'a stream',
      async (client: Anthropic) => read(await client.messages.create({ ...message, stream: true })),
    ],
    ['a helper', (client: Anthropic) => client.messages.stream(message).finalMessage()],
  ])('get a cost: %s', async (_, ask) => {
    const sdk = startSdk();
    await ask(await open());
    expect(sdk.span(own).attributes['hotspan.cost.source']).toBe('price_table');
    expect(costsOf(sdk)).toEqual([{ name: own, usd: usd(0.00192) }]);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, costUsd: usd(0.00192), inputTokens: 700, outputTokens: 50 },
      warnings: [],
    });
  });

  it('count for themselves inside a call of another model', async () => {
    const client = await open();
    const usage = { prompt_tokens: 1_000, completion_tokens: 100 };
    const { sdk, result } = call({ provider: 'openai', model: 'gpt-4o' }, async ({ signal }) => {
      await whole(client, signal);
      return { usage };
    });
    await result;
    // 1,000 × $2.50 + 100 × $10 per million, by hand.
    expect(costsOf(sdk)).toEqual([
      { name: own, usd: usd(0.00192) },
      { name: 'chat gpt-4o', usd: usd(0.0035) },
    ]);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      llmCalls: 2,
      inputTokens: 1_700,
      costUsd: usd(0.00542),
    });
  });

  it('are no calls of a model when they only count tokens', async () => {
    const sdk = startSdk();
    const fetch = () => Promise.resolve(Response.json({ input_tokens: 12 }));
    const client = new Anthropic({ apiKey: 'none', fetch });
    const { model, messages } = message;
    await client.messages.countTokens({ model, messages });
    expect(sdk.spans()).toHaveLength(1);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 0, unpricedCalls: 0 });
  });

  it('are where the usage comes from when the callback returns the text alone', async () => {
    const client = await open();
    const { sdk, result } = call(sonnet, async ({ signal }) => {
      const { content } = await whole(client, signal);
      return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    });
    expect(await result).toBe('It is Paris');
    expect(sdk.span(name).attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 700,
      'gen_ai.usage.cache_write.input_tokens': 200,
      'gen_ai.usage.cost': usd(0.00192),
    });
    expect(costsOf(sdk)).toHaveLength(1);
    expect(sdk.bottlenecks.summary()).toMatchObject({
      totals: { llmCalls: 1, inputTokens: 700, costUsd: usd(0.00192) },
      warnings: [],
    });
  });
});
