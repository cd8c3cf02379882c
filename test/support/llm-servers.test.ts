import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { embed, generateText, streamText, type LanguageModel } from 'ai';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { messagesUsage, startAnthropic } from './llm-servers/anthropic.js';
import type { LlmServer, Script } from './llm-servers/http.js';
import { responsesUsage } from './llm-servers/openai-responses.js';
import { chatUsage, embedding, embeddingsUsage, startOpenAi } from './llm-servers/openai.js';

let server: LlmServer;
afterEach(() => server.close());

async function openAi(script?: Script): Promise<OpenAI> {
  server = await startOpenAi(script);
  return new OpenAI({ baseURL: server.url, apiKey: 'none', maxRetries: 0 });
}

async function anthropic(script?: Script): Promise<Anthropic> {
  server = await startAnthropic(script);
  return new Anthropic({ baseURL: server.url, apiKey: 'none', maxRetries: 0 });
}

/** Every way in which the AI SDK speaks to one of the servers. */
const models: Record<string, (script?: Script) => Promise<LanguageModel>> = {
  'chat completions': async (script) => {
    server = await startOpenAi(script);
    return createOpenAI({ baseURL: server.url, apiKey: 'none' }).chat('gpt-4o');
  },
  responses: async (script) => {
    server = await startOpenAi(script);
    return createOpenAI({ baseURL: server.url, apiKey: 'none' }).responses('gpt-4o');
  },
  messages: async (script) => {
    server = await startAnthropic(script);
    return createAnthropic({ baseURL: `${server.url}/v1`, apiKey: 'none' })('claude-opus-5');
  },
};

const prompt = [{ role: 'user' as const, content: 'What is the capital of France?' }];
const chat = { model: 'gpt-4o', messages: prompt };
const response = { model: 'gpt-4o', input: 'What is the capital of France?' };
const message = { model: 'claude-opus-5', max_tokens: 100, messages: prompt };
const answer = 'It is Paris';
const toolCall = { name: 'weather', arguments: { city: 'Paris, France' } };

/** What a stream gave, and what it threw at the end. */
async function drain<T>(stream: AsyncIterable<T>): Promise<{ parts: T[]; error: unknown }> {
  const parts: T[] = [];
  try {
    for await (const part of stream) parts.push(part);
    return { parts, error: undefined };
  } catch (error) {
    return { parts, error };
  }
}

/** Makes a request, takes back what it asked for, and waits until the server knows. */
async function abort(request: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const outcome = request(controller.signal).catch((error: unknown) => error);
  await expect.poll(() => server.requests.length, { interval: 1 }).toBe(1);
  expect(server.gone).toBe(0);
  controller.abort();
  expect(await outcome).toBeInstanceOf(Error);
  await expect.poll(() => server.gone, { interval: 1 }).toBe(1);
}

