/**
 * Every attribute name that hotspan writes or reads.
 *
 * The `gen_ai.*` names follow the GenAI semantic conventions, v0.1.0 of
 * open-telemetry/semantic-conventions-genai (all "Development", so they are copied here rather than
 * imported from a package that deprecated them). `gen_ai.usage.cost` is not part of them yet: it is
 * the name that other tools read today. `error.type` and `http.*` are stable OpenTelemetry names.
 */

export const GEN_AI_OPERATION_NAME = 'gen_ai.operation.name';
export const GEN_AI_PROVIDER_NAME = 'gen_ai.provider.name';
export const GEN_AI_REQUEST_MODEL = 'gen_ai.request.model';
export const GEN_AI_RESPONSE_MODEL = 'gen_ai.response.model';
export const GEN_AI_RESPONSE_ID = 'gen_ai.response.id';
export const GEN_AI_RESPONSE_FINISH_REASONS = 'gen_ai.response.finish_reasons';

/** What was asked and answered, as JSON; only where the user wants it. */
export const GEN_AI_INPUT_MESSAGES = 'gen_ai.input.messages';
export const GEN_AI_OUTPUT_MESSAGES = 'gen_ai.output.messages';

/** Input tokens, cached ones included. */
export const GEN_AI_USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens';
/** Output tokens, reasoning included. */
export const GEN_AI_USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens';
export const GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.cache_read.input_tokens';
export const GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS = 'gen_ai.usage.cache_write.input_tokens';
export const GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = 'gen_ai.usage.reasoning.output_tokens';
/** USD, a double. Absent when the price is unknown; never 0 instead. */
export const GEN_AI_USAGE_COST = 'gen_ai.usage.cost';

/** Where the cost comes from: {@link CostSource}. */
export const HOTSPAN_COST_SOURCE = 'hotspan.cost.source';
/** On the operation: how many attempts were made. */
export const HOTSPAN_ATTEMPT_COUNT = 'hotspan.attempt.count';
/** On the operation: how many attempts were allowed. */
export const HOTSPAN_ATTEMPT_MAX = 'hotspan.attempt.max';
/** On an attempt: its number, from 1. */
export const HOTSPAN_ATTEMPT_NUMBER = 'hotspan.attempt.number';
/** On an attempt: {@link AttemptOutcome}. */
export const HOTSPAN_ATTEMPT_OUTCOME = 'hotspan.attempt.outcome';
/** On an attempt: seconds waited before it. */
export const HOTSPAN_ATTEMPT_BACKOFF = 'hotspan.attempt.backoff';
/** On an attempt: how long it may take, in seconds; absent when there is no limit. */
export const HOTSPAN_ATTEMPT_TIMEOUT = 'hotspan.attempt.timeout';
/** On an LLM call: a hash of provider, model, operation and input; the same for the same call. */
export const HOTSPAN_LLM_INPUT_HASH = 'hotspan.llm.input_hash';
/** On an LLM call: seconds from its start to the first content of its stream. */
export const HOTSPAN_LLM_TIME_TO_FIRST_TOKEN = 'hotspan.llm.time_to_first_token';
/** On an LLM call with a cache: whether the answer came from it. */
export const HOTSPAN_CACHE_HIT = 'hotspan.cache.hit';
/** On a hit: what the answer cost when it was made, USD. */
export const HOTSPAN_CACHE_SAVED_COST = 'hotspan.cache.saved_cost';
/** On a hit: how much longer the answer took when it was made, in seconds. */
export const HOTSPAN_CACHE_SAVED_TIME = 'hotspan.cache.saved_time';
/** On a step: its place, from 0. */
export const HOTSPAN_STEP_INDEX = 'hotspan.step.index';
/** On a step: {@link StepOutcome}. */
export const HOTSPAN_STEP_OUTCOME = 'hotspan.step.outcome';
/** On a segment with a CPU profile: the name of the file that it begins in, without its directory. */
export const HOTSPAN_CPU_PROFILE_FILE = 'hotspan.cpu_profile.file';
/**
 * On a segment whose function returned without a promise, if that took 20 ms or more: the seconds in
 * which nothing else could run. What another segment inside it tells of is not in it.
 */
export const HOTSPAN_EVENT_LOOP_BLOCKED = 'hotspan.event_loop.blocked';
/** Data from outside that was unusable and left out; one string each. Counted in the summary. */
export const HOTSPAN_WARNING = 'hotspan.warning';

export const ERROR_TYPE = 'error.type';
export const SERVICE_NAME = 'service.name';
export const HTTP_REQUEST_METHOD = 'http.request.method';
/** The name before the HTTP conventions became stable; instrumentations still write it. */
export const HTTP_METHOD_OLD = 'http.method';

/**
 * The same facts under the names that other instrumentations give them, the first that is there
 * counts: the conventions as they are and as they were, the Vercel AI SDK (`ai.*`), OpenInference and
 * OpenLLMetry (`llm.*`).
 */
