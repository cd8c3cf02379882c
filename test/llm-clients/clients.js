/**
 * The clients: how each asks, whole and streamed. `make(url, http2Url)` returns functions of a model's name;
 * each resolves to what the client gave, without what differs from call to call. `isPriced` is false for models
 * whose names do not tell who offers them.
 */
import Anthropic from '@anthropic-ai/sdk';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { ChatOpenAI } from '@langchain/openai';
import { Mistral } from '@mistralai/mistralai';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import * as openai5 from '@ai-sdk/openai-5';
import * as openai6 from '@ai-sdk/openai-6';
import * as openai7 from '@ai-sdk/openai';
import * as ai5 from 'ai-5';
import * as ai6 from 'ai-6';
import * as ai7 from 'ai';
import axios from 'axios';
import { CohereClientV2 } from 'cohere-ai';
import got from 'got';
import Groq from 'groq-sdk';
import nodeFetch from 'node-fetch';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import OpenAI4 from 'openai-4';
import Together from 'together-ai';

const prompt = [{ role: 'user', content: 'What is the capital of France?' }];
const usageToo = { stream: true, stream_options: { include_usage: true } };

async function all(stream) {
  const items = [];
  for await (const item of await stream) items.push(item);
  return items;
}

/** Clients with OpenAI's shape. */
const chat = (client) => ({
  whole: (model) => client.chat.completions.create({ model, messages: prompt }),
  streamed: (model) =>
    all(client.chat.completions.create({ model, messages: prompt, ...usageToo })),
});

const aiSdk = ({ generateText, streamText }, { createOpenAI }) => ({
  model: 'gpt-4o',
  finish: 'stop',
  make: (url) => {
    const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: 'none' });
    return {
      whole: async (model) => (await generateText({ model: openai.chat(model), prompt: 'x' })).text,
      streamed: (model) => all(streamText({ model: openai.chat(model), prompt: 'x' }).textStream),
    };
  },
});

/** A program's own requests, by a library that only knows HTTP. */
const post = (send) => ({
  model: 'gpt-4o',
  finish: 'stop',
  retries: false,
  make: (url) => {
    const ask = (model, more) =>
      send(`${url}/v1/chat/completions`, { model, messages: prompt, ...more });
    return { whole: (model) => ask(model), streamed: (model) => ask(model, usageToo) };
  },
});

const bedrock = (requestHandler) => ({
  model: 'anthropic.claude-3-5-sonnet-20240620-v1:0',
  row: 'chat claude-3-5-sonnet',
  finish: 'end_turn',
  make: (url, http2Url) => {
    const client = new BedrockRuntimeClient({
      region: 'us-east-1',
      endpoint: requestHandler === undefined ? http2Url : url,
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      ...(requestHandler === undefined ? {} : { requestHandler: requestHandler() }),
    });
    const messages = [{ role: 'user', content: [{ text: 'What is the capital of France?' }] }];
    return {
      whole: async (modelId) => {
        const { output, usage } = await client.send(new ConverseCommand({ modelId, messages }));
        return { output, usage };
      },
      streamed: async (modelId) =>
        all((await client.send(new ConverseStreamCommand({ modelId, messages }))).stream),
      close: () => client.destroy(),
    };
  },
});

/** Without a system prompt of the client's own; ids of messages are made anew for each call. */
const langChain = (url, model) =>
  new ChatOpenAI({ model, apiKey: 'none', configuration: { baseURL: `${url}/v1` } });

