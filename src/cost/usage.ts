import { getOrMake } from '../bounded.js';
import { fields, isObject, items, pick, type Fields } from '../fields.js';
import { sumOf } from '../sums.js';
import type { TokenUsage } from './token-usage.js';

export interface UsageReading {
  /** One for each billed request; several if the client made several in one call. */
  readonly requests: readonly TokenUsage[];
  readonly usage: TokenUsage;
  readonly warnings: readonly string[];
}

export const NO_USAGE = 'an LLM response had no token usage';

const UNREAD_STREAM =
  'a result of streamText was returned unread: return its fullStream, or what was read of it';

const BEDROCK_METRICS = 'amazon-bedrock-invocationMetrics';

type Field = Exclude<keyof TokenUsage, 'serviceTier' | 'speed' | 'inferenceGeo'>;

type Places = Readonly<Partial<Record<Field | 'marks', readonly string[]>>>;

/** OpenAI says prompt and completion in chat completions, input and output in responses. */
function openAi(input: string, output: string): Places {
  return {
    marks: [input, output],
    inputTokens: [input],
    outputTokens: [output],
    cacheReadTokens: [`${input}_details.cached_tokens`],
    cacheWriteTokens: [`${input}_details.cache_write_tokens`],
    reasoningTokens: [`${output}_details.reasoning_tokens`],
    inputAudioTokens: [`${input}_details.audio_tokens`],
    outputAudioTokens: [`${output}_details.audio_tokens`],
    reportedCostUsd: ['cost'], // OpenRouter's
  };
}

const LANGFUSE_READ = ['input_cached_tokens', 'input_cache_read'];
const LANGFUSE_WRITTEN = ['input_cache_creation'];
const LANGFUSE_REASONING = ['output_reasoning_tokens', 'output_reasoning'];

/**
 * How the providers' clients report usage. The first entry applies that has one of its marks in the
 * report. Where a provider counts a part separately from the whole (cached tokens at Anthropic and
 * Bedrock, thoughts at Google), the whole is a sum, so that it always includes its parts.
 */
const CLIENTS: readonly Places[] = [
  openAi('prompt_tokens', 'completion_tokens'),
  // Anthropic's messages.
  {
    marks: ['cache_read_input_tokens', 'cache_creation_input_tokens'],
    inputTokens: ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'],
    outputTokens: ['output_tokens'],
    cacheReadTokens: ['cache_read_input_tokens'],
    cacheWriteTokens: ['cache_creation_input_tokens'],
    cacheWriteOneHourTokens: ['cache_creation.ephemeral_1h_input_tokens'],
    reasoningTokens: ['output_tokens_details.thinking_tokens'],
    reportedCostUsd: ['cost'],
  },
  openAi('input_tokens', 'output_tokens'),
  // Google GenAI.
  {
    marks: ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'],
    inputTokens: ['promptTokenCount', 'toolUsePromptTokenCount'],
    outputTokens: ['candidatesTokenCount', 'thoughtsTokenCount'],
    cacheReadTokens: ['cachedContentTokenCount'],
    reasoningTokens: ['thoughtsTokenCount'],
  },
  // The Vercel AI SDK 6; version 5 and Bedrock's Converse; version 4, and its embeddings.
  {
    marks: ['inputTokenDetails', 'outputTokenDetails'],
    inputTokens: ['inputTokens'],
    outputTokens: ['outputTokens'],
    cacheReadTokens: ['inputTokenDetails.cacheReadTokens'],
    cacheWriteTokens: ['inputTokenDetails.cacheWriteTokens'],
    reasoningTokens: ['outputTokenDetails.reasoningTokens'],
  },
  {
    marks: ['inputTokens', 'outputTokens'],
    inputTokens: ['inputTokens', 'cacheReadInputTokens', 'cacheWriteInputTokens'],
    outputTokens: ['outputTokens'],
    cacheReadTokens: ['cachedInputTokens', 'cacheReadInputTokens'],
    cacheWriteTokens: ['cacheWriteInputTokens'],
    reasoningTokens: ['reasoningTokens'],
  },
  // Cohere, as it sends it, and as its client has it. It bills fewer tokens than the model sees.
  {
    marks: ['billed_units', 'billedUnits'],
    inputTokens: ['billed_units.input_tokens', 'billedUnits.inputTokens'],
    outputTokens: ['billed_units.output_tokens', 'billedUnits.outputTokens'],
  },
  // Ollama.
  {
    marks: ['prompt_eval_count', 'eval_count'],
    inputTokens: ['prompt_eval_count'],
    outputTokens: ['eval_count'],
  },
  // What Bedrock adds to the stream of a model.
  {
    marks: ['inputTokenCount', 'outputTokenCount'],
    inputTokens: ['inputTokenCount', 'cacheReadInputTokenCount', 'cacheWriteInputTokenCount'],
    outputTokens: ['outputTokenCount'],
    cacheReadTokens: ['cacheReadInputTokenCount'],
    cacheWriteTokens: ['cacheWriteInputTokenCount'],
  },
  {
    marks: ['promptTokens', 'completionTokens', 'tokens'],
    inputTokens: ['promptTokens', 'tokens'],
    outputTokens: ['completionTokens'],
  },
  // Langfuse, whose parts are beside each other.
  {
    marks: ['input', 'output'],
    inputTokens: ['input', ...LANGFUSE_READ, ...LANGFUSE_WRITTEN, 'input_audio'],
    outputTokens: ['output', ...LANGFUSE_REASONING, 'output_audio'],
    cacheReadTokens: LANGFUSE_READ,
    cacheWriteTokens: LANGFUSE_WRITTEN,
    reasoningTokens: LANGFUSE_REASONING,
    inputAudioTokens: ['input_audio'],
    outputAudioTokens: ['output_audio'],
  },
];

