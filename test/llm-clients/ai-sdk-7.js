/** What the AI SDK 7 tells of itself on its channel: names, and each call once, however many layers report it. */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { llmCall } from '../../dist/doors/hotspan.js';
import { figuresOf, server, treeOf, watch } from './setup.js';

const ai = await import('ai');
const { MockLanguageModelV4 } = await import('ai/test');
const { createOpenAI } = await import('@ai-sdk/openai');
const { z } = await import('zod');
after(() => server.close());

const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' });
const asked = { model: openai.chat('gpt-4o'), prompt: 'x', telemetry: { functionId: 'tourist' } };
const once = {
  llmCalls: 1,
  inputTokens: 1_000,
  outputTokens: 100,
  attempts: 1,
  retries: 0,
  errors: 0,
};

const usage = { inputTokens: { total: 10, cacheRead: 4 }, outputTokens: { total: 2 } };
const stop = { unified: 'stop', raw: 'stop' };

/** A model within the process, which first wants to know the weather. */
function mockModel() {
  const toolCall = { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: '{}' };
  const answers = [
    { content: [toolCall], finishReason: { unified: 'tool-calls', raw: 'tool_calls' } },
    { content: [{ type: 'text', text: 'sunny' }], finishReason: stop },
  ];
  return new MockLanguageModelV4({
    provider: 'openai',
    modelId: 'gpt-4o',
    doGenerate: async () => ({ ...answers.shift(), usage, warnings: [] }),
    doStream: async () => ({
      stream: ai.simulateReadableStream({
        chunks: [
          { type: 'text-start', id: '1' },
          { type: 'text-delta', id: '1', delta: 'sunny' },
          { type: 'text-end', id: '1' },
          { type: 'finish', finishReason: stop, usage },
        ],
      }),
    }),
  });
}

const weather = (execute) => ai.tool({ inputSchema: z.object({}), execute });

async function readText({ textStream }) {
  let text = '';
  for await (const part of textStream) text += part;
  return text;
}

it('gives its functions and steps their names, with the request of the call inside', async () => {
  const tree = [
    'ask',
    '  invoke_agent tourist',
    '    step 1',
    '      chat gpt-4o',
    '        chat gpt-4o attempt',
  ];
  for (const work of [() => ai.generateText(asked), () => readText(ai.streamText(asked))]) {
    const { spans, summary } = await watch(work);
    assert.deepEqual(treeOf(spans), tree);
    assert.deepEqual(figuresOf(summary), once);
  }
});

it('its own retries are attempts of one call', async () => {
  server.failures = 1;
  const { spans, summary } = await watch(() => ai.generateText({ ...asked, telemetry: undefined }));
  assert.deepEqual(treeOf(spans), [
    'ask',
    '  generateText',
    '    step 1',
    '      chat gpt-4o',
    '        chat gpt-4o attempt',
    '        chat gpt-4o attempt',
  ]);
  assert.deepEqual(figuresOf(summary), { ...once, attempts: 2, retries: 1 });
});

it('counts the calls of a model that sends no request, and names tools', async () => {
  const run = (execute) =>
    ai.generateText({
      model: mockModel(),
      prompt: 'x',
      stopWhen: ai.isStepCount(3),
      tools: { weather: weather(execute) },
    });
  const { spans, summary } = await watch(() => run(async () => 'sunny'));
  assert.deepEqual(treeOf(spans), [
    'ask',
    '  generateText',
    '    step 1',
    '      chat gpt-4o',
    '      execute_tool weather',
    '    step 2',
    '      chat gpt-4o',
  ]);
  const { llmCalls, inputTokens, outputTokens } = summary.totals;
  assert.deepEqual([llmCalls, inputTokens, outputTokens], [2, 20, 4]);
  const failed = await watch(() => run(() => Promise.reject(new RangeError('rain'))));
  const tool = failed.spans.find(({ name }) => name === 'execute_tool weather');
  assert.equal(tool.attributes['error.type'], 'RangeError');
});

it('follows the stream of a model that sends no request', async () => {
  const stream = () => readText(ai.streamText({ model: mockModel(), prompt: 'x' }));
  const { found, spans, summary } = await watch(stream);
  assert.equal(found, 'sunny');
  const { attributes } = spans.find(({ name }) => name === 'chat gpt-4o');
  assert.deepEqual(attributes['gen_ai.response.finish_reasons'], ['stop']);
  assert.ok(attributes['hotspan.llm.time_to_first_token'] >= 0);
  assert.equal(summary.totals.inputTokens, 10);
});

const wrapped = (call) => () => llmCall({ provider: 'openai', model: 'gpt-4o' }, call);

it('inside an llmCall all is that call', async () => {
  const { spans, summary } = await watch(wrapped(() => ai.generateText(asked)));
  assert.deepEqual(treeOf(spans), ['ask', '  chat gpt-4o', '    chat gpt-4o attempt']);
  assert.deepEqual(figuresOf(summary), once);
});

it('counts each call once beside an integration that makes spans, too', async () => {
  const { OpenTelemetry } = await import('@ai-sdk/otel');
  ai.registerTelemetry(new OpenTelemetry());
  const generated = await watch(() => ai.generateText(asked));
  assert.deepEqual(figuresOf(generated.summary), once);
  const names = generated.spans.map(({ name }) => name);
  assert.equal(names.filter((name) => name === 'step 1').length, 1);

  const model = openai.embedding('text-embedding-3-small');
  const embedded = await watch(() => ai.embed({ model, value: 'x' }));
  const { llmCalls, inputTokens } = embedded.summary.totals;
  assert.deepEqual([llmCalls, inputTokens], [1, 1_000]);
});
