import * as semconv from '../semconv.js';

type Attributes = Readonly<Record<string, unknown>>;

/** The functions of the Vercel AI SDK, in whose spans are those of the calls. */
const AI_WRAPPER = /^ai\.(?:(?:generate|stream)(?:Text|Object)|embed|embedMany|rerank)$/;

/**
 * Attributes that tell what kind of span it is, the first that is there counts, and their values for a call of a model.
 * The others are agents, chains, tools and so on.
 */
const KINDS: readonly (readonly [name: string, isCall: (value: string) => boolean])[] = [
  // It writes `chat` for prompts as well.
  [semconv.LANGSMITH_SPAN_KIND, oneOf('llm', 'embedding')],
  [semconv.GEN_AI_OPERATION_NAME, (value) => semconv.CALL_OPERATIONS.has(value)],
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
    const isUnknown =
      name === semconv.GEN_AI_OPERATION_NAME && !semconv.AGENT_OPERATIONS.has(value);
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
    return semconv.WRAPPER_OPERATIONS.has(operation) || !semconv.AGENT_OPERATIONS.has(operation);
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

function oneOf(...values: readonly string[]): (value: string) => boolean {
  const all: ReadonlySet<string> = new Set(values);
  return (value) => all.has(value);
}