const PARTS: readonly (readonly [parts: readonly Field[], whole: Field, words: string])[] = [
  [['cacheReadTokens', 'cacheWriteTokens'], 'inputTokens', 'more cached than input tokens'],
  [['cacheWriteOneHourTokens'], 'cacheWriteTokens', 'more tokens cached for an hour than cached'],
  [['reasoningTokens'], 'outputTokens', 'more reasoning than output tokens'],
  [['inputAudioTokens'], 'inputTokens', 'more audio than input tokens'],
  [['outputAudioTokens'], 'outputTokens', 'more audio than output tokens'],
];

const FIELDS: readonly Field[] = [
  'inputTokens',
  'outputTokens',
  ...PARTS.flatMap(([parts]) => parts),
  'reportedCostUsd',
];

type MutableUsage = Partial<Record<Field, number>>;

/** Reads the usage of a response. Leaves out figures that cannot be right, with a warning for each. */
export function readUsage(response: unknown): UsageReading {
  if (isUnreadStream(response)) return noUsage(UNREAD_STREAM);
  const requests = items(fields(response).steps).map((step) => fields(step).usage);
  return readUsages(requests.length > 0 ? requests : [usageIn(response)]);
}

/** Where a response, or an item of a stream, reports its usage. */
export function usageIn(response: unknown): unknown {
  const { totalUsage, usage, usageMetadata, metadata, meta, delta } = fields(response);
  const { [BEDROCK_METRICS]: metrics, prompt_eval_count, eval_count } = fields(response);
  // Ollama reports it among the other fields.
  const own =
    isObject(response) && 'eval_count' in response ? { prompt_eval_count, eval_count } : undefined;
  const billed = isObject(fields(meta).billed_units) ? meta : undefined;
  return (
    totalUsage ??
    usage ??
    usageMetadata ??
    fields(metadata).usage ??
    fields(delta).usage ??
    metrics ??
    billed ??
    own
  );
}

export function readUsages(reports: readonly unknown[]): UsageReading {
  const warnings: string[] = [];
  const requests = reports
    .map((report) => readReport(report, warnings))
    .filter((usage) => usage !== undefined);
  return usageOfRequests(requests, warnings);
}