export const PROVIDER_NAMES = [
  GEN_AI_PROVIDER_NAME,
  'gen_ai.system',
  'ai.model.provider',
  'llm.provider',
  'llm.system',
] as const;
export const RESPONSE_MODEL_NAMES = [GEN_AI_RESPONSE_MODEL, 'ai.response.model'] as const;
export const REQUEST_MODEL_NAMES = [
  GEN_AI_REQUEST_MODEL,
  'ai.model.id',
  'llm.model_name',
  'embedding.model_name',
] as const;
export const INPUT_TOKENS_NAMES = [
  GEN_AI_USAGE_INPUT_TOKENS,
  'gen_ai.usage.prompt_tokens',
  'ai.usage.inputTokens',
  'ai.usage.promptTokens',
  'ai.usage.tokens',
  'llm.token_count.prompt',
  'llm.usage.prompt_tokens',
] as const;
export const OUTPUT_TOKENS_NAMES = [
  GEN_AI_USAGE_OUTPUT_TOKENS,
  'gen_ai.usage.completion_tokens',
  'ai.usage.outputTokens',
  'ai.usage.completionTokens',
  'llm.token_count.completion',
  'llm.usage.completion_tokens',
] as const;
export const CACHE_READ_TOKENS_NAMES = [
  GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  'gen_ai.usage.cache_read_input_tokens',
  'ai.usage.inputTokenDetails.cacheReadTokens',
  'ai.usage.cachedInputTokens',
  'llm.token_count.prompt_details.cache_read',
] as const;
export const CACHE_WRITE_TOKENS_NAMES = [
  GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
  'gen_ai.usage.cache_creation.input_tokens',
  'gen_ai.usage.cache_creation_input_tokens',
  'ai.usage.inputTokenDetails.cacheWriteTokens',
  'llm.token_count.prompt_details.cache_write',
] as const;
export const REASONING_TOKENS_NAMES = [
  GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  'ai.usage.outputTokenDetails.reasoningTokens',
  'ai.usage.reasoningTokens',
  'llm.token_count.completion_details.reasoning',
] as const;
export const COST_NAMES = [GEN_AI_USAGE_COST, 'llm.cost.total', 'operation.cost'] as const;

/** Jaeger's tags for what OTLP has fields for: the kind of a span, and whether it ended with an error. */
export const SPAN_KIND_TAG = 'span.kind';
export const ERROR_TAG = 'error';
export const STATUS_CODE_TAG = 'otel.status_code';
/**
 * What a model was asked, as instrumentations record it, and with what settings: names that start with
 * one of these. Only a hash of it is kept.
 */
export const INPUT_PREFIXES = [
  GEN_AI_INPUT_MESSAGES,
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
  'gen_ai.request.',
  'gen_ai.prompt.',
  'ai.prompt',
  'ai.value',
  'ai.settings.',
  'llm.input_messages.',
  'llm.invocation_parameters',
  'llm.prompts.',
  'llm.request.functions.',
  'llm.tools.',
  'embedding.embeddings.',
  'input.value',
] as const;
/** Where one of these is, the input was recorded; settings alone are none. */
export const INPUT_NAMES = [
  GEN_AI_INPUT_MESSAGES,
  'gen_ai.prompt.0.content',
  'ai.prompt.messages',
  'ai.prompt',
  'ai.value',
  'ai.values',
  'llm.input_messages.0.message.content',
  'llm.prompts.0.prompt.text',
  'embedding.embeddings.0.embedding.text',
  'input.value',
] as const;

/** OpenInference: what a span is. */
export const OPENINFERENCE_SPAN_KIND = 'openinference.span.kind';
/** OpenLLMetry: what was asked of a model; and what a span is that asks none. */
export const LLM_REQUEST_TYPE = 'llm.request.type';
export const TRACELOOP_SPAN_KIND = 'traceloop.span.kind';
/** The Vercel AI SDK: `ai.generateText` holds the calls of models, `ai.generateText.doGenerate` is one. */
export const AI_OPERATION_ID = 'ai.operationId';

/** How one attempt ended. */
export type AttemptOutcome = 'success' | 'error' | 'timeout' | 'aborted';

/** How one step of a run ended. */
export type StepOutcome = 'completed' | 'failed' | 'timedOut' | 'skipped';

/** Where a cost comes from: the provider's own figure, the user's own price, or the price table. */
export type CostSource = 'provider' | 'override' | 'price_table';

/**
 * Operations of `gen_ai.operation.name` that contain model calls, or do other work of an agent. All
 * others, also those that are not in the conventions, call a model.
 */
export const AGENT_OPERATIONS: ReadonlySet<string> = new Set([
  'create_agent',
  'invoke_agent',
  'invoke_workflow',
  'execute_tool',
  'retrieval',
  'plan',
  'create_memory',
  'create_memory_store',
  'delete_memory',
  'delete_memory_store',
  'search_memory',
  'update_memory',
  'upsert_memory',
]);
