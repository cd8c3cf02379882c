/**
 * What real clients return, inside an `llmCall` and with nobody watching their requests: the call has its tokens
 * and cost, and lasts until the stream is read, in whatever way.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { llmCall } from '../../dist/doors/hotspan.js';
import { figuresOf, instrumentation, server, watch } from './setup.js';

instrumentation.disable();
const { default: OpenAI } = await import('openai');
const { default: OpenAI4 } = await import('openai-4');
const { default: Anthropic } = await import('@anthropic-ai/sdk');
const { GoogleGenAI } = await import('@google/genai');
const { ChatOpenAI } = await import('@langchain/openai');
const { Mistral } = await import('@mistralai/mistralai');
const { NodeHttpHandler } = await import('@smithy/node-http-handler');
const bedrock = await import('@aws-sdk/client-bedrock-runtime');
const { CohereClientV2 } = await import('cohere-ai');
const { Ollama } = await import('ollama');
const { default: axios } = await import('axios');
const { default: got } = await import('got');
after(() => server.close());

const messages = [{ role: 'user', content: 'What is the capital of France?' }];
const chat = { model: 'gpt-4o', messages };
const streamed = { ...chat, stream: true, stream_options: { include_usage: true } };
const claude = { model: 'claude-opus-5', max_tokens: 100, messages };
const local = { baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 };
const openai = new OpenAI(local);
const openai4 = new OpenAI4(local);
const anthropic = new Anthropic({ ...local, baseURL: server.url });
const google = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: server.url } });
const mistral = new Mistral({ serverURL: server.url, apiKey: 'none' });
const cohere = new CohereClientV2({ token: 'none', environment: server.url });
const ollama = new Ollama({ host: server.url });
const aws = new bedrock.BedrockRuntimeClient({
  region: 'us-east-1',
  endpoint: server.url,
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  requestHandler: new NodeHttpHandler(),
});
const langChain = new ChatOpenAI({
  model: 'gpt-4o',
  apiKey: 'none',
  configuration: { baseURL: local.baseURL },
});
const asksBedrock = {
  modelId: 'anthropic.claude-3-5-sonnet-20240620-v1:0',
  messages: [{ role: 'user', content: [{ text: 'x' }] }],
};
const url = `${server.url}/v1/chat/completions`;
const post = (body) => fetch(url, { method: 'POST', body: JSON.stringify(body) });

async function all(stream) {
  for await (const item of stream) assert.notEqual(item, undefined);
}
const data = ({ data }) => all(data);
const stream = ({ stream }) => all(stream);
const text = (response) => response.text();
const bytes = (response) => all(response.body);
const reader = async (stream) => {
  const reading = stream.getReader();
  while (!(await reading.read()).done);
};
const nothing = () => undefined;

const aiSdk = async (name, openaiName) => {
  const { streamText } = await import(name);
  const { createOpenAI } = await import(openaiName);
  const model = createOpenAI(local).chat('gpt-4o');
  return () => streamText({ model, prompt: 'x' });
};
const streams = {
  ai5: await aiSdk('ai-5', '@ai-sdk/openai-5'),
  ai6: await aiSdk('ai-6', '@ai-sdk/openai-6'),
  ai7: await aiSdk('ai', '@ai-sdk/openai'),
};
const ofAiSdk = Object.entries(streams).flatMap(([name, ask]) =>
  Object.entries({
    textStream: ({ textStream }) => all(textStream),
    fullStream: ({ fullStream }) => all(fullStream),
    toUIMessageStream: (result) => all(result.toUIMessageStream()),
    toTextStreamResponse: (result) => result.toTextStreamResponse().text(),
    consumeStream: (result) => result.consumeStream(),
    ...(name === 'ai7' ? {} : { text: (result) => result.text }),
  }).map(([way, read]) => [`${name}: streamText, ${way}`, ask, read]),
);

/** How a client is asked, how its user reads what it returned, and the model, if that is not gpt-4o. */
const CALLS = [
  ['openai', () => openai.chat.completions.create(chat), nothing],
  ['openai.withResponse()', () => openai.chat.completions.create(chat).withResponse(), nothing],
  ['openai.asResponse()', () => openai.chat.completions.create(chat).asResponse(), text],
  ['openai: stream', () => openai.chat.completions.create(streamed), all],
  ['openai: tee()', () => openai.chat.completions.create(streamed), (it) => all(it.tee()[0])],
  [
    'openai: toReadableStream()',
    () => openai.chat.completions.create(streamed),
    (it) => all(it.toReadableStream()),
  ],
  [
    'openai: stream.withResponse()',
    () => openai.chat.completions.create(streamed).withResponse(),
    data,
  ],
  [
    'openai: stream.asResponse()',
    () => openai.chat.completions.create(streamed).asResponse(),
    bytes,
  ],
  ['openai: chat.completions.stream()', () => openai.chat.completions.stream(streamed), all],
  [
    'openai: finalChatCompletion()',
    () => openai.chat.completions.stream(streamed),
    (it) => it.finalChatCompletion(),
  ],
  ['openai: responses', () => openai.responses.create({ model: 'gpt-4o', input: 'x' }), nothing],
  [
    'openai: responses.stream()',
    () => openai.responses.stream({ model: 'gpt-4o', input: 'x' }),
    all,
  ],
  [
    'openai: finalResponse()',
    () => openai.responses.stream({ model: 'gpt-4o', input: 'x' }),
    (it) => it.finalResponse(),
  ],
  [
    'openai 4: stream.withResponse()',
    () => openai4.chat.completions.create(streamed).withResponse(),
    data,
  ],
  [
    'anthropic.withResponse()',
    () => anthropic.messages.create(claude).withResponse(),
    nothing,
    claude,
  ],
  ['anthropic: stream', () => anthropic.messages.create({ ...claude, stream: true }), all, claude],
  ['anthropic: messages.stream()', () => anthropic.messages.stream(claude), all, claude],
  [
    'anthropic: finalMessage()',
    () => anthropic.messages.stream(claude),
    (it) => it.finalMessage(),
    claude,
  ],
  [
    'anthropic: stream().withResponse()',
    () => anthropic.messages.stream(claude).withResponse(),
    data,
    claude,
  ],
  [
    'google: stream',
    () => google.models.generateContentStream({ model: 'gemini-2.5-flash', contents: 'x' }),
    all,
    { model: 'gemini-2.5-flash' },
  ],
  [
    'mistral: stream',
    () => mistral.chat.stream({ model: 'mistral-large-2512', messages }),
    all,
    { model: 'mistral-large-2512' },
  ],
  [
    'mistral: stream, by a reader',
    () => mistral.chat.stream({ model: 'mistral-large-2512', messages }),
    reader,
    { model: 'mistral-large-2512' },
  ],
  [
    'cohere: stream',
    () => cohere.chatStream({ model: 'command-r-plus-08-2024', messages }),
    all,
    { model: 'command-r-plus-08-2024' },
  ],
  [
    'cohere.withRawResponse()',
    () => cohere.chat({ model: 'command-r-plus-08-2024', messages }).withRawResponse(),
    nothing,
    { model: 'command-r-plus-08-2024' },
  ],
  [
    'ollama: stream',
    () => ollama.chat({ model: 'llama3.2', messages, stream: true }),
    all,
    { model: 'llama3.2' },
  ],
  [
    'Bedrock: Converse',
    () => aws.send(new bedrock.ConverseCommand(asksBedrock)),
    nothing,
    { model: asksBedrock.modelId },
  ],
  [
    'Bedrock: ConverseStream',
    () => aws.send(new bedrock.ConverseStreamCommand(asksBedrock)),
    stream,
    { model: asksBedrock.modelId },
  ],
  [
    'Bedrock: InvokeModel',
    () => aws.send(new bedrock.InvokeModelCommand({ modelId: asksBedrock.modelId, body: '{}' })),
    nothing,
    { model: asksBedrock.modelId },
  ],
  [
    'Bedrock: InvokeModelWithResponseStream',
    () =>
      aws.send(
        new bedrock.InvokeModelWithResponseStreamCommand({
          modelId: asksBedrock.modelId,
          body: '{}',
        }),
      ),
    ({ body }) => all(body),
    { model: asksBedrock.modelId },
  ],
  ['LangChain: invoke', () => langChain.invoke('x'), nothing],
  ['LangChain: stream', () => langChain.stream('x'), all],
  ['LangChain: stream, by a reader', () => langChain.stream('x'), reader],
  ['fetch', () => post(chat), (response) => response.json()],
  ['fetch: stream', () => post(streamed), bytes],
  ['axios', () => axios.post(url, chat), nothing],
  ['got', () => got.post(url, { json: chat }), nothing],
  ['got, as JSON', () => got.post(url, { json: chat, responseType: 'json' }), nothing],
  ...ofAiSdk,
];

