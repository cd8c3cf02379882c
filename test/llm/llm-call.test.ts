import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { llmCall, retry, segment, type LlmCallOptions } from 'hotspan';
import { describe, expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

const gpt: LlmCallOptions = { provider: 'openai', model: 'gpt-4o' };

const completion = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-2024-08-06',
  choices: [{ finish_reason: 'stop', message: { content: 'a secret answer' } }],
  usage: {
    prompt_tokens: 1_000,
    completion_tokens: 100,
    prompt_tokens_details: { cached_tokens: 400 },
    completion_tokens_details: { reasoning_tokens: 20 },
  },
};

describe('llmCall', () => {
  it('writes the GenAI attributes of an OpenAI-shaped response, and its cost', async () => {
    const sdk = startSdk();
    const options = { ...gpt, attributes: { 'app.step': 'plan' } };
    expect(await llmCall(options, () => completion)).toBe(completion);
    const span = sdk.span('chat gpt-4o');
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.attributes).toEqual({
      'app.step': 'plan',
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.output_tokens': 100,
      'gen_ai.usage.cache_read.input_tokens': 400,
      'gen_ai.usage.reasoning.output_tokens': 20,
      // 600 × $2.50 + 400 × $1.25 + 100 × $10 per million, by hand.
      'gen_ai.usage.cost': expect.closeTo(0.003, 12) as number,
      'hotspan.cost.source': 'price_table',
      'hotspan.attempt.count': 1,
      'hotspan.attempt.max': 1,
    });
  });

  it('adds the cached tokens of an Anthropic-shaped response to its input', async () => {
    const sdk = startSdk();
    const message = {
      id: 'msg_1',
      type: 'message',
      model: 'claude-sonnet-4-5-20250929',
      stop_reason: 'end_turn',
      usage: {
        input_tokens: 100,
        output_tokens: 50,
        cache_read_input_tokens: 400,
        cache_creation_input_tokens: 200,
      },
    };
    await llmCall({ provider: 'anthropic', model: 'claude-sonnet-4-5' }, () => message);
    expect(sdk.span('chat claude-sonnet-4-5').attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 700,
      'gen_ai.usage.cache_read.input_tokens': 400,
      'gen_ai.usage.cache_write.input_tokens': 200,
      'gen_ai.response.finish_reasons': ['end_turn'],
      // 100 × $3 + 400 × $0.30 + 200 × $3.75 + 50 × $15 per million, by hand.
      'gen_ai.usage.cost': expect.closeTo(0.00192, 12) as number,
    });
  });

  it('names other operations, and prices embeddings', async () => {
    const sdk = startSdk();
    const options = {
      provider: 'openai',
      model: 'text-embedding-3-small',
      operation: 'embeddings',
    };
    await llmCall(options, () => ({
      data: [],
      usage: { prompt_tokens: 1_000_000, total_tokens: 1_000_000 },
    }));
    const { attributes } = sdk.span('embeddings text-embedding-3-small');
    expect(attributes['gen_ai.usage.cost']).toBeCloseTo(0.02, 12);
  });

  it('takes the provider’s own figure for the cost before the table', async () => {
    const sdk = startSdk();
    const usage = { prompt_tokens: 10, completion_tokens: 2, cost: 0.125 };
    await llmCall(gpt, () => ({ usage }));
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject({
      'gen_ai.usage.cost': 0.125,
      'hotspan.cost.source': 'provider',
    });
  });

  it.each([
    ['model', { provider: 'openai', model: 'nobody-knows-me' }],
    ['provider', { provider: 'my-own-server', model: 'gpt-4o' }],
  ])('gives no cost for an unknown %s, and counts the call as unpriced', async (_, options) => {
    const sdk = startSdk();
    await llmCall(options, () => ({ usage: completion.usage }));
    expect(sdk.span(`chat ${options.model}`).attributes).not.toHaveProperty('gen_ai.usage.cost');
    const { totals } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, unpricedCalls: 1, inputTokens: 1_000 });
    expect(totals).not.toHaveProperty('costUsd');
  });

  it('records neither prompt nor completion', async () => {
    const sdk = startSdk();
    await llmCall(gpt, () => completion);
    const everything = sdk.spans().map(({ attributes, events }) => ({ attributes, events }));
    expect(JSON.stringify(everything)).not.toContain('secret');
  });

  it('retries when asked to, and counts usage once, on the call', async () => {
    const sdk = startSdk();
    const options = { ...gpt, maxAttempts: 3, backoffMillis: 0 };
    await llmCall(options, ({ attempt, signal }) => {
      expect(signal).toBeInstanceOf(AbortSignal);
      if (attempt === 1) throw Object.assign(new Error('rate'), { status: 429 });
      return completion;
    });
    const { totals, bottlenecks } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, attempts: 2, retries: 1, inputTokens: 1_000 });
    expect(bottlenecks.map(({ name }) => name)).toEqual(['chat gpt-4o']);
    expect(sdk.span('chat gpt-4o').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('makes one attempt by default, and lets its error out as the same object', async () => {
    const sdk = startSdk();
    const error = Object.assign(new Error('rate'), { status: 429 });
    await expect(llmCall(gpt, () => Promise.reject(error))).rejects.toBe(error);
    expect(sdk.span('chat gpt-4o').attributes['hotspan.attempt.count']).toBe(1);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ unpricedCalls: 0, errors: 1 });
  });

  it('records status, code and type of an error, and not its message, also around the call', async () => {
    const sdk = startSdk();
    const error = Object.assign(new Error('400 Invalid request: PROMPT'), {
      status: 400,
      error: { code: 'invalid_prompt', type: 'invalid_request_error', message: 'PROMPT' },
    });
    const around = segment('answer', () =>
      segment('wrapped', async () => {
        await llmCall(gpt, () => Promise.reject(error)).catch((cause: unknown) => {
          expect(cause).toBe(error);
          throw new Error(`no answer: ${error.message}`, { cause });
        });
      }),
    );
    await expect(around).rejects.toThrow('no answer: 400 Invalid request: PROMPT');
    await expect(retry('again', { maxAttempts: 1 }, () => Promise.reject(error))).rejects.toBe(
      error,
    );
    const kind = 'status 400, code invalid_prompt, type invalid_request_error';
    expect(Object.fromEntries(sdk.spans().map((span) => [span.name, span.status.message]))).toEqual(
      {
        'chat gpt-4o attempt': kind,
        'chat gpt-4o': kind,
        wrapped: `no answer: ${kind}`,
        answer: `no answer: ${kind}`,
        'again attempt': kind,
        again: kind,
      },
    );
    expect(JSON.stringify(sdk.spans().map(({ events }) => events))).not.toContain('PROMPT');
    expect(sdk.span('chat gpt-4o').events[0]?.attributes?.['exception.stacktrace']).toMatch(
      /^Error: status 400.*\n {4}at .*llm-call\.test/,
    );
  });

  it.each([
    ['a text', 'PROMPT', ''],
    [
      'of the network',
      new TypeError('PROMPT', { cause: { code: 'ECONNREFUSED' } }),
      'code ECONNREFUSED',
    ],
    [
      'of the AI SDK',
      { statusCode: 429, data: { error: { type: 'rate_limit' } } },
      'status 429, type rate_limit',
    ],
    [
      'with words as its code',
      Object.assign(new Error('PROMPT'), { code: 'PROMPT of the user' }),
      '',
    ],
  ])('says no more of an error %s', async (_, error, kind) => {
    const sdk = startSdk();
    await expect(llmCall(gpt, () => Promise.reject(error as Error))).rejects.toBe(error);
    expect(sdk.span('chat gpt-4o').status.message).toBe(kind);
    const events = sdk.spans().flatMap((span) => span.events.map((event) => event.attributes));
    expect(JSON.stringify(events.map((it) => it?.['exception.message']))).not.toContain('PROMPT');
  });

  it('records the message with the messages, redacted as they are', async () => {
    const sdk = startSdk();
    const fail = () => Promise.reject(new Error('the prompt of ada@example.com is too long'));
    const redact = (text: string) => text.replace(/\S+@\S+/, '[address]');
    await llmCall({ ...gpt, recordMessages: { redact } }, fail).catch(() => undefined);
    await llmCall({ ...gpt, model: 'b', recordMessages: true }, fail).catch(() => undefined);
    expect(sdk.span('chat gpt-4o').status.message).toBe('the prompt of [address] is too long');
    expect(sdk.span('chat b').status.message).toBe('the prompt of ada@example.com is too long');
  });

  it('keeps the messages of its own errors', async () => {
    const sdk = startSdk();
    const hang = () => new Promise(() => undefined);
    await llmCall({ ...gpt, timeoutMillis: 1 }, hang).catch(() => undefined);
    expect(sdk.span('chat gpt-4o').status.message).toBe(
      'chat gpt-4o: attempt 1 took longer than 1 ms',
    );
  });

  it('puts what a failed attempt was billed on that attempt, and into the waste', async () => {
    const sdk = startSdk();
    const billed = Object.assign(new Error('the answer is not JSON'), {
      usage: { prompt_tokens: 1_000, completion_tokens: 0 },
    });
    await llmCall({ ...gpt, maxAttempts: 2, backoffMillis: 0 }, ({ attempt }) => {
      if (attempt === 1) throw billed;
      return completion;
    });
    const attempt = sdk.spans().find((span) => span.attributes['hotspan.attempt.number'] === 1);
    expect(attempt?.attributes['gen_ai.usage.cost']).toBeCloseTo(0.0025, 12);
    const { totals } = sdk.bottlenecks.summary();
    expect(totals.wastedCostUsd).toBeCloseTo(0.0025, 12);
    expect(totals.costUsd).toBeCloseTo(0.0055, 12);
  });

  it('works without an SDK', async () => {
    expect(await llmCall(gpt, () => completion)).toBe(completion);
  });
});

