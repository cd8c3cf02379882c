import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, streamText, tool, type LanguageModel, type ToolSet } from 'ai';
import type { AttemptContext } from 'hotspan';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { startAnthropic } from '../support/llm-servers/anthropic.js';
import type { LlmServer, Script } from '../support/llm-servers/http.js';
import { startOpenAi } from '../support/llm-servers/openai.js';
import { call, prepareTests, read, serve, settle } from './support.js';

prepareTests();

const question = 'What is the capital of France?';
const messages = [{ role: 'user' as const, content: question }];
const gpt = { model: 'gpt-4o', messages };
const response = { model: 'gpt-4o', input: question };
const sonnet = { model: 'claude-sonnet-4-5', max_tokens: 100, messages };

/** A way to ask, with the real client, and the request as it is told to hotspan. */
interface Way {
  readonly start: (script?: Script) => Promise<LlmServer>;
  readonly input: unknown;
  readonly ask: (url: string, context: AttemptContext) => unknown;
}

const openAi = (baseURL: string) => new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const anthropic = (baseURL: string) =>
  new Anthropic({ baseURL, apiKey: 'none', maxRetries: 0, openTelemetry: { traces: false } });
const weather = tool({
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
  }),
});
const aiSdk = (baseURL: string) => ({
  model: createOpenAI({ baseURL, apiKey: 'none' }).chat('gpt-4o') satisfies LanguageModel,
  prompt: question,
  tools: { weather } as unknown as ToolSet,
  maxRetries: 0,
});

const ofOpenAi = (input: unknown, ask: Way['ask']): Way => ({ start: startOpenAi, input, ask });
const ofAnthropic = (ask: Way['ask']): Way => ({ start: startAnthropic, input: sonnet, ask });
const stream = true as const;

const ways: [string, Way][] = [
  ['openai’s chat', ofOpenAi(gpt, (url) => openAi(url).chat.completions.create(gpt))],
  [
    'a stream of openai’s chat',
    ofOpenAi(gpt, (url) => openAi(url).chat.completions.create({ ...gpt, stream })),
  ],
  [
    'a helper of openai’s chat',
    ofOpenAi(gpt, (url, { signal }) => openAi(url).chat.completions.stream(gpt, { signal })),
  ],
  ['openai’s responses', ofOpenAi(response, (url) => openAi(url).responses.create(response))],
  [
    'a stream of openai’s responses',
    ofOpenAi(response, (url) => openAi(url).responses.create({ ...response, stream })),
  ],
  ['anthropic', ofAnthropic((url) => anthropic(url).messages.create(sonnet))],
  [
    'a stream of anthropic',
    ofAnthropic((url) => anthropic(url).messages.create({ ...sonnet, stream })),
  ],
  ['a helper of anthropic', ofAnthropic((url) => anthropic(url).messages.stream(sonnet))],
  ['the AI SDK', ofOpenAi({ prompt: question }, (url) => generateText(aiSdk(url)))],
  [
    'a stream of the AI SDK',
    ofOpenAi({ prompt: question }, (url) => streamText(aiSdk(url)).fullStream),
  ],
];

describe.each(ways)('the messages of %s', (_, { start, input, ask }) => {
  async function recorded(script: Script) {
    const server = await serve(start, script);
    const options = { provider: 'any', model: 'some', input, recordMessages: true };
    const { sdk, result } = call(options, (context) => ask(server.url, context));
    const value = await result;
    if (value !== null && typeof value === 'object' && Symbol.asyncIterator in value) {
      await read(value as AsyncIterable<unknown>);
    }
    await settle();
    const { attributes } = sdk.span('chat some');
    const parse = (name: string) => JSON.parse(String(attributes[name])) as unknown;
    return [parse('gen_ai.input.messages'), parse('gen_ai.output.messages')];
  }

  const asked = [{ role: 'user', parts: [{ type: 'text', content: question }] }];

  it('are the question and the answer', async () => {
    const [input, output] = await recorded([{ answer: 'It is Paris' }]);
    expect(input).toEqual(asked);
    expect(output).toEqual([
      expect.objectContaining({
        role: 'assistant',
        parts: [{ type: 'text', content: 'It is Paris' }],
      }),
    ]);
  });

  it('have the tool that is to be called, with its arguments', async () => {
    const toolCall = { name: 'weather', arguments: { city: 'Paris, France' } };
    const [, output] = await recorded([{ toolCall }]);
    const [{ parts }] = output as [{ parts: Record<string, string>[] }];
    const [part = {}, ...others] = parts.filter(({ type }) => type !== 'text');
    expect(others).toEqual([]);
    expect(part).toMatchObject({ type: 'tool_call', name: 'weather' });
    expect(part.id).toMatch(/./);
    expect(JSON.parse(part.arguments ?? '')).toEqual(toolCall.arguments);
  });
});
