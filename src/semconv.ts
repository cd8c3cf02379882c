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
/** Data from outside that was unusable and left out; one string each. Counted in the summary. */
export const HOTSPAN_WARNING = 'hotspan.warning';

export const ERROR_TYPE = 'error.type';
export const SERVICE_NAME = 'service.name';
export const HTTP_REQUEST_METHOD = 'http.request.method';
/** The name before the HTTP conventions became stable; instrumentations still write it. */
export const HTTP_METHOD_OLD = 'http.method';

/** How one attempt ended. */
export type AttemptOutcome = 'success' | 'error' | 'timeout' | 'aborted';

/** Where a cost comes from: the provider's own figure, or the price table. */
export type CostSource = 'provider' | 'price_table';

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
]);