const PROVIDERS = [
  [/^claude/, 'anthropic'],
  [/^gemini/, 'gcp.gemini'],
  [/^mistral/, 'mistral_ai'],
  [/^command/, 'cohere'],
  [/^llama/, 'ollama'],
  [/^anthropic\./, 'aws.bedrock'],
];

describe('llmCall reads what is returned by', () => {
  for (const [name, ask, read, { model } = chat] of CALLS) {
    it(name, { timeout: 5_000 }, async () => {
      const provider = PROVIDERS.find(([pattern]) => pattern.test(model))?.[1] ?? 'openai';
      const { spans, summary } = await watch(async () => {
        const result = await llmCall({ provider, model }, ask);
        await read(result);
      });
      const { warnings, totals } = summary;
      assert.deepEqual(
        { ...figuresOf(summary), warnings },
        {
          llmCalls: 1,
          inputTokens: 1_000,
          outputTokens: 100,
          attempts: 1,
          retries: 0,
          errors: 0,
          warnings: [],
        },
      );
      assert.equal(totals.costUsd > 0, model !== 'llama3.2');
      const { attributes } = spans.find((span) => span.name === `chat ${model}`);
      const isStream = read !== nothing && !/asResponse\(\)|^fetch$/.test(name);
      const isStreamed = isStream || name === 'openai: stream.asResponse()';
      assert.equal('hotspan.llm.time_to_first_token' in attributes, isStreamed);
    });
  }
});

it('says what it cannot read: a raw response with a stream of Node', async () => {
  const { spans } = await watch(async () => {
    const ask = () => openai4.chat.completions.create(chat).asResponse();
    const response = await llmCall({ provider: 'openai', model: 'gpt-4o' }, ask);
    assert.equal((await response.json()).usage.prompt_tokens, 1_000);
  });
  const { attributes } = spans.find((span) => span.name === 'chat gpt-4o');
  assert.deepEqual(attributes['hotspan.warning'], [
    'an LLM response was a stream that could not be followed: return it unread, or what was read of it',
  ]);
});
