import { fields, pick, type Fields } from '../fields.js';

/** Tokens of one request to a model. What is not known is absent. */
export interface TokenUsage {
  /** Cached ones included. */
  readonly inputTokens?: number;
  /** Reasoning included. */
  readonly outputTokens?: number;
  /** Part of `inputTokens` that was read from the provider's cache. */
  readonly cacheReadTokens?: number;
  /** Part of `inputTokens` that was written to it. */
  readonly cacheWriteTokens?: number;
  /** Part of `cacheWriteTokens` that is kept for an hour, which costs more. */
  readonly cacheWriteOneHourTokens?: number;
  /** Part of `outputTokens`. */
  readonly reasoningTokens?: number;
  /** Part of `inputTokens`. */
  readonly inputAudioTokens?: number;
  /** Part of `outputTokens`. */
  readonly outputAudioTokens?: number;
  /** The provider's own figure, in USD. */
  readonly reportedCostUsd?: number;
}

/** What was read, and what could not be used, a sentence each. */
export interface UsageReading {
  /** One for each request that was billed; several where a client makes several in one call. */
  readonly requests: readonly TokenUsage[];
  /** Their sum. */
  readonly usage: TokenUsage;
  readonly warnings: readonly string[];
}

/** The warning for a response that says nothing of its usage. */
export const NO_USAGE = 'an LLM response had no token usage';

const UNREAD_STREAM =
  'a result of streamText was returned unread: return its fullStream, or what was read of it';

type Field = keyof TokenUsage;
/** Where a figure is: the sum of what is found at these places. */
type Places = readonly (readonly string[])[];
type Shape = { readonly marks: readonly string[] } & Readonly<Partial<Record<Field, Places>>>;

/**
 * How the providers' clients report usage. The first shape of which a mark is there is taken. What a
 * provider counts apart (cached tokens at Anthropic and Bedrock, thoughts at Google) is added to the
 * whole, so that the whole always includes its parts.
 */
const SHAPES: readonly Shape[] = [
  // OpenAI's chat completions and embeddings, and servers that speak like them; `cost` is OpenRouter's.
  {
    marks: ['prompt_tokens', 'completion_tokens'],
    inputTokens: [['prompt_tokens']],
    outputTokens: [['completion_tokens']],
    cacheReadTokens: [['prompt_tokens_details', 'cached_tokens']],
    cacheWriteTokens: [['prompt_tokens_details', 'cache_write_tokens']],
    reasoningTokens: [['completion_tokens_details', 'reasoning_tokens']],
    inputAudioTokens: [['prompt_tokens_details', 'audio_tokens']],
    outputAudioTokens: [['completion_tokens_details', 'audio_tokens']],
    reportedCostUsd: [['cost']],
  },
  // Anthropic's messages.
  {
    marks: ['cache_read_input_tokens', 'cache_creation_input_tokens'],
    inputTokens: [['input_tokens'], ['cache_read_input_tokens'], ['cache_creation_input_tokens']],
    outputTokens: [['output_tokens']],
    cacheReadTokens: [['cache_read_input_tokens']],
    cacheWriteTokens: [['cache_creation_input_tokens']],
    cacheWriteOneHourTokens: [['cache_creation', 'ephemeral_1h_input_tokens']],
    reasoningTokens: [['output_tokens_details', 'thinking_tokens']],
    reportedCostUsd: [['cost']],
  },
  // OpenAI's responses.
  {
    marks: ['input_tokens', 'output_tokens'],
    inputTokens: [['input_tokens']],
    outputTokens: [['output_tokens']],
    cacheReadTokens: [['input_tokens_details', 'cached_tokens']],
    cacheWriteTokens: [['input_tokens_details', 'cache_write_tokens']],
    reasoningTokens: [['output_tokens_details', 'reasoning_tokens']],
    reportedCostUsd: [['cost']],
  },
  // Google GenAI.
  {
    marks: ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'],
    inputTokens: [['promptTokenCount'], ['toolUsePromptTokenCount']],
    outputTokens: [['candidatesTokenCount'], ['thoughtsTokenCount']],
    cacheReadTokens: [['cachedContentTokenCount']],
    reasoningTokens: [['thoughtsTokenCount']],
  },
  // Bedrock's Converse.
  {
    marks: ['cacheReadInputTokens', 'cacheWriteInputTokens'],
    inputTokens: [['inputTokens'], ['cacheReadInputTokens'], ['cacheWriteInputTokens']],
    outputTokens: [['outputTokens']],
    cacheReadTokens: [['cacheReadInputTokens']],
    cacheWriteTokens: [['cacheWriteInputTokens']],
  },
  // The Vercel AI SDK 6.
  {
    marks: ['inputTokenDetails', 'outputTokenDetails'],
    inputTokens: [['inputTokens']],
    outputTokens: [['outputTokens']],
    cacheReadTokens: [['inputTokenDetails', 'cacheReadTokens']],
    cacheWriteTokens: [['inputTokenDetails', 'cacheWriteTokens']],
    reasoningTokens: [['outputTokenDetails', 'reasoningTokens']],
  },
  // The Vercel AI SDK 5.
  {
    marks: ['inputTokens', 'outputTokens'],
    inputTokens: [['inputTokens']],
    outputTokens: [['outputTokens']],
    cacheReadTokens: [['cachedInputTokens']],
    reasoningTokens: [['reasoningTokens']],
  },
  // Its version 4, and its embeddings.
  {
    marks: ['promptTokens', 'completionTokens'],
    inputTokens: [['promptTokens']],
    outputTokens: [['completionTokens']],
  },
  { marks: ['tokens'], inputTokens: [['tokens']] },
];

