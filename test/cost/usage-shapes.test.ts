import { describe, expect, it } from 'vitest';
import type { TokenUsage } from '../../src/cost/token-usage.js';
import { readUsage } from '../../src/cost/usage.js';

type Case = readonly [what: string, response: unknown, usage: TokenUsage];

function bytes(body: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}

const chat = { prompt_tokens: 100, completion_tokens: 10 };
const claude = { input_tokens: 10, cache_read_input_tokens: 20, output_tokens: 5 };
const READ_CHAT = { inputTokens: 100, outputTokens: 10 };
const READ_CLAUDE = { inputTokens: 30, outputTokens: 5, cacheReadTokens: 20 };

const PARTS: readonly Case[] = [
  [
    'OpenAI’s chat, by kind',
    {
      usage: {
        ...chat,
        prompt_tokens_details: { cached_tokens: 40, audio_tokens: 5, image_tokens: 7 },
        completion_tokens_details: { audio_tokens: 3 },
      },
    },
    {
      ...READ_CHAT,
      cacheReadTokens: 40,
      inputAudioTokens: 5,
      inputImageTokens: 7,
      outputAudioTokens: 3,
    },
  ],
  [
    'OpenAI’s realtime answers, which tell what audio was cached',
    {
      type: 'response.done',
      response: {
        usage: {
          input_tokens: 100,
          output_tokens: 50,
          input_token_details: {
            audio_tokens: 80,
            cached_tokens: 64,
            cached_tokens_details: { text_tokens: 14, audio_tokens: 50 },
          },
          output_token_details: { audio_tokens: 40 },
        },
      },
    },
    {
      inputTokens: 100,
      outputTokens: 50,
      cacheReadTokens: 64,
      inputAudioTokens: 80,
      cacheReadAudioTokens: 50,
      outputAudioTokens: 40,
    },
  ],
  [
    'Gemini’s lists by modality, in capitals',
    {
      usageMetadata: {
        promptTokenCount: 100,
        responseTokenCount: 10,
        cachedContentTokenCount: 50,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 40 },
          { modality: 'AUDIO', tokenCount: 30 },
          { modality: 'VIDEO', tokenCount: 20 },
          { modality: 'IMAGE', tokenCount: 10 },
        ],
        cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 15 }],
        responseTokensDetails: [{ modality: 'IMAGE', tokenCount: 8 }],
      },
    },
    {
      inputTokens: 100,
      outputTokens: 10,
      cacheReadTokens: 50,
      inputAudioTokens: 30,
      inputImageTokens: 10,
      inputVideoTokens: 20,
      cacheReadAudioTokens: 15,
      outputImageTokens: 8,
    },
  ],
  [
    'Gemini’s interactions',
    {
      steps: [{ type: 'model_output' }],
      usage: {
        total_input_tokens: 100,
        total_output_tokens: 50,
        total_thought_tokens: 20,
        total_tool_use_tokens: 5,
        total_cached_tokens: 30,
        total_tokens: 175,
        input_tokens_by_modality: [{ modality: 'image', tokens: 40 }],
        grounding_tool_count: [
          { type: 'google_search', count: 2 },
          { type: 'google_maps', count: 4 },
        ],
      },
    },
    {
      inputTokens: 105,
      outputTokens: 70,
      reasoningTokens: 20,
      cacheReadTokens: 30,
      inputImageTokens: 40,
      webSearches: 2,
    },
  ],
  [
    'Bedrock’s Converse says for how long tokens are cached',
    {
      usage: {
        inputTokens: 10,
        outputTokens: 5,
        cacheWriteInputTokens: 30,
        cacheDetails: [
          { ttl: '1h', inputTokens: 12 },
          { ttl: '5m', inputTokens: 18 },
        ],
      },
      serviceTier: { type: 'flex' },
    },
    {
      inputTokens: 40,
      outputTokens: 5,
      cacheWriteTokens: 30,
      cacheWriteOneHourTokens: 12,
      serviceTier: 'flex',
    },
  ],
  [
    'LiteLLM repeats Anthropic’s parts in an input that includes them',
    {
      usage: {
        ...chat,
        prompt_tokens_details: { cached_tokens: 20, cache_creation_tokens: 30 },
        cache_read_input_tokens: 20,
        cache_creation_input_tokens: 30,
      },
      _hidden_params: { response_cost: 0.5 },
    },
    { ...READ_CHAT, cacheReadTokens: 20, cacheWriteTokens: 30, reportedCostUsd: 0.5 },
  ],
  [
    'DeepSeek’s hits alone',
    { usage: { ...chat, prompt_cache_hit_tokens: 60, prompt_cache_miss_tokens: 40 } },
    { ...READ_CHAT, cacheReadTokens: 60 },
  ],
  [
    'Moonshot’s cached tokens, beside the rest',
    { usage: { ...chat, cached_tokens: 60 } },
    { ...READ_CHAT, cacheReadTokens: 60 },
  ],
  [
    'Perplexity counts reasoning and searches beside its completion',
    {
      usage: {
        ...chat,
        total_tokens: 110,
        citation_tokens: 7,
        num_search_queries: 3,
        reasoning_tokens: 500,
        cost: { input_tokens_cost: 1, total_cost: 1.5 },
      },
    },
    {
      inputTokens: 100,
      outputTokens: 510,
      reasoningTokens: 500,
      webSearches: 3,
      reportedCostUsd: 1.5,
    },
  ],
  [
    'xAI tells the cost in ticks',
    { usage: { ...chat, num_sources_used: 3, cost_in_usd_ticks: 10_000_000 } },
    { ...READ_CHAT, webSearches: 3, reportedCostUsd: 0.001 },
  ],
  [
    'OpenRouter’s own client spells in camelCase',
    {
      usage: {
        promptTokens: 100,
        completionTokens: 10,
        cost: 0.25,
        isByok: true,
        costDetails: { upstreamInferenceCost: 2 },
        promptTokensDetails: { cachedTokens: 3, cacheWriteTokens: 2, videoTokens: 1 },
      },
    },
    {
      ...READ_CHAT,
      cacheReadTokens: 3,
      cacheWriteTokens: 2,
      inputVideoTokens: 1,
      reportedCostUsd: 2.25,
    },
  ],
  [
    'a transcription is billed by time',
    { text: 'x', usage: { type: 'duration', seconds: 61 } },
    { audioSeconds: 61 },
  ],
  [
    'a verbose transcription has the time alone',
    { task: 'transcribe', duration: 8.5, text: 'x' },
    { audioSeconds: 8.5 },
  ],
  [
    'a reranking is billed by searches',
    { results: [{ index: 0 }], meta: { billed_units: { search_units: 2 } } },
    { searchUnits: 2 },
  ],
  [
    'embeddings of Voyage and Jina have a total alone',
    { data: [{ embedding: [1] }], usage: { totalTokens: 9 } },
    { inputTokens: 9 },
  ],
];

