import { describe, expect, it } from 'vitest';
import { priceIdOf, providerName } from '../../src/cost/provider-name.js';

describe('the name of a provider', () => {
  it.each<[name: string, spellings: string[]]>([
    ['openai', ['openai', 'OpenAI', 'openai.chat', 'openai.responses', 'ChatOpenAI', ' openai ']],
    ['anthropic', ['anthropic', 'Anthropic', 'anthropic.messages', 'ChatAnthropic']],
    [
      'aws.bedrock',
      [
        ...['aws.bedrock', 'AWS', 'amazon-bedrock', 'amazon_bedrock', 'Amazon Bedrock', 'bedrock'],
        ...['bedrock_converse', 'ChatBedrockConverse', 'bedrock.anthropic.messages'],
      ],
    ],
    [
      'azure.ai.openai',
      [
        ...['azure.ai.openai', 'az.ai.openai', 'azure_openai', 'azure', 'azure.responses'],
        ...['azure-openai.chat', 'AzureChatOpenAI', 'AzureOpenAI'],
      ],
    ],
    [
      'azure.ai.inference',
      [
        ...['azure.ai.inference', 'az.ai.inference', 'azure_ai', 'az.ai.agents'],
        ...['azure.ai.agents', 'microsoft.foundry'],
      ],
    ],
    [
      'gcp.gemini',
      [
        ...['gcp.gemini', 'gemini', 'google', 'Google', 'google_genai', 'google-gla'],
        ...['GoogleGenerativeAI', 'ChatGoogleGenerativeAI', 'google.generative-ai'],
      ],
    ],
    ['gcp.gen_ai', ['gcp.gen_ai']],
    [
      'gcp.vertex_ai',
      [
        ...['gcp.vertex_ai', 'vertex_ai', 'vertexai', 'google_vertexai', 'google.vertex.chat'],
        ...['vertex.anthropic.messages', 'google-vertex', 'ChatVertexAI', 'VertexAI'],
      ],
    ],
    ['mistral_ai', ['mistral_ai', 'mistral', 'MistralAI', 'mistral.chat', 'mistralai']],
    ['x_ai', ['x_ai', 'xai', 'xai.chat', 'xai.responses', 'ChatXAI']],
    ['cohere', ['cohere', 'Cohere', 'cohere.chat', 'cohere_chat']],
    ['together', ['together', 'Together AI', 'together_ai', 'togetherai.chat']],
    ['fireworks', ['fireworks', 'fireworks-ai', 'fireworks.chat', 'fireworks_ai']],
    ['moonshot_ai', ['moonshot', 'moonshotai', 'moonshot_ai', 'moonshotai.chat']],
    ['deepseek', ['deepseek', 'DeepSeek', 'deepseek.chat']],
    ['z_ai', ['z-ai', 'zai', 'z.ai']],
    ['alibaba_cloud', ['dashscope', 'alibaba.chat']],
    ['ollama', ['ollama', 'Ollama', 'ChatOllama', 'ollama.chat']],
    ['lm_studio', ['lmstudio', 'lmstudio.chat', 'lm_studio']],
    ['llama.cpp', ['llama.cpp', 'llamacpp']],
  ])('%s, however it is written', (name, spellings) => {
    for (const spelling of spellings) {
      expect([spelling, providerName(spelling, 'any')]).toEqual([spelling, name]);
    }
  });

  const frameworks =
    'strands-agents gcp.vertex.agent google-adk crewai autogen semantic_kernel spring_ai haystack dspy agno ' +
    'letta pydantic-ai mcp-agent copilot vercel.ai microsoft.agent_framework openai_agents';
  const gateways = [
    undefined,
    '',
    'gateway',
    'gateway.chat',
    'LangChain',
    'litellm',
    'vercel',
    '_OTHER',
  ];

  it.each([...gateways, ...frameworks.split(' ')])(
    'is told by the model when it is %s',
    (gateway) => {
      for (const [model, name] of [
        ['openai/gpt-4o', 'openai'],
        ['gpt-4o-mini', 'openai'],
        ['o3-mini', 'openai'],
        ['text-embedding-3-small', 'openai'],
        ['claude-sonnet-4-5', 'anthropic'],
        ['anthropic/claude-sonnet-4.5', 'anthropic'],
        ['anthropic.claude-3-haiku-20240307-v1:0', 'aws.bedrock'],
        ['us.amazon.nova-pro-v1:0', 'aws.bedrock'],
        ['bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'aws.bedrock'],
        ['vertex_ai/gemini-2.5-pro', 'gcp.vertex_ai'],
        ['google/gemini-2.5-flash', 'gcp.gemini'],
        ['models/gemini-2.5-flash', 'gcp.gemini'],
        ['xai/grok-4', 'x_ai'],
        ['mistral-large-latest', 'mistral_ai'],
        ['openrouter/anthropic/claude-sonnet-4.5', 'openrouter'],
        ['litellm_proxy/gpt-4o', 'openai'],
      ] as const) {
        expect([model, providerName(gateway, model)]).toEqual([model, name]);
      }
    },
  );

  it.each(['llama-3.3-70b', 'meta-llama/llama-3.3-70b', 'gpt-oss-120b', 'gpt-j-6b', 'my-model'])(
    'is not guessed from %s, which many run',
    (model) => {
      expect(providerName(undefined, model)).toBeUndefined();
      expect(priceIdOf('gateway', model)).toBeUndefined();
    },
  );

  it('stays as it is when it is the user’s own, and has no prices', () => {
    for (const name of ['my-provider', 'openai-proxy', 'constructor', 'our.Proxy']) {
      expect(providerName(name, 'gpt-4o')).toBe(name);
      expect(priceIdOf(name, 'gpt-4o')).toBeUndefined();
    }
  });

  it('has a name in the price table, unless it runs models of the user’s own', () => {
    expect(priceIdOf('vertex.anthropic.messages', 'claude-sonnet-4-5')).toBe('google');
    expect(priceIdOf('xai.chat', 'grok-4')).toBe('x-ai');
    expect(priceIdOf('openrouter', 'openai/gpt-4o')).toBe('openrouter');
    for (const local of ['ollama', 'vllm', 'lmstudio', 'llama.cpp', 'hosted_vllm']) {
      expect(priceIdOf(local, 'gpt-4o')).toBeUndefined();
    }
  });
});