describe('what comes from outside and cannot be used', () => {
  async function warningsFor(response: unknown) {
    const sdk = startSdk();
    expect(await llmCall(gpt, () => response)).toBe(response);
    const { attributes } = sdk.span('chat gpt-4o');
    const { warnings } = sdk.bottlenecks.summary();
    return { attributes, warnings };
  }

  it('drops more cached than input tokens, keeps the rest, and counts a warning', async () => {
    const { attributes, warnings } = await warningsFor({
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 11 },
      },
    });
    expect(attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 5,
    });
    expect(attributes).not.toHaveProperty('gen_ai.usage.cache_read.input_tokens');
    expect(attributes).not.toHaveProperty('gen_ai.usage.cost');
    expect(attributes['hotspan.cost.excludes']).toEqual(['cache_read']);
    expect(warnings).toEqual([
      'an LLM response reported more cached than input tokens; the former were left out',
    ]);
  });

  it('drops a NaN, gives no cost from half a usage, and keeps the rest', async () => {
    const { attributes, warnings } = await warningsFor({
      usage: { prompt_tokens: Number.NaN, completion_tokens: 5 },
    });
    expect(attributes).toMatchObject({ 'gen_ai.usage.output_tokens': 5 });
    expect(attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
    expect(attributes).not.toHaveProperty('gen_ai.usage.cost');
    expect(warnings).toEqual([
      'usage.prompt_tokens of an LLM response was not a number of at least 0 and was left out',
    ]);
  });

  it.each([
    ['nothing', undefined, 'an LLM response had no token usage'],
    ['null', null, 'an LLM response had no token usage'],
    ['text', 'an answer', 'an LLM response had no token usage'],
    [
      'an unknown shape',
      { usage: { words: 3 } },
      'an LLM response had token usage of an unknown shape',
    ],
    [
      'getters that throw',
      {
        get usage() {
          throw new Error('no');
        },
      },
      'usage of an LLM response could not be read',
    ],
  ])('gives %s back unchanged, with a warning', async (_, response, warning) => {
    const { attributes, warnings } = await warningsFor(response);
    expect(warnings).toEqual([warning]);
    expect(attributes).not.toHaveProperty('gen_ai.usage.cost');
  });

  it('counts equal warnings instead of listing them', async () => {
    const sdk = startSdk();
    for (let call = 0; call < 3; call += 1) await llmCall(gpt, () => 'text');
    expect(sdk.bottlenecks.summary().warnings).toEqual([
      'an LLM response had no token usage (3 times)',
    ]);
  });
});