const SOLD: readonly Case[] = [
  [
    'OpenAI’s tier is on the response',
    { usage: chat, service_tier: 'flex' },
    { ...READ_CHAT, serviceTier: 'flex' },
  ],
  ['the usual tier is none', { usage: chat, service_tier: 'default' }, READ_CHAT],
  [
    'Anthropic’s tier, speed and place are in the usage',
    { usage: { ...claude, service_tier: 'priority', speed: 'fast', inference_geo: 'us' } },
    { ...READ_CLAUDE, serviceTier: 'priority', speed: 'fast', inferenceGeo: 'us' },
  ],
  [
    'Google’s traffic',
    { usageMetadata: { promptTokenCount: 1, trafficType: 'ON_DEMAND_PRIORITY' } },
    { inputTokens: 1, serviceTier: 'priority' },
  ],
  [
    'a line of a batch',
    { custom_id: 'a', response: { status_code: 200, body: { usage: chat } } },
    { ...READ_CHAT, serviceTier: 'batch' },
  ],
  [
    'OpenAI’s searches, of which to open a page is none',
    {
      output: [
        { type: 'web_search_call', action: { type: 'search' } },
        { type: 'web_search_call', action: { type: 'open_page' } },
        { type: 'message' },
      ],
      usage: { input_tokens: 1, output_tokens: 2 },
    },
    { inputTokens: 1, outputTokens: 2, webSearches: 1 },
  ],
  [
    'Anthropic’s searches',
    { usage: { ...claude, server_tool_use: { web_search_requests: 2 } } },
    { ...READ_CLAUDE, webSearches: 2 },
  ],
  [
    'Gemini’s searches',
    {
      candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b'] } }],
      usageMetadata: { promptTokenCount: 1 },
    },
    { inputTokens: 1, webSearches: 2 },
  ],
  [
    'the cost of a session of Claude’s agent SDK',
    { type: 'result', total_cost_usd: 0.1, usage: claude },
    { ...READ_CLAUDE, reportedCostUsd: 0.1 },
  ],
];

