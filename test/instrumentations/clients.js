/** The clients, made when the instrumentation is there. All of them ask the same server, once. */
import { createRequire } from 'node:module';
import { agentsAsks, aiAsks, langChainAsks } from './asks.js';

const key = { apiKey: 'none', maxRetries: 0 };
const imported = (name) => import(name);

/** Some instrumentations see only what is required, or see what is imported a while after they started. */
export const required = createRequire(import.meta.url);

export const openaiOf = async (url, load = imported) => {
  const { default: OpenAI } = await load('openai');
  return new OpenAI({ ...key, baseURL: `${url}/v1` });
};

export const anthropicOf = async (url, load = imported, name = '@anthropic-ai/sdk') => {
  const { default: Anthropic } = await load(name);
  return new Anthropic({ ...key, baseURL: url });
};

export const googleOf = async (url, load = imported) => {
  const { GoogleGenAI } = await load('@google/genai');
  return new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: url } });
};

/** Asks LangChain's models of both. */
export async function askLangChain(url, options) {
  const { ChatOpenAI } = await import('@langchain/openai');
  const { ChatAnthropic } = await import('@langchain/anthropic');
  const { createAgent, tool } = await import('langchain');
  const openai = { ...key, model: 'gpt-4o', configuration: { baseURL: `${url}/v1` } };
  const anthropic = { ...key, model: 'claude-sonnet-4-5', anthropicApiUrl: url };
  const agents = { createAgent, tool };
  return {
    ...langChainAsks('openai', new ChatOpenAI(openai), agents, options),
    ...langChainAsks('anthropic', new ChatAnthropic(anthropic), agents, options),
  };
}

/** Asks the AI SDK of a version, which is '-5', '-6' or nothing for the newest. */
export async function askAi(url, version, telemetry) {
  const ai = await import(`ai${version}`);
  const { createOpenAI } = await import(`@ai-sdk/openai${version}`);
  const { createAnthropic } = await import(`@ai-sdk/anthropic${version}`);
  const google = await import(`@ai-sdk/google${version}`);
  const createGoogle = google.createGoogleGenerativeAI ?? google.createGoogle;
  const at = { apiKey: 'none', baseURL: `${url}/v1` };
  const openai = createOpenAI(at);
  const embedding = openai.textEmbeddingModel?.bind(openai) ?? openai.embedding.bind(openai);
  return {
    ...aiAsks('openai', openai.chat('gpt-4o'), ai, telemetry),
    ...aiAsks('openai responses', openai.responses('gpt-4o'), ai, telemetry),
    ...aiAsks('anthropic', createAnthropic(at)('claude-sonnet-4-5'), ai, telemetry),
    ...aiAsks('google', createGoogle(at)('gemini-2.5-flash'), ai, telemetry),
    'ai embeddings': () =>
      ai.embed({ model: embedding('text-embedding-3-small'), value: 'x', ...telemetry }),
  };
}

export async function askAgents(url, agents) {
  agents.setDefaultOpenAIClient(await openaiOf(url));
  return agentsAsks(agents);
}