/** Each part, and the whole that it cannot exceed. */
const PARTS: readonly (readonly [parts: readonly Field[], whole: Field, words: string])[] = [
  [['cacheReadTokens', 'cacheWriteTokens'], 'inputTokens', 'more cached than input tokens'],
  [['cacheWriteOneHourTokens'], 'cacheWriteTokens', 'more tokens cached for an hour than cached'],
  [['reasoningTokens'], 'outputTokens', 'more reasoning than output tokens'],
  [['inputAudioTokens'], 'inputTokens', 'more audio than input tokens'],
  [['outputAudioTokens'], 'outputTokens', 'more audio than output tokens'],
];

type MutableUsage = Partial<Record<Field, number>>;

/**
 * Reads the token usage from the response of a provider's client: OpenAI's chat completions,
 * responses and embeddings and servers that speak like them, Anthropic's messages, Google GenAI,
 * Bedrock's Converse, and the results of the Vercel AI SDK.
 *
 * A figure that cannot be right (not a number, negative, more cached than input tokens) is left out
 * with a warning, and the others stand. Never throws on plain data.
 */
export function readUsage(response: unknown): UsageReading {
  if (isUnreadStream(response)) return nothing(UNREAD_STREAM);
  const { steps, usage, totalUsage, usageMetadata } = fields(response);
  if (Array.isArray(steps) && steps.length > 0) {
    return readUsages(steps.map((step) => fields(step).usage));
  }
  return readUsages([totalUsage ?? usage ?? usageMetadata]);
}

/** Reads usages of any known shape, one for each request that was billed. */
export function readUsages(raws: readonly unknown[]): UsageReading {
  const warnings: string[] = [];
  const requests = raws.map((raw) => readOne(raw, warnings)).filter((usage) => usage !== undefined);
  return { requests, usage: sumOf(requests), warnings };
}

/**
 * Checks a usage that a user's own function gave: figures that cannot be right are left out with a
 * warning.
 */
export function checkUsage(given: unknown): UsageReading {
  const raw = fields(given);
  if (raw !== given) return nothing(NO_USAGE);
  const warnings: string[] = [];
  const usage: MutableUsage = {};
  for (const field of FIELDS) put(usage, field, count(raw, [field], warnings));
  dropParts(usage, warnings);
  return { requests: [usage], usage, warnings };
}

/** Every field of a usage. */
const FIELDS: readonly Field[] = [
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWriteOneHourTokens',
  'reasoningTokens',
  'inputAudioTokens',
  'outputAudioTokens',
  'reportedCostUsd',
];

