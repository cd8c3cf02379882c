import type { CallField } from './call-attributes.js';

/**
 * Where a JSON text tells a field: the first path that is there. `*` stands for any name. At `usage` there is what a
 * provider reports, as its client has it.
 */
export type JsonPlaces = Readonly<Partial<Record<CallField | 'usage', readonly string[]>>>;

/** Both have names of parts that are theirs alone. */
export const LANGFUSE_USAGE = 'langfuse.observation.usage_details';
export const LANGFUSE_COST = 'langfuse.observation.cost_details';

const LANGCHAIN_INPUT: JsonPlaces = {
  cacheReadTokens: ['cache_read'],
  cacheWriteTokens: ['cache_creation'],
  cacheWriteFiveMinuteTokens: ['ephemeral_5m_input_tokens'],
  cacheWriteOneHourTokens: ['ephemeral_1h_input_tokens', 'ephemeral_1hr_input_tokens'],
  inputAudioTokens: ['audio'],
};
const LANGCHAIN_OUTPUT: JsonPlaces = {
  reasoningTokens: ['reasoning'],
  outputAudioTokens: ['audio'],
};
const COSTS: JsonPlaces = {
  costUsd: ['total_cost'],
  inputCostUsd: ['input_cost'],
  outputCostUsd: ['output_cost'],
};

/** Attributes whose value is JSON. They tell what no attribute of its own tells. */
export const JSON_ATTRIBUTES: Readonly<Record<string, JsonPlaces>> = {
  'gen_ai.usage.input_token_details': LANGCHAIN_INPUT,
  'gen_ai.usage.output_token_details': LANGCHAIN_OUTPUT,
  'langsmith.usage_metadata': {
    ...inside('input_token_details', LANGCHAIN_INPUT),
    ...inside('output_token_details', LANGCHAIN_OUTPUT),
    ...COSTS,
    inputTokens: ['input_tokens'],
    outputTokens: ['output_tokens'],
    totalTokens: ['total_tokens'],
  },
  'mlflow.chat.tokenUsage': {
    inputTokens: ['input_tokens'],
    outputTokens: ['output_tokens'],
    totalTokens: ['total_tokens'],
    cacheReadTokens: ['cache_read_input_tokens'],
    cacheWriteTokens: ['cache_creation_input_tokens'],
    cacheWriteOneHourTokens: ['cache_creation_input_tokens_above_1hr'],
  },
  'mlflow.llm.cost': COSTS,
  'braintrust.metrics': {
    inputTokens: ['prompt_tokens'],
    outputTokens: ['completion_tokens'],
    totalTokens: ['tokens'],
    cacheReadTokens: ['prompt_cached_tokens'],
    cacheWriteTokens: ['prompt_cache_creation_tokens'],
    cacheWriteFiveMinuteTokens: ['prompt_cache_creation_5m_tokens'],
    cacheWriteOneHourTokens: ['prompt_cache_creation_1h_tokens'],
    reasoningTokens: ['completion_reasoning_tokens'],
    costUsd: ['estimated_cost'],
  },
  'braintrust.metadata': { requestModel: ['model'], provider: ['provider'] },
  'genkit:output': {
    usage: ['raw.usage', 'raw.usageMetadata'],
    inputTokens: ['usage.inputTokens'],
    outputTokens: ['usage.outputTokens'],
    totalTokens: ['usage.totalTokens'],
    cacheReadTokens: ['usage.cachedContentTokens'],
    reasoningTokens: ['usage.thoughtsTokens'],
  },
  'gcp.vertex.agent.llm_response': {
    usage: ['usageMetadata'],
    totalTokens: ['usage_metadata.total_token_count'],
    cacheReadTokens: ['usage_metadata.cached_content_token_count'],
    reasoningTokens: ['usage_metadata.thoughts_token_count'],
  },
  // Below the provider's name, what versions 4 and 5 of the AI SDK have no attributes for.
  'ai.response.providerMetadata': {
    usage: ['*.usage', '*.usageMetadata'],
    cacheReadTokens: ['*.cacheReadInputTokens', '*.cachedPromptTokens', '*.promptCacheHitTokens'],
    cacheWriteTokens: ['*.cacheCreationInputTokens', '*.usage.cacheWriteInputTokens'],
    reasoningTokens: ['*.reasoningTokens'],
    costUsd: ['*.cost', '*.usage.cost'],
    serviceTier: ['*.serviceTier'],
  },
  [LANGFUSE_USAGE]: {},
  [LANGFUSE_COST]: {},
};

function inside(path: string, places: JsonPlaces): JsonPlaces {
  const entries = Object.entries(places).map(([field, paths]) => {
    return [field, paths.map((inner) => `${path}.${inner}`)] as const;
  });
  return Object.fromEntries(entries);
}
