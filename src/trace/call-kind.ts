import * as semconv from '../semconv.js';

type Attributes = Readonly<Record<string, unknown>>;

/** The functions of the Vercel AI SDK, in whose spans are those of the calls. */
const AI_WRAPPER = /^ai\.(?:(?:generate|stream)(?:Text|Object)|embed|embedMany|rerank)$/;

/**
 * Values of `gen_ai.operation.name` that call a model: those of the conventions, and others that are written.
 * Of any other it depends on what the span tells, and on the spans inside it.
 */
const CALL_OPERATIONS = setOf(
  'chat embeddings generate_content text_completion ' +
    'completion embed embedding embed_content embed_many generate_image generate_object generate_text ' +
    'image_generation llm messages rerank responses speech stream_object stream_text text_to_speech ' +
    'transcribe transcription',
);

/** Values that the AI SDK 7 has for its functions, and for each call of a model in them. */
const WRAPPER_OPERATIONS = setOf('invoke_agent agent_step');

/**
 * Values of `gen_ai.operation.name` that do not call a model themselves. The second part
 * is not in the conventions: LangSmith, OpenLLMetry, Mastra and the AI SDK write them.
 */
const AGENT_OPERATIONS = setOf(
  'create_agent invoke_agent invoke_workflow execute_tool retrieval plan create_memory ' +
    'create_memory_store delete_memory delete_memory_store search_memory update_memory upsert_memory ' +
    'agent agent_run agent_step chain parser prompt retriever task tool workflow workflow_run workflow_step',
);

/**
 * Attributes that tell what kind of span it is, the first that is there counts, and their values for a call of a model.
 * The others are agents, chains, tools and so on.
 */
const KINDS: readonly (readonly [name: string, isCall: (value: string) => boolean])[] = [
  // It writes `chat` for prompts as well.
  [semconv.LANGSMITH_SPAN_KIND, oneOf('llm', 'embedding')],
  [semconv.GEN_AI_OPERATION_NAME, (value) => CALL_OPERATIONS.has(value)],
  [semconv.OPENINFERENCE_SPAN_KIND, oneOf('LLM', 'EMBEDDING', 'RERANKER')],
  [semconv.AI_OPERATION_ID, (value) => /\.do[A-Z]\w*$/.test(value)],
  [semconv.TRACELOOP_SPAN_KIND, () => false],
  [semconv.LANGFUSE_TYPE, oneOf('generation', 'embedding')],
  [semconv.MLFLOW_SPAN_TYPE, oneOf('CHAT_MODEL', 'LLM', 'EMBEDDING', 'RERANKER')],
  [semconv.LAMINAR_SPAN_TYPE, oneOf('LLM')],
  [semconv.BRAINTRUST_SPAN, (value) => /type\s*:\s*llm\b/.test(value.slice(0, 1_000))],
  [semconv.GENKIT_SUBTYPE, oneOf('model', 'embedder', 'reranker')],
  [semconv.LLM_REQUEST_TYPE, oneOf('chat', 'completion', 'embedding', 'rerank')],
];

/** Instrumentations that make spans of calls alone, and say of some no more than the model. */
const OF_CALLS_ALONE = /^@traceloop\/instrumentation-bedrock$/;

/** A span without any of these tells nothing of calls. */
export const CALL_MARKS: readonly string[] = [
  ...KINDS.map(([name]) => name),
  semconv.GEN_AI_REQUEST_MODEL,
  semconv.GEN_AI_USAGE_COST,
  semconv.GEN_AI_USAGE_INPUT_TOKENS,
  'llm.model_name',
  'ai.model_id',
  'operation.cost',
];

/**
 * Checks whether a span is certainly one call of a model. Others may be one or hold some: agents, chains, steps,
 * operations that nobody knows.
 */
export function isModelCall(attributes: Attributes): boolean {
  return toldKind(attributes)?.isCall === true;
}

/** What kind of span it is, as the first attribute that tells it has it. */
export interface ToldKind {
  readonly isCall: boolean;
  readonly value: string;
}

/** @param scope the name of the instrumentation */
export function toldKind(attributes: Attributes, scope = ''): ToldKind | undefined {
  for (const [name, isCall] of KINDS) {
    const value = attributes[name];
    if (typeof value !== 'string') continue;
    // MLflow writes texts as JSON.
    if (isCall(value.includes('"') ? value.replaceAll('"', '') : value)) {
      return { isCall: true, value };
    }
    const isUnknown = name === semconv.GEN_AI_OPERATION_NAME && !AGENT_OPERATIONS.has(value);
    if (!isUnknown) return { isCall: false, value };
  }
  const { [semconv.GEN_AI_REQUEST_MODEL]: model } = attributes;
  return typeof model === 'string' && OF_CALLS_ALONE.test(scope)
    ? { isCall: true, value: model }
    : undefined;
}

/** Checks whether a span may be a layer around calls of one model, or a stage of one. */
export function mayWrapCall(attributes: Attributes): boolean {
  const operation = attributes[semconv.GEN_AI_OPERATION_NAME];
  if (typeof operation === 'string') {
    return WRAPPER_OPERATIONS.has(operation) || !AGENT_OPERATIONS.has(operation);
  }
  const aiOperation = attributes[semconv.AI_OPERATION_ID];
  return typeof aiOperation === 'string' && AI_WRAPPER.test(aiOperation);
}

const TOOLS: readonly (readonly [name: string, value: string])[] = [
  [semconv.GEN_AI_OPERATION_NAME, 'execute_tool'],
  [semconv.OPENINFERENCE_SPAN_KIND, 'TOOL'],
  [semconv.TRACELOOP_SPAN_KIND, 'tool'],
  [semconv.AI_OPERATION_ID, 'ai.toolCall'],
  [semconv.LANGFUSE_TYPE, 'tool'],
  [semconv.LANGSMITH_SPAN_KIND, 'tool'],
  [semconv.LAMINAR_SPAN_TYPE, 'TOOL'],
  [semconv.MLFLOW_SPAN_TYPE, '"TOOL"'],
];

export function isToolCall(attributes: Attributes): boolean {
  for (const [name, value] of TOOLS) if (attributes[name] === value) return true;
  return false;
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

function oneOf(...values: readonly string[]): (value: string) => boolean {
  const all: ReadonlySet<string> = new Set(values);
  return (value) => all.has(value);
}