function nothing(warning: string): UsageReading {
  return { requests: [], usage: {}, warnings: [warning] };
}

/** Whether it is a result of the AI SDK's `streamText`: to ask it for anything would start to read it. */
export function isUnreadStream(response: unknown): boolean {
  return response !== null && typeof response === 'object' && 'fullStream' in response;
}

function readOne(reported: unknown, warnings: string[]): TokenUsage | undefined {
  const raw = fields(reported);
  if (raw !== reported) {
    warnings.push(NO_USAGE);
    return undefined;
  }
  const shape = SHAPES.find(({ marks }) => marks.some((mark) => mark in raw));
  const usage: MutableUsage = {};
  const before = warnings.length;
  for (const field of FIELDS) {
    const found = shape?.[field]?.map((path) => count(raw, path, warnings));
    const figures = found?.filter((figure) => figure !== undefined) ?? [];
    if (figures.length > 0)
      put(
        usage,
        field,
        figures.reduce((sum, figure) => sum + figure, 0),
      );
  }
  if (raw.is_byok === true) addUpstreamCost(usage, raw, warnings);
  if (isReasoningApart(usage, raw)) put(usage, 'outputTokens', outputWithReasoning(usage));
  dropParts(usage, warnings);
  if (usage.inputTokens !== undefined || usage.outputTokens !== undefined) return usage;
  if (usage.reportedCostUsd !== undefined) return usage;
  if (warnings.length === before) {
    warnings.push('an LLM response had token usage of an unknown shape');
  }
  return undefined;
}

/** With a key of the caller's own `cost` is OpenRouter's fee alone: the provider charges the rest. */
function addUpstreamCost(usage: MutableUsage, raw: Fields, warnings: string[]): void {
  const upstream = count(raw, ['cost_details', 'upstream_inference_cost'], warnings);
  if (upstream === undefined) Reflect.deleteProperty(usage, 'reportedCostUsd');
  else put(usage, 'reportedCostUsd', (usage.reportedCostUsd ?? 0) + upstream);
}

/** xAI speaks like OpenAI but for this: the total shows it. */
function isReasoningApart({ inputTokens, outputTokens, reasoningTokens }: TokenUsage, raw: Fields) {
  const sum = (inputTokens ?? 0) + (outputTokens ?? 0) + (reasoningTokens ?? 0);
  return (reasoningTokens ?? 0) > 0 && 'completion_tokens' in raw && raw.total_tokens === sum;
}

function outputWithReasoning({ outputTokens, reasoningTokens }: TokenUsage): number {
  return (outputTokens ?? 0) + (reasoningTokens ?? 0);
}

function count(raw: Fields, path: readonly string[], warnings: string[]): number | undefined {
  const value = pick(raw, path);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  const where = `usage.${path.join('.')}`;
  warnings.push(`${where} of an LLM response was not a number of at least 0 and was left out`);
  return undefined;
}

function put(usage: MutableUsage, field: Field, value: number | undefined): void {
  if (value !== undefined) usage[field] = value;
}

/** Leaves out parts that are more than their whole, or have none. */
function dropParts(usage: MutableUsage, warnings: string[]): void {
  for (const [parts, whole, words] of PARTS) {
    const sum = parts.reduce((total, part) => total + (usage[part] ?? 0), 0);
    if (sum <= (usage[whole] ?? 0)) continue;
    for (const part of parts) Reflect.deleteProperty(usage, part);
    if (usage[whole] === undefined) continue;
    warnings.push(`an LLM response reported ${words}; the former were left out`);
  }
}

/** A figure of the sum is known if one of them is known. */
function sumOf(usages: readonly TokenUsage[]): TokenUsage {
  const [first = {}] = usages;
  if (usages.length < 2) return first;
  const sum: MutableUsage = {};
  for (const field of FIELDS) {
    const figures = usages.map((usage) => usage[field]).filter((value) => value !== undefined);
    if (figures.length > 0)
      put(
        sum,
        field,
        figures.reduce((total, value) => total + value, 0),
      );
  }
  return sum;
}