describe('wrong use of llmCall', () => {
  const wrong = llmCall as unknown as (...args: unknown[]) => unknown;
  const fn = () => 1;

  it.each([
    [[], 'llmCall: expected `provider` to be a non-empty string, got undefined'],
    [[null], 'llmCall: expected the options to be an object, got null'],
    [
      [{ model: 'gpt-4o' }, fn],
      'llmCall: expected `provider` to be a non-empty string, got undefined',
    ],
    [[{ ...gpt, model: 4 }, fn], 'llmCall: expected `model` to be a non-empty string, got 4'],
    [
      [{ ...gpt, operation: '' }, fn],
      'llmCall: expected `operation` to be a non-empty string, got ""',
    ],
    [[{ ...gpt, signal: {} }, fn], 'llmCall: expected `signal` to be an AbortSignal'],
    [[gpt], 'llmCall: expected `fn` to be a function, got undefined'],
    [
      [{ ...gpt, timeoutMillis: -1 }, fn],
      'llmCall: expected `timeoutMillis` to be a positive number, got -1',
    ],
    [[{ ...gpt, temperature: 1 }, fn], 'llmCall: unknown option "temperature"'],
  ])('is told at the call: %j', (args, message) => {
    expect(() => wrong(...args)).toThrow(message);
  });
});