const PLACES: readonly Case[] = [
  ['beside the raw response', { data: { usage: chat }, response: new Response() }, READ_CHAT],
  [
    'in the response of Google’s older client',
    { response: { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 } } },
    { inputTokens: 1, outputTokens: 2 },
  ],
  ['itself', { input_tokens: 1, output_tokens: 2 }, { inputTokens: 1, outputTokens: 2 }],
  [
    'in the bytes of Bedrock’s InvokeModel, Claude’s',
    { body: bytes({ type: 'message', usage: claude }) },
    READ_CLAUDE,
  ],
  [
    'in those of Llama',
    { body: bytes({ generation: 'x', prompt_token_count: 1, generation_token_count: 2 }) },
    { inputTokens: 1, outputTokens: 2 },
  ],
  [
    'in those of Titan',
    { body: bytes({ inputTextTokenCount: 1, results: [{ tokenCount: 2 }] }) },
    { inputTokens: 1, outputTokens: 2 },
  ],
  [
    'in those of Nova',
    { body: bytes({ usage: { inputTokens: 1, outputTokens: 2, cacheReadInputTokenCount: 4 } }) },
    { inputTokens: 5, outputTokens: 2, cacheReadTokens: 4 },
  ],
  [
    'among the fields of Ollama’s answers',
    { done: true, prompt_eval_count: 1, eval_count: 2 },
    { inputTokens: 1, outputTokens: 2 },
  ],
  [
    'among those of watsonx',
    { results: [{ generated_token_count: 2, input_token_count: 1 }] },
    { inputTokens: 1, outputTokens: 2 },
  ],
  [
    'in the metrics of Replicate',
    { metrics: { input_token_count: 1, output_token_count: 2, predict_time: 1 } },
    { inputTokens: 1, outputTokens: 2 },
  ],
  [
    'of a message of LangChain',
    {
      usage_metadata: {
        input_tokens: 50,
        output_tokens: 5,
        input_token_details: { cache_read: 10, cache_creation: 20, audio: 3 },
        output_token_details: { reasoning: 2 },
      },
      response_metadata: { usage: claude },
    },
    {
      inputTokens: 50,
      outputTokens: 5,
      cacheReadTokens: 10,
      cacheWriteTokens: 20,
      inputAudioTokens: 3,
      reasoningTokens: 2,
    },
  ],
  [
    'of a result of LangChain',
    { generations: [], llmOutput: { tokenUsage: { promptTokens: 1, completionTokens: 2 } } },
    { inputTokens: 1, outputTokens: 2 },
  ],
];

const HIDDEN_CACHE = { ...READ_CLAUDE, inputTokens: 60, cacheWriteTokens: 30 };