export function usageOfRequests(
  requests: readonly TokenUsage[],
  warnings: readonly string[],
): UsageReading {
  const [first] = requests;
  const isOne = first !== undefined && requests.length === 1;
  const usage = isOne ? first : usageOf((field) => sumOf(requests, (request) => request[field]));
  return { requests, usage, warnings };
}

/** Reads in the same way what a user's own function returned. */
export function checkUsage(given: unknown): UsageReading {
  if (!isObject(given)) return noUsage(NO_USAGE);
  const warnings: string[] = [];
  const usage = usageOf((field) => figureAt(given, field, warnings));
  dropParts(usage, warnings);
  return { requests: [usage], usage, warnings };
}

export function noUsage(warning: string): UsageReading {
  return { requests: [], usage: {}, warnings: [warning] };
}

/** Tells whether it is a result of the AI SDK's `streamText`; touching its getters would begin to read it. */
export function isUnreadStream(response: unknown): boolean {
  return isObject(response) && 'fullStream' in response;
}

const NOWHERE: readonly string[] = [];

function readReport(report: unknown, warnings: string[]): TokenUsage | undefined {
  if (!isObject(report)) {
    warnings.push(NO_USAGE);
    return undefined;
  }
  const places = CLIENTS.find(({ marks }) => marks?.some((mark) => mark in report));
  const before = warnings.length;
  const figure = (path: string) => figureAt(report, path, warnings);
  const usage = usageOf((field) => sumOf(places?.[field] ?? NOWHERE, figure));
  if (report.is_byok === true) {
    // With a key of the caller's own, `cost` is OpenRouter's fee alone; the provider charges the rest.
    const upstream = figureAt(report, 'cost_details.upstream_inference_cost', warnings);
    if (upstream === undefined) delete usage.reportedCostUsd;
    else usage.reportedCostUsd = (usage.reportedCostUsd ?? 0) + upstream;
  }
  addReasoning(usage, report);
  dropParts(usage, warnings);
  const { inputTokens, outputTokens, reportedCostUsd } = usage;
  if ((inputTokens ?? outputTokens ?? reportedCostUsd) !== undefined) return usage;
  if (warnings.length === before) {
    warnings.push('an LLM response had token usage of an unknown shape');
  }
  return undefined;
}

/** xAI reports like OpenAI, except that output excludes reasoning; the total shows it. */
function addReasoning(usage: MutableUsage, report: Fields): void {
  const { inputTokens = 0, outputTokens = 0, reasoningTokens = 0 } = usage;
  const isExcluded =
    'completion_tokens' in report &&
    report.total_tokens === inputTokens + outputTokens + reasoningTokens;
  if (reasoningTokens > 0 && isExcluded) usage.outputTokens = outputTokens + reasoningTokens;
}

const PATHS = new Map<string, readonly string[]>();

function figureAt(report: Fields, path: string, warnings: string[]): number | undefined {
  // To split a path takes longer than to follow it.
  const value = pick(
    report,
    getOrMake(PATHS, path, () => path.split('.')),
  );
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  warnings.push(`usage.${path} of an LLM response was not a number of at least 0 and was left out`);
  return undefined;
}

function usageOf(figureOf: (field: Field) => number | undefined): MutableUsage {
  const usage: MutableUsage = {};
  for (const field of FIELDS) {
    const figure = figureOf(field);
    if (figure !== undefined) usage[field] = figure;
  }
  return usage;
}

/** Leaves out parts that exceed their whole, or have none. */
function dropParts(usage: MutableUsage, warnings: string[]): void {
  for (const [parts, whole, words] of PARTS) {
    if (!parts.some((part) => part in usage)) continue;
    if ((sumOf(parts, (part) => usage[part]) ?? 0) <= (usage[whole] ?? 0)) continue;
    for (const part of parts) Reflect.deleteProperty(usage, part);
    if (usage[whole] === undefined) continue;
    warnings.push(`an LLM response reported ${words}; the former were left out`);
  }
}