describe('the OpenAI client', () => {
  it('gets chat completions, by the script', async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const client = await openAi([{ answer, usage, model: 'gpt-4o-2024-08-06' }, { toolCall }]);
    const first = await client.chat.completions.create(chat);
    expect(first.choices[0]?.message.content).toBe(answer);
    expect(first).toMatchObject({ usage, model: 'gpt-4o-2024-08-06' });
    // The last behaviour is for the third request, too.
    for (let request = 2; request <= 3; request += 1) {
      const { choices } = await client.chat.completions.create(chat);
      const call = { name: 'weather', arguments: '{"city":"Paris, France"}' };
      expect(choices[0]?.message.tool_calls).toMatchObject([{ function: call }]);
    }
    expect(server.requests).toHaveLength(3);
    expect(server.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer none' },
      body: chat,
    });
  });

  it('streams chat completions, with usage if it asks for that', async () => {
    const client = await openAi([{ answer }]);
    const plain = await drain(await client.chat.completions.create({ ...chat, stream: true }));
    const deltas = plain.parts.map(({ choices }) => choices[0]?.delta.content);
    expect(deltas).toEqual(['', 'It', ' is', ' Paris', undefined]);
    expect(plain.parts.every((chunk) => chunk.usage === undefined)).toBe(true);

    const options = { stream: true, stream_options: { include_usage: true } } as const;
    const counted = await drain(await client.chat.completions.create({ ...chat, ...options }));
    expect(counted.parts.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(counted.parts.at(-1)).toMatchObject({ choices: [], usage: chatUsage });
    expect(server.gone).toBe(0);
  });

  it('gets responses, streamed or not', async () => {
    const client = await openAi([{ answer }]);
    const whole = await client.responses.create(response);
    expect(whole).toMatchObject({ output_text: answer, usage: responsesUsage });
    const stream = client.responses.stream(response);
    const { parts } = await drain(stream);
    expect(parts.slice(0, 5).map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
    ]);
    expect(parts.at(-1)?.type).toBe('response.completed');
    const final = await stream.finalResponse();
    expect(final).toMatchObject({ output_text: answer, usage: responsesUsage });
  });

  it('puts streamed tool calls together', async () => {
    const client = await openAi([{ toolCall }]);
    const call = { name: 'weather', arguments: '{"city":"Paris, France"}' };
    const { choices } = await client.chat.completions.stream(chat).finalChatCompletion();
    expect(choices[0]?.message.tool_calls).toMatchObject([{ function: call }]);
    const { output } = await client.responses.stream(response).finalResponse();
    expect(output).toMatchObject([{ type: 'function_call', ...call }]);
  });

  it('gets embeddings, one for each text', async () => {
    const client = await openAi();
    const input = { model: 'text-embedding-3-small', input: ['Paris', 'France'] };
    for (const format of [{}, { encoding_format: 'float' as const }]) {
      const { data, usage } = await client.embeddings.create({ ...input, ...format });
      expect(data.map((item) => item.embedding)).toEqual([embedding, embedding]);
      expect(usage).toEqual(embeddingsUsage);
    }
  });

  it('sees refusals, and comes back when it is told to', async () => {
    const headers = { 'retry-after-ms': '1' };
    const client = await openAi([{ fail: 500 }, { fail: 429, headers }, { answer }]);
    const create = client.chat.completions.create(chat);
    await expect(create).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    const { choices } = await client.chat.completions.create(chat, { maxRetries: 1 });
    expect(choices[0]?.message.content).toBe(answer);
    expect(server.requests).toHaveLength(3);
  });

  it('throws when an answer breaks off, after the chunks that came', async () => {
    const client = await openAi([{ answer, breakAfter: 2 }]);
    await expect(client.chat.completions.create(chat)).rejects.toThrow('terminated');
    await expect(client.embeddings.create(response)).rejects.toThrow('terminated');
    const chunks = await drain(await client.chat.completions.create({ ...chat, stream: true }));
    expect(chunks.parts.map(({ choices }) => choices[0]?.delta.content)).toEqual(['', 'It', ' is']);
    expect(chunks.error).toMatchObject({ name: 'TypeError', message: 'terminated' });
    const events = await drain(await client.responses.create({ ...response, stream: true }));
    expect(events.parts.filter(({ type }) => type.endsWith('.delta'))).toHaveLength(2);
    expect(events.error).toMatchObject({ message: 'terminated' });
    expect(server.gone).toBe(0);
  });

  it('is missed when it gives up, before the answer or within it', async () => {
    const client = await openAi([{ hang: true }, { answer, hangAfter: 1 }]);
    await abort((signal) => client.chat.completions.create(chat, { signal }));
    const stream = await client.chat.completions.create({ ...chat, stream: true });
    for await (const { choices } of stream) {
      if (choices[0]?.delta.content === 'It') break;
    }
    await expect.poll(() => server.gone, { interval: 1 }).toBe(2);
  });
});

