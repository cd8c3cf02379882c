import { lazy } from '../lazy.js';
import type { TokenUsage } from './token-usage.js';

export type Word = 'serviceTier' | 'speed' | 'inferenceGeo';
export type UsageField = Exclude<keyof TokenUsage, Word | 'model'>;

/**
 * What a name stands for. A part behind a `+` is not in its whole: Anthropic's input is without what was
 * cached. What has a `!` is billed, at no
 * price that is known. Everything else is a figure from which others are found.
 */
export type Meaning =
  | UsageField
  | Word
  | `+${UsageField}`
  | `!${'image_generation' | 'code_interpreter' | 'file_search' | 'maps_search' | 'input_image'}`
  | 'promptTokens'
  | 'totalTokens'
  | '+toolTokens'
  | 'cacheWriteFiveMinuteTokens'
  | 'flatReasoningTokens'
  | 'citationTokens'
  | 'billedSearches'
  | 'costTicks'
  | 'upstreamCostUsd'
  | 'isByok';

export interface Name {
  means?: Meaning;
  inside?: Names;
}
export type Names = Map<string, Name>;

type Table = Readonly<Partial<Record<Meaning, string>>>;

/** What stands before a dot in the tables, and how clients call it. */
const ALIASES: Readonly<Record<string, string>> = {
  in: 'prompt_tokens_details input_tokens_details input_token_details prompt_token_details input_tokens_by_modality input_tokens',
  out: 'completion_tokens_details output_tokens_details output_token_details candidates_tokens_details response_tokens_details output_tokens_by_modality output_tokens',
  cached: 'cache_tokens_details cached_tokens_details cached_tokens_by_modality',
  written: 'cache_creation cache_creation_token_details',
  searched: 'server_tool_use server_tool_use_details',
};

/**
 * The names in the reports of all clients, for a new client to be added to. camelCase is read as well; after a
 * dot `_tokens` may follow, and a list has one entry for each name: `{ modality: 'AUDIO', tokenCount: 5 }`.
 */
const IN_REPORT: Table = {
  // Whoever says prompt and completion, as OpenAI's chat does, counts cached tokens as prompt.
  promptTokens: 'prompt_tokens',
  inputTokens:
    'input_tokens input_token_count prompt_token_count total_input_tokens prompt_eval_count input_text_token_count in.total tokens tokens.input input results.input_token_count embeddings.statistics.token_count predictions.embeddings.statistics.token_count',
  outputTokens:
    'completion_tokens output_tokens output_token_count candidates_token_count response_token_count total_output_tokens generation_token_count eval_count out.total tokens.output output results.token_count results.generated_token_count generated_tokens',
  totalTokens: 'total_tokens total_token_count',
  cacheReadTokens:
    'in.cached in.cache_read in.cache_read_input cached_tokens cached_input_tokens cached_content_token_count total_cached_tokens prompt_cache_hit_tokens num_cached_tokens',
  '+cacheReadTokens':
    'cache_read_input_tokens cache_read_input_token_count input_cached_tokens input_cache_read',
  cacheWriteTokens: 'in.cache_write in.cache_creation in.cache_creation_input',
  '+cacheWriteTokens':
    'cache_creation_input_tokens cache_write_input_tokens cache_write_input_token_count input_cache_creation',
  cacheWriteOneHourTokens:
    'written.ephemeral_1h_input in.ephemeral_1h_input in.written.ephemeral_1h_input cache_details.1h cache_creation_ephemeral_1h_input_tokens',
  cacheWriteFiveMinuteTokens:
    'written.ephemeral_5m_input in.ephemeral_5m_input in.written.ephemeral_5m_input',
  reasoningTokens: 'out.reasoning out.thinking',
  '+reasoningTokens':
    'thoughts_token_count total_thought_tokens output_reasoning_tokens output_reasoning',
  flatReasoningTokens: 'reasoning_tokens thinking_tokens',
  '+toolTokens': 'tool_use_prompt_token_count total_tool_use_tokens',
  citationTokens: 'citation_tokens',
  inputAudioTokens: 'in.audio',
  '+inputAudioTokens': 'input_audio',
  inputImageTokens: 'in.image',
  inputVideoTokens: 'in.video',
  cacheReadAudioTokens: 'cached.audio in.cached.audio',
  cacheReadImageTokens: 'cached.image in.cached.image',
  outputAudioTokens: 'out.audio',
  '+outputAudioTokens': 'output_audio',
  outputImageTokens: 'out.image',
  audioSeconds: 'seconds prompt_audio_seconds duration',
  searchUnits: 'search_units',
  webSearches:
    'num_search_queries num_sources_used searched.web_search_requests grounding_tool_count.google_search',
  serviceTier: 'service_tier traffic_type',
  speed: 'speed',
  inferenceGeo: 'inference_geo',
  reportedCostUsd: 'cost cost.total_cost total_cost estimated_cost costUSD',
  costTicks: 'cost_in_usd_ticks',
  upstreamCostUsd: 'cost_details.upstream_inference_cost',
  isByok: 'is_byok',
};