export const CLIENTS = {
  'openai 6': {
    model: 'gpt-4o',
    finish: 'stop',
    make: (url) => chat(new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })),
  },
  'openai 6, responses': {
    model: 'gpt-4o',
    make: (url) => {
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' });
      return {
        whole: (model) => client.responses.create({ model, input: 'x' }),
        streamed: (model) => all(client.responses.create({ model, input: 'x', stream: true })),
      };
    },
  },
  'openai 4': {
    model: 'gpt-4o',
    finish: 'stop',
    make: (url) => chat(new OpenAI4({ baseURL: `${url}/v1`, apiKey: 'none' })),
  },
  '@anthropic-ai/sdk': {
    model: 'claude-opus-5',
    finish: 'end_turn',
    make: (url) => {
      const client = new Anthropic({ baseURL: url, apiKey: 'none' });
      const ask = (model) => ({ model, max_tokens: 100, messages: prompt });
      return {
        whole: (model) => client.messages.create(ask(model)),
        streamed: (model) => all(client.messages.create({ ...ask(model), stream: true })),
      };
    },
  },
  '@google/genai': {
    model: 'gemini-2.5-flash',
    operation: 'generate_content',
    finish: 'STOP',
    retries: false,
    make: (url) => {
      const client = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: url } });
      const textOf = ({ text, usageMetadata }) => ({ text, usageMetadata });
      return {
        whole: async (model) =>
          textOf(await client.models.generateContent({ model, contents: 'x' })),
        streamed: async (model) =>
          (await all(client.models.generateContentStream({ model, contents: 'x' }))).map(textOf),
      };
    },
  },
  'groq-sdk': {
    model: 'llama-3.3-70b-versatile',
    isPriced: false,
    finish: 'stop',
    make: (url) => chat(new Groq({ baseURL: url, apiKey: 'none' })),
  },
  'together-ai': {
    model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    row: 'chat Llama-3.3-70B-Instruct-Turbo',
    isPriced: false,
    finish: 'stop',
    make: (url) => chat(new Together({ baseURL: `${url}/v1`, apiKey: 'none' })),
  },
  ollama: {
    model: 'llama3.2',
    isPriced: false,
    finish: 'stop',
    retries: false,
    make: (url) => {
      const client = new Ollama({ host: url });
      return {
        whole: (model) => client.chat({ model, messages: prompt }),
        streamed: (model) => all(client.chat({ model, messages: prompt, stream: true })),
      };
    },
  },
  '@mistralai/mistralai': {
    model: 'mistral-large-latest',
    finish: 'stop',
    make: (url) => {
      const backoff = { initialInterval: 1, maxInterval: 5, exponent: 1, maxElapsedTime: 10_000 };
      const client = new Mistral({
        serverURL: url,
        apiKey: 'none',
        retryConfig: { strategy: 'backoff', backoff, retryConnectionErrors: true },
      });
      return {
        whole: (model) => client.chat.complete({ model, messages: prompt }),
        streamed: (model) => all(client.chat.stream({ model, messages: prompt })),
      };
    },
  },
  'cohere-ai': {
    model: 'command-r-plus-08-2024',
    finish: 'COMPLETE',
    make: (url) => {
      const client = new CohereClientV2({ token: 'none', environment: url });
      return {
        whole: (model) => client.chat({ model, messages: prompt }),
        streamed: (model) => all(client.chatStream({ model, messages: prompt })),
      };
    },
  },
  'ai 5': aiSdk(ai5, openai5),
  'ai 6': aiSdk(ai6, openai6),
  'ai 7': aiSdk(ai7, openai7),
  'Bedrock by HTTP/2': bedrock(),
  'Bedrock by NodeHttpHandler': bedrock(() => new NodeHttpHandler()),
  axios: post(async (url, body) => (await axios.post(url, body)).data),
  got: post(async (url, json) => (await got.post(url, { json })).body),
  'node-fetch': post(async (url, body) => {
    const headers = { 'content-type': 'application/json' };
    const response = await nodeFetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.text();
  }),
  'the ChatOpenAI of LangChain': {
    model: 'gpt-4o',
    finish: 'stop',
    // It takes a 429 for an answer.
    refusedWith: 503,
    make: (url) => {
      const textOf = ({ content, usage_metadata }) => ({ content, usage_metadata });
      return {
        whole: async (model) => textOf(await langChain(url, model).invoke('x')),
        streamed: async (model) => (await all(langChain(url, model).stream('x'))).map(textOf),
      };
    },
  },
};