const AI_SDK: readonly Case[] = [
  [
    '4, with Anthropic, whose cached tokens are in the metadata',
    {
      usage: { promptTokens: 10, completionTokens: 5, totalTokens: 15 },
      providerMetadata: { anthropic: { cacheCreationInputTokens: 30, cacheReadInputTokens: 20 } },
    },
    HIDDEN_CACHE,
  ],
  [
    '4, with OpenAI, whose cached tokens are in the input',
    {
      usage: { promptTokens: 10, completionTokens: 5 },
      providerMetadata: { openai: { cachedPromptTokens: 4, reasoningTokens: 2 } },
    },
    { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4, reasoningTokens: 2 },
  ],
  [
    '5, with Bedrock',
    {
      usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, cachedInputTokens: 20 },
      providerMetadata: { bedrock: { usage: { cacheWriteInputTokens: 30 } } },
    },
    HIDDEN_CACHE,
  ],
  [
    '5, with Google, whose reasoning the total has beside the output',
    {
      usage: { inputTokens: 10, outputTokens: 5, totalTokens: 22, reasoningTokens: 7 },
      providerMetadata: { google: { serviceTier: 'priority' } },
    },
    { inputTokens: 10, outputTokens: 12, reasoningTokens: 7, serviceTier: 'priority' },
  ],
  [
    '6, with the provider’s own report, which tells more',
    {
      usage: {
        inputTokens: 100,
        outputTokens: 10,
        inputTokenDetails: {},
        raw: { ...chat, prompt_tokens_details: { audio_tokens: 2 } },
      },
    },
    { ...READ_CHAT, inputAudioTokens: 2 },
  ],
  [
    '6, a model by itself',
    { usage: { inputTokens: { total: 10, cacheRead: 4 }, outputTokens: { total: 5 } } },
    { inputTokens: 10, outputTokens: 5, cacheReadTokens: 4 },
  ],
  [
    'through a gateway that tells the cost',
    {
      usage: { inputTokens: 10, outputTokens: 5 },
      providerMetadata: { gateway: { cost: '0.0045' } },
    },
    { inputTokens: 10, outputTokens: 5, reportedCostUsd: 0.0045 },
  ],
];

describe.each([
  ['parts of tokens', PARTS],
  ['how a request was sold', SOLD],
  ['where usage is', PLACES],
  ['the AI SDK', AI_SDK],
])('%s', (_, cases) => {
  it.each(cases)('%s', (_what, response, usage) => {
    expect(readUsage(response)).toEqual({ requests: [usage], usage, warnings: [] });
  });
});

describe('several requests in one answer', () => {
  it('adds what Anthropic bills beside the answer: a summary of the context, and advice of another model', () => {
    const iterations = [
      { type: 'compaction', input_tokens: 100, output_tokens: 20 },
      { type: 'advisor_message', model: 'claude-opus', input_tokens: 7, output_tokens: 8 },
      { type: 'message', input_tokens: 10, output_tokens: 5 },
    ];
    const { requests, usage } = readUsage({ usage: { ...claude, iterations } });
    expect(requests).toEqual([
      READ_CLAUDE,
      { inputTokens: 100, outputTokens: 20 },
      { inputTokens: 7, outputTokens: 8, model: 'claude-opus' },
    ]);
    expect(usage).toMatchObject({ inputTokens: 137, outputTokens: 33 });
  });

  it('reads each request of a run of OpenAI’s agents', () => {
    const usage = { inputTokens: 10, outputTokens: 2, inputTokensDetails: [{ cached_tokens: 4 }] };
    const read = { inputTokens: 10, outputTokens: 2, cacheReadTokens: 4 };
    expect(readUsage({ rawResponses: [{ usage }, { usage }] }).requests).toEqual([read, read]);
  });

  it('reads the usage of each model of Groq’s compound systems', () => {
    const models = [
      { model: 'a', usage: { prompt_tokens: 1, completion_tokens: 2 } },
      { model: 'b', usage: { prompt_tokens: 3, completion_tokens: 4 } },
    ];
    expect(readUsage({ usage: chat, usage_breakdown: { models } }).requests).toEqual([
      { inputTokens: 1, outputTokens: 2, model: 'a' },
      { inputTokens: 3, outputTokens: 4, model: 'b' },
    ]);
  });
});

describe('what tells no usage', () => {
  it.each<[string, unknown, string]>([
    ['a raw response', new Response('x'), 'had no token usage'],
    ['bytes of more than a megabyte', { body: new Uint8Array(2e6) }, 'had no token usage'],
    ['speech', Buffer.alloc(1_000), 'had no token usage'],
    ['metrics of something else', { metrics: { predict_time: 1 } }, 'had no token usage'],
    [
      'a total of a chat',
      { choices: [{}], usage: { total_tokens: 9 } },
      'had token usage of an unknown shape',
    ],
  ])('%s', (_what, response, warning) => {
    expect(readUsage(response)).toMatchObject({
      requests: [],
      warnings: [`an LLM response ${warning}`],
    });
  });
});