/** The same for what stands around a report. Of a list of texts their number counts. */
const AROUND_REPORT: Table = {
  serviceTier:
    'service_tier service_tier.type provider_metadata.openai.service_tier provider_metadata.google.service_tier provider_metadata.google.usage_metadata.traffic_type response_metadata.service_tier',
  // The AI SDK 4.
  cacheReadTokens:
    'provider_metadata.openai.cached_prompt provider_metadata.deepseek.prompt_cache_hit',
  reasoningTokens: 'provider_metadata.openai.reasoning',
  webSearches:
    'output.web_search_call candidates.grounding_metadata.web_search_queries provider_metadata.google.grounding_metadata.web_search_queries',
  // Cohere's embeddings of pictures.
  '+inputImageTokens': 'billed_units.image',
  '!input_image': 'billed_units.images',
  '!image_generation': 'output.image_generation_call',
  '!code_interpreter': 'output.code_interpreter_call',
  '!file_search': 'output.file_search_call',
  '!maps_search':
    'candidates.grounding_metadata.grounding_chunks.maps provider_metadata.google.grounding_metadata.grounding_chunks.maps',
  billedSearches: 'tool_usage.web_search.num_requests',
  reportedCostUsd:
    'total_cost_usd _hidden_params.response_cost provider_metadata.gateway.cost provider_metadata.openrouter.usage.cost',
};

/** Made when a first report is read: not every process calls a model. */
export const reportNames = lazy(() => namesOf(IN_REPORT));
export const aroundNames = lazy(() => namesOf(AROUND_REPORT));

/** Some clients tell these among the other fields of an answer, where shorter names may mean anything. */
export const BARE_NAMES: readonly string[] = [
  ...[IN_REPORT.promptTokens, IN_REPORT.inputTokens, IN_REPORT.outputTokens].flatMap((names = '') =>
    names.split(' ').flatMap((name) => (name.includes('_') ? spellings(name.split('.')[0]!) : [])),
  ),
];

function namesOf(table: Table): Names {
  const all: Names = new Map();
  for (const [meaning, names] of Object.entries(table)) {
    for (const name of names.split(' ')) addName(all, name.split('.'), meaning as Meaning);
  }
  return all;
}

function addName(names: Names, path: readonly string[], means: Meaning, isNested = false): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    for (const name of isNested ? [first, `${first}_tokens`] : [first]) {
      for (const spelling of spellings(name)) nameIn(names, spelling).means = means;
    }
    return;
  }
  for (const alias of ALIASES[first]?.split(' ') ?? [first]) {
    for (const spelling of spellings(alias)) {
      addName((nameIn(names, spelling).inside ??= new Map<string, Name>()), rest, means, true);
    }
  }
}

function nameIn(names: Names, spelling: string): Name {
  const name = names.get(spelling) ?? {};
  names.set(spelling, name);
  return name;
}

function spellings(name: string): string[] {
  return [name, name.replace(/(?<=\w)_(\w)/g, (_, letter: string) => letter.toUpperCase())];
}
