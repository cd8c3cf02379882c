/** What is asked of each client, by a name that the table of instrumentations knows. */
import { z } from 'zod';

const QUESTION = 'What is the capital of France?';
const prompt = [{ role: 'user', content: QUESTION }];
const schema = { type: 'object', properties: { city: { type: 'string' } } };

async function readAll(stream) {
  for await (const part of await stream) void part;
}

/** The client of OpenAI. */
export function openaiAsks({ chat, responses, embeddings }) {
  const { completions } = chat;
  const ask = { model: 'gpt-4o', messages: prompt };
  const streamed = { stream: true, stream_options: { include_usage: true } };
  const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];
  return {
    'openai chat': () => completions.create(ask),
    'openai chat, streamed': () => readAll(completions.create({ ...ask, ...streamed })),
    'openai chat with a tool': async () => {
      const { message } = (await completions.create({ ...ask, tools })).choices[0];
      const [{ id }] = message.tool_calls;
      const result = { role: 'tool', tool_call_id: id, content: 'sunny' };
      await completions.create({ ...ask, tools, messages: [...prompt, message, result] });
    },
    'openai chat, refused': () => completions.create(ask),
    'openai responses': () => responses.create({ model: 'gpt-4o', input: QUESTION }),
    'openai responses, streamed': () =>
      readAll(responses.create({ model: 'gpt-4o', input: QUESTION, stream: true })),
    'openai embeddings': () =>
      embeddings.create({ model: 'text-embedding-3-small', input: QUESTION }),
  };
}

/** The client of Anthropic. */
export function anthropicAsks({ messages }) {
  const ask = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: prompt };
  const tools = [{ name: 'weather', input_schema: schema }];
  return {
    'anthropic messages': () => messages.create(ask),
    'anthropic messages, streamed': () => readAll(messages.create({ ...ask, stream: true })),
    'anthropic messages with a tool': async () => {
      const { content } = await messages.create({ ...ask, tools });
      const [{ id }] = content;
      const result = [{ type: 'tool_result', tool_use_id: id, content: 'sunny' }];
      const said = { role: 'assistant', content };
      const turns = [...prompt, said, { role: 'user', content: result }];
      await messages.create({ ...ask, tools, messages: turns });
    },
    'anthropic messages, refused': () => messages.create(ask),
  };
}

/** Google's client. */
export function googleAsks({ models }) {
  const ask = { model: 'gemini-2.5-flash', contents: QUESTION };
  return {
    'google content': () => models.generateContent(ask),
    'google content, streamed': () => readAll(models.generateContentStream(ask)),
  };
}

/**
 * LangChain's model, with its own options for each call. Of Anthropic's streams it adds up the output tokens of the
 * first event and of the last, so these are not asked for.
 */
export function langChainAsks(name, model, { createAgent, tool }, options) {
  const weather = tool(() => 'sunny', {
    name: 'weather',
    description: 'Tells the weather.',
    schema: z.object({ city: z.string() }),
  });
  return {
    [`langchain ${name}`]: () => model.invoke(QUESTION, options),
    ...(name === 'openai' && {
      'langchain openai, streamed': () => readAll(model.stream(QUESTION, options)),
    }),
    [`langchain ${name}, agent`]: () =>
      createAgent({ model, tools: [weather] }).invoke({ messages: prompt }, options),
    [`langchain ${name}, refused`]: () => model.invoke(QUESTION, options),
  };
}

/** A model of the AI SDK. */
export function aiAsks(name, model, ai, telemetry) {
  const ask = { model, prompt: QUESTION, maxRetries: 0, ...telemetry };
  const weather = ai.tool({
    inputSchema: z.object({ city: z.string() }),
    execute: () => Promise.resolve('sunny'),
  });
  const stopWhen = (ai.isStepCount ?? ai.stepCountIs)(3);
  return {
    [`ai ${name}`]: () => ai.generateText(ask),
    [`ai ${name}, streamed`]: () => ai.streamText(ask).consumeStream(),
    [`ai ${name} with a tool`]: () => ai.generateText({ ...ask, tools: { weather }, stopWhen }),
    [`ai ${name}, refused`]: () => ai.generateText(ask),
  };
}

/** The agents of OpenAI. */
export function agentsAsks({ Agent, run, tool }) {
  const weather = tool({
    name: 'weather',
    description: 'Tells the weather.',
    parameters: z.object({ city: z.string() }),
    execute: () => Promise.resolve('sunny'),
  });
  const guide = new Agent({ name: 'guide', model: 'gpt-4o', tools: [weather] });
  return {
    'openai agents': () => run(guide, QUESTION),
    'openai agents, streamed': async () => {
      const running = await run(guide, QUESTION, { stream: true });
      await readAll(running);
      await running.completed;
    },
  };
}
