/**
 * The `gen_ai.*` names follow v0.1.0 of open-telemetry/semantic-conventions-genai. All of them are
 * "Development", and the package of the conventions deprecated them: so they are copied here.
 * `gen_ai.usage.cost` is not among them yet; other tools read it under this name.
 */

export const GEN_AI_OPERATION_NAME = 'gen_ai.operation.name';
export const GEN_AI_PROVIDER_NAME = 'gen_ai.provider.name';
export const GEN_AI_REQUEST_MODEL = 'gen_ai.request.model';
export const GEN_AI_RESPONSE_MODEL = 'gen_ai.response.model';
export const GEN_AI_RESPONSE_ID = 'gen_ai.response.id';
export const GEN_AI_RESPONSE_FINISH_REASONS = 'gen_ai.response.finish_reasons';

/** Input and output of the model, as JSON; recorded only on demand. */
export const GEN_AI_INPUT_MESSAGES = 'gen_ai.input.messages';
export const GEN_AI_OUTPUT_MESSAGES = 'gen_ai.output.messages';

export const GEN_AI_USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens';
export const GEN_AI_USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens';
export const GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.cache_read.input_tokens';
export const GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS = 'gen_ai.usage.cache_write.input_tokens';
export const GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = 'gen_ai.usage.reasoning.output_tokens';
export const TOKEN_ATTRIBUTES = [
  ['inputTokens', GEN_AI_USAGE_INPUT_TOKENS],
  ['outputTokens', GEN_AI_USAGE_OUTPUT_TOKENS],
  ['cacheReadTokens', GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS],
  ['cacheWriteTokens', GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS],
  ['reasoningTokens', GEN_AI_USAGE_REASONING_OUTPUT_TOKENS],
] as const;
/** What few calls have and changes their price: tokens of other kinds, and how the request was sold. */
export const DETAIL_ATTRIBUTES = [
  ['cacheWriteOneHourTokens', 'hotspan.llm.cache_write_1h_tokens'],
  ['inputAudioTokens', 'gen_ai.usage.audio.input_tokens'],
  ['inputImageTokens', 'gen_ai.usage.image.input_tokens'],
  ['inputVideoTokens', 'gen_ai.usage.video.input_tokens'],
  ['cacheReadAudioTokens', 'gen_ai.usage.audio.cache_read.input_tokens'],
  ['cacheReadImageTokens', 'gen_ai.usage.image.cache_read.input_tokens'],
  ['outputAudioTokens', 'gen_ai.usage.audio.output_tokens'],
  ['outputImageTokens', 'gen_ai.usage.image.output_tokens'],
  ['audioSeconds', 'hotspan.llm.audio_seconds'],
  ['searchUnits', 'hotspan.llm.search_units'],
  ['webSearches', 'hotspan.llm.web_searches'],
  ['serviceTier', 'gen_ai.response.service_tier'],
  ['speed', 'hotspan.llm.speed'],
  ['inferenceGeo', 'hotspan.llm.inference_geo'],
] as const;
/** USD, a double. Absent when the price is unknown, never 0 instead. */
export const GEN_AI_USAGE_COST = 'gen_ai.usage.cost';

/** On an LLM call with a cost: {@link CostSource}. */
export const HOTSPAN_COST_SOURCE = 'hotspan.cost.source';
/** On an LLM call: what changes its price and is not in its cost, one string each, such as `web_search`. */
export const HOTSPAN_COST_EXCLUDES = 'hotspan.cost.excludes';
/** On an operation: how many attempts were made, and how many were allowed. */
export const HOTSPAN_ATTEMPT_COUNT = 'hotspan.attempt.count';
export const HOTSPAN_ATTEMPT_MAX = 'hotspan.attempt.max';
/** On an attempt: its number, from 1; its {@link AttemptOutcome}; the seconds waited before it. */
export const HOTSPAN_ATTEMPT_NUMBER = 'hotspan.attempt.number';
export const HOTSPAN_ATTEMPT_OUTCOME = 'hotspan.attempt.outcome';
export const HOTSPAN_ATTEMPT_BACKOFF = 'hotspan.attempt.backoff';
/** On an attempt: its time limit in seconds, if it has one. */
export const HOTSPAN_ATTEMPT_TIMEOUT = 'hotspan.attempt.timeout';
/** On an LLM call: a hash of provider, model, operation and input. */
export const HOTSPAN_LLM_INPUT_HASH = 'hotspan.llm.input_hash';
/** On an LLM call: seconds from its start to the first content of its stream. */
export const HOTSPAN_LLM_TIME_TO_FIRST_TOKEN = 'hotspan.llm.time_to_first_token';
/**
 * On a call or a segment whose stream was read: the seconds in which its reader waited for the model (or whatever
 * made the stream), and those in which the model waited for its reader.
 */