describe('the Anthropic client', () => {
  it('gets messages', async () => {
    const client = await anthropic([{ answer }, { toolCall }]);
    expect(await client.messages.create(message)).toMatchObject({
      content: [{ type: 'text', text: answer }],
      stop_reason: 'end_turn',
      usage: messagesUsage,
    });
    const { name, arguments: input } = toolCall;
    const called = await client.messages.create(message);
    expect(called.content).toMatchObject([{ type: 'tool_use', name, input }]);
    const streamed = await client.messages.stream(message).finalMessage();
    expect(streamed.content).toMatchObject([{ type: 'tool_use', name, input }]);
    expect(server.requests[0]).toMatchObject({ path: '/v1/messages', body: message });
  });

  it('streams messages, whose first events are empty', async () => {
    const client = await anthropic([{ answer }]);
    const { parts } = await drain(await client.messages.create({ ...message, stream: true }));
    // The client keeps pings to itself.
    expect(parts.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      ...Array.from({ length: 3 }, () => 'content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const final = await client.messages.stream(message).finalMessage();
    expect(final).toMatchObject({ content: [{ text: answer }], usage: messagesUsage });
    expect(server.gone).toBe(0);
  });

  it('sees refusals, and comes back when it is told to', async () => {
    const headers = { 'retry-after-ms': '1' };
    const client = await anthropic([{ fail: 529 }, { fail: 429, headers }, { answer }]);
    const refusal = { status: 529, type: 'overloaded_error' };
    await expect(client.messages.create(message)).rejects.toMatchObject(refusal);
    const { content } = await client.messages.create(message, { maxRetries: 1 });
    expect(content).toMatchObject([{ text: answer }]);
    expect(server.requests).toHaveLength(3);
  });

  it('throws when an answer breaks off', async () => {
    const client = await anthropic([{ answer, breakAfter: 1 }]);
    await expect(client.messages.create(message)).rejects.toThrow('terminated');
    const broken = await drain(await client.messages.create({ ...message, stream: true }));
    expect(broken.parts.at(-1)).toMatchObject({ delta: { text: 'It' } });
    expect(broken.error).toMatchObject({ name: 'TypeError', message: 'terminated' });
  });

  it('is missed when it gives up, before the answer or within it', async () => {
    const client = await anthropic([{ hang: true }, { answer, hangAfter: 1 }]);
    await abort((signal) => client.messages.create(message, { signal }));
    const stream = await client.messages.create({ ...message, stream: true });
    // An aborted stream just ends.
    for await (const { type } of stream) {
      if (type === 'content_block_delta') stream.controller.abort();
    }
    await expect.poll(() => server.gone, { interval: 1 }).toBe(2);
  });
});

describe.each(Object.entries(models))('the AI SDK with %s', (_, start) => {
  const question = { prompt: 'What is the capital of France?', maxRetries: 0 };

  it('generates and streams text', async () => {
    const model = await start([{ answer }]);
    const { text, usage } = await generateText({ ...question, model });
    expect(text).toBe(answer);
    expect(usage.inputTokenDetails.cacheReadTokens).toBe(400);
    const result = streamText({ ...question, model });
    expect((await drain(result.textStream)).parts).toEqual(['It', ' is', ' Paris']);
    expect(await result.totalUsage).toEqual(usage);
  });

  it('sees refusals, broken streams and its own aborts', async () => {
    const model = await start([{ fail: 429 }, { answer, breakAfter: 2 }, { answer, hangAfter: 1 }]);
    await expect(generateText({ ...question, model })).rejects.toMatchObject({ statusCode: 429 });
    const broken = await drain(streamText({ ...question, model }).textStream);
    expect(broken).toMatchObject({ parts: ['It', ' is'], error: { isRetryable: true } });
    const controller = new AbortController();
    const types: string[] = [];
    const { fullStream } = streamText({ ...question, model, abortSignal: controller.signal });
    for await (const { type } of fullStream) {
      types.push(type);
      if (type === 'text-delta') controller.abort();
    }
    expect(types.at(-1)).toBe('abort');
    await expect.poll(() => server.gone, { interval: 1 }).toBe(1);
  });
});

it('the AI SDK embeds', async () => {
  server = await startOpenAi();
  const provider = createOpenAI({ baseURL: server.url, apiKey: 'none' });
  const result = await embed({ model: provider.embedding('text-embedding-3-small'), value: 'x' });
  expect(result).toMatchObject({ embedding, usage: { tokens: 8 } });
});