export const HOTSPAN_STREAM_MODEL_TIME = 'hotspan.stream.model_time';
export const HOTSPAN_STREAM_READER_TIME = 'hotspan.stream.reader_time';
/**
 * Where the reader took a part of the time: microseconds, by turns of the model (until the stream was there), the
 * reader, the model, the reader, and so on. `8: ` before them says that each stands for 8 turns.
 */
export const HOTSPAN_STREAM_TURNS = 'hotspan.stream.turns';
/** The id of the span that read the stream, unless that is its parent. */
export const HOTSPAN_STREAM_READER = 'hotspan.stream.reader';
/** On an LLM call with a cache: `true` if the answer came from it. */
export const HOTSPAN_CACHE_HIT = 'hotspan.cache.hit';
/** On a hit: the cost of the answer when it was made, in USD; and how many more seconds it took. */
export const HOTSPAN_CACHE_SAVED_COST = 'hotspan.cache.saved_cost';
export const HOTSPAN_CACHE_SAVED_TIME = 'hotspan.cache.saved_time';
/** On a step: its place in the list, from 0; its {@link StepOutcome}. */
export const HOTSPAN_STEP_INDEX = 'hotspan.step.index';
export const HOTSPAN_STEP_OUTCOME = 'hotspan.step.outcome';
/** On a step with an `after` option: the names of the steps that it waited for. */
export const HOTSPAN_STEP_AFTER = 'hotspan.step.after';
/** On a segment with a CPU profile: the name of the file that has its start, without the directory. */
export const HOTSPAN_CPU_PROFILE_FILE = 'hotspan.cpu_profile.file';
/** On synchronous code: the seconds, from 1 ms on, for which it alone blocked the event loop. */
export const HOTSPAN_EVENT_LOOP_BLOCKED = 'hotspan.event_loop.blocked';
/** `true` on a span whose own time is no work: a user thinks, a queue is empty. */
export const HOTSPAN_IDLE = 'hotspan.idle';
/** The seconds by which an experiment made a segment longer, at its end. */
export const HOTSPAN_EXPERIMENT_DELAY = 'hotspan.experiment.delay';
/** Data from outside that could not be used, one string each. The summary counts them. */
export const HOTSPAN_WARNING = 'hotspan.warning';

export const ERROR_TYPE = 'error.type';
export const SERVICE_NAME = 'service.name';
export const HTTP_REQUEST_METHOD = 'http.request.method';
export const HTTP_STATUS_CODE = 'http.response.status_code';
export const HTTP_ROUTE = 'http.route';
export const URL_FULL = 'url.full';
export const URL_PATH = 'url.path';
export const URL_SCHEME = 'url.scheme';
export const SERVER_ADDRESS = 'server.address';
export const SERVER_PORT = 'server.port';
export const HTTP_METHOD_OLD = 'http.method';
/** How often a request was sent before, which counts from 0. */
export const HTTP_REQUEST_RESEND_COUNT = 'http.request.resend_count';
export const MCP_METHOD_NAME = 'mcp.method.name';
export const GEN_AI_TOOL_NAME = 'gen_ai.tool.name';
export const GEN_AI_AGENT_NAME = 'gen_ai.agent.name';
export const MESSAGING_SYSTEM = 'messaging.system';

/** What names a row, in the conventions as they are and as they were: the first that is there counts. */
export const HTTP_METHOD_NAMES = [HTTP_REQUEST_METHOD, HTTP_METHOD_OLD] as const;
export const HTTP_STATUS_NAMES = [HTTP_STATUS_CODE, 'http.status_code'] as const;
export const HTTP_ROUTE_NAMES = [HTTP_ROUTE] as const;
export const URL_NAMES = [URL_FULL, 'http.url'] as const;
export const PATH_NAMES = [URL_PATH, 'http.target'] as const;
export const ADDRESS_NAMES = [SERVER_ADDRESS, 'net.peer.name'] as const;
export const HTTP_HOST_OLD = 'http.host';
export const PEER_NAMES = ['peer.service', 'network.peer.address', 'net.peer.ip'] as const;
export const DB_SYSTEM_NAMES = ['db.system.name', 'db.system'] as const;
export const DB_SUMMARY_NAMES = ['db.query.summary'] as const;
export const DB_OPERATION_NAMES = ['db.operation.name', 'db.operation'] as const;
export const DB_COLLECTION_NAMES = [
  'db.collection.name',
  'db.sql.table',
  'db.mongodb.collection',
  'db.cassandra.table',
  'aws.dynamodb.table_names',
] as const;
export const DB_STATEMENT_NAMES = ['db.query.text', 'db.statement'] as const;
export const DB_NAMESPACE_NAMES = ['db.namespace', 'db.name'] as const;
export const MESSAGING_OPERATION_NAMES = [
  'messaging.operation.name',
  'messaging.operation.type',
  'messaging.operation',
] as const;
export const MESSAGING_DESTINATION_NAMES = [
  'messaging.destination.template',
  'messaging.destination.name',
  'messaging.destination',
] as const;
export const RPC_SYSTEM_NAMES = ['rpc.system.name', 'rpc.system'] as const;
export const RPC_SERVICE_NAMES = ['rpc.service'] as const;
export const RPC_METHOD_NAMES = ['rpc.method'] as const;
/** What a request to an MCP server is about. */
export const MCP_TARGET_NAMES = [GEN_AI_TOOL_NAME, 'gen_ai.prompt.name'] as const;
export const MCP_SERVER_NAMES = ['mcp.server.name', 'server.address', 'net.peer.name'] as const;
export const TOOL_NAMES = [
  GEN_AI_TOOL_NAME,
  'tool.name',
  'ai.toolCall.name',
  'traceloop.entity.name',
] as const;
export const AGENT_NAMES = [GEN_AI_AGENT_NAME, 'agent.name', 'traceloop.entity.name'] as const;

export const SPAN_KIND_TAG = 'span.kind';
export const ERROR_TAG = 'error';
export const STATUS_CODE_TAG = 'otel.status_code';
/** The name of the instrumentation, as it is and as it was. */
export const SCOPE_TAGS = ['otel.scope.name', 'otel.library.name'] as const;
/** The conversation that a call is part of, which several traces may be of. */
export const SESSION_NAMES = [
  'gen_ai.conversation.id',
  'session.id',
  'langfuse.session.id',
  'ai.telemetry.metadata.sessionId',
  'traceloop.association.properties.session_id',
] as const;
/** `true` on the first request of an instance that had to be started for it. */
export const FAAS_COLDSTART = 'faas.coldstart';

export const OPENINFERENCE_SPAN_KIND = 'openinference.span.kind';
export const LLM_REQUEST_TYPE = 'llm.request.type';
export const TRACELOOP_SPAN_KIND = 'traceloop.span.kind';
export const LANGFUSE_TYPE = 'langfuse.observation.type';
/** `ERROR` where an observation failed. */
export const LANGFUSE_LEVEL = 'langfuse.observation.level';
export const LANGSMITH_SPAN_KIND = 'langsmith.span.kind';
export const LAMINAR_SPAN_TYPE = 'lmnr.span.type';
export const GENKIT_SUBTYPE = 'genkit:metadata:subtype';
/** A text as JSON: `"CHAT_MODEL"`. */
export const MLFLOW_SPAN_TYPE = 'mlflow.spanType';
/** JSON, such as `{"name":"answer","type":"llm"}`. */
export const BRAINTRUST_SPAN = 'braintrust.span_attributes';
/** The AI SDK's: `ai.generateText` contains calls of a model, `ai.generateText.doGenerate` is one. */
export const AI_OPERATION_ID = 'ai.operationId';

export type AttemptOutcome = 'success' | 'error' | 'timeout' | 'aborted';
export type StepOutcome = 'completed' | 'failed' | 'timedOut' | 'skipped';
export type CostSource = 'provider' | 'override' | 'price_table';
