import {
  AGENT_OPERATIONS,
  AI_OPERATION_ID,
  CACHE_READ_TOKENS_NAMES,
  CACHE_WRITE_TOKENS_NAMES,
  COST_NAMES,
  GEN_AI_OPERATION_NAME,
  GEN_AI_REQUEST_MODEL,
  HOTSPAN_ATTEMPT_BACKOFF,
  HOTSPAN_ATTEMPT_NUMBER,
  HOTSPAN_ATTEMPT_OUTCOME,
  HOTSPAN_ATTEMPT_TIMEOUT,
  HOTSPAN_CACHE_HIT,
  HOTSPAN_CACHE_SAVED_COST,
  HOTSPAN_CACHE_SAVED_TIME,
  HOTSPAN_EVENT_LOOP_BLOCKED,
  HOTSPAN_WARNING,
  HTTP_METHOD_OLD,
  HTTP_REQUEST_METHOD,
  INPUT_TOKENS_NAMES,
  LLM_REQUEST_TYPE,
  OPENINFERENCE_SPAN_KIND,
  OUTPUT_TOKENS_NAMES,
  PROVIDER_NAMES,
  REASONING_TOKENS_NAMES,
  REQUEST_MODEL_NAMES,
  RESPONSE_MODEL_NAMES,
  TRACELOOP_SPAN_KIND,
  type AttemptOutcome,
} from '../semconv.js';
import { readInputHash } from './input-hash.js';
import type { SpanFacts, SpanKindName } from './span-record.js';

type Attributes = Readonly<Record<string, unknown>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The facts of most spans: none. They share this object. */
export const NO_FACTS: SpanFacts = Object.freeze({});
const OUTCOMES: ReadonlySet<unknown> = new Set(['success', 'error', 'timeout', 'aborted']);
const OPENINFERENCE_CALLS: ReadonlySet<unknown> = new Set(['LLM', 'EMBEDDING', 'RERANKER']);
/** The functions of the Vercel AI SDK, in whose spans are those of the calls. */
const AI_WRAPPERS: ReadonlySet<unknown> = new Set([
  'ai.generateText',
  'ai.streamText',
  'ai.generateObject',
  'ai.streamObject',
  'ai.embed',
  'ai.embedMany',
  'ai.rerank',
]);

/** The figures of a call, and the names that they go by. */
const FIGURES = [
  ['inputTokens', INPUT_TOKENS_NAMES],
  ['outputTokens', OUTPUT_TOKENS_NAMES],
  ['cacheReadTokens', CACHE_READ_TOKENS_NAMES],
  ['cacheWriteTokens', CACHE_WRITE_TOKENS_NAMES],
  ['reasoningTokens', REASONING_TOKENS_NAMES],
  ['costUsd', COST_NAMES],
] as const;

/** A span without any of these attributes tells nothing. Most have none: that has to be found quickly. */
const TELLING: ReadonlySet<string> = new Set([
  AI_OPERATION_ID,
  GEN_AI_OPERATION_NAME,
  GEN_AI_REQUEST_MODEL,
  HOTSPAN_ATTEMPT_NUMBER,
  HOTSPAN_CACHE_HIT,
  HOTSPAN_EVENT_LOOP_BLOCKED,
  HOTSPAN_WARNING,
  HTTP_METHOD_OLD,
  HTTP_REQUEST_METHOD,
  LLM_REQUEST_TYPE,
  OPENINFERENCE_SPAN_KIND,
  TRACELOOP_SPAN_KIND,
]);

/** Checks whether a span may tell something; `false` means that it does not. */
export function mayHaveFacts(attributes: Attributes): boolean {
  for (const name in attributes) if (TELLING.has(name)) return true;
  return false;
}

/**
 * Reads what the analysis needs from the attributes of a span, so that the attributes themselves
 * (which may be large) need not be kept. A figure that is not a finite number of at least 0 is left
 * out and becomes a warning. Never throws.
 */
export function readSpanFacts(kind: SpanKindName, attributes: Attributes): SpanFacts {
  if (!mayHaveFacts(attributes)) return NO_FACTS;
  const facts: Mutable<SpanFacts> = {};
  const warned = attributes[HOTSPAN_WARNING];
  const warnings = Array.isArray(warned) ? warned.filter((text) => typeof text === 'string') : [];
  const figure = (key: string): number | undefined => {
    const value = attributes[key];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    warnings.push(`${key} was not a number of at least 0 and was left out`);
    return undefined;
  };
  const isHttpClient =
    kind === 'client' &&
    (attributes[HTTP_REQUEST_METHOD] !== undefined || attributes[HTTP_METHOD_OLD] !== undefined);
  const isCall = isModelCall(attributes, isHttpClient);
  const isAttempt = attributes[HOTSPAN_ATTEMPT_NUMBER] !== undefined;

  if (isCall || isAttempt) readFigures(facts, attributes, figure);
  if (isCall) readCall(facts, attributes);
  if (attributes[HOTSPAN_CACHE_HIT] === true) {
    const savedUsd = figure(HOTSPAN_CACHE_SAVED_COST);
    const savedSeconds = figure(HOTSPAN_CACHE_SAVED_TIME) ?? 0;
    facts.cacheHit = { ...(savedUsd === undefined ? {} : { savedUsd }), savedSeconds };
  }
  if (isAttempt) {
    const outcome = attributes[HOTSPAN_ATTEMPT_OUTCOME];
    const timeoutSeconds = figure(HOTSPAN_ATTEMPT_TIMEOUT);
    facts.attempt = {
      number: figure(HOTSPAN_ATTEMPT_NUMBER) ?? 1,
      outcome: OUTCOMES.has(outcome) ? (outcome as AttemptOutcome) : undefined,
      backoffSeconds: figure(HOTSPAN_ATTEMPT_BACKOFF) ?? 0,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    };
  }
  if (isHttpClient) facts.isHttpClient = true;
  if (isToolCall(attributes)) facts.isToolCall = true;
  const blockedSeconds = figure(HOTSPAN_EVENT_LOOP_BLOCKED);
  if (blockedSeconds !== undefined) facts.blockedSeconds = blockedSeconds;
  if (!isCall && AI_WRAPPERS.has(attributes[AI_OPERATION_ID])) {
    facts.callWrapper = { model: first(attributes, REQUEST_MODEL_NAMES) };
  }
  if (warnings.length > 0) facts.warnings = warnings;
  for (const _ in facts) return facts;
  return NO_FACTS;
}

function readFigures(
  facts: Mutable<SpanFacts>,
  attributes: Attributes,
  figure: (key: string) => number | undefined,
): void {
  for (const [field, names] of FIGURES) {
    const key = names.find((name) => attributes[name] !== undefined);
    const value = key === undefined ? undefined : figure(key);
    if (value !== undefined) facts[field] = value;
  }
  // Some instrumentations of Anthropic report its input tokens as it does, without the cached ones.
  // More parts than the whole can have no other reason.
  const { inputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = facts;
  const cached = cacheReadTokens + cacheWriteTokens;
  if (inputTokens !== undefined && cached > inputTokens) facts.inputTokens = inputTokens + cached;
}

function readCall(facts: Mutable<SpanFacts>, attributes: Attributes): void {
  const requestModel = first(attributes, REQUEST_MODEL_NAMES);
  const model = first(attributes, RESPONSE_MODEL_NAMES) ?? requestModel;
  facts.llmCall = { provider: first(attributes, PROVIDER_NAMES), model, requestModel };
  const inputHash = readInputHash(attributes, facts);
  if (inputHash !== undefined) facts.inputHash = inputHash;
}

/** Checks whether a span is one call of a model, and not an agent, a chain or a tool that contains some. */
export function isModelCall(attributes: Attributes, isHttpClient: boolean): boolean {
  const operation = attributes[GEN_AI_OPERATION_NAME];
  if (typeof operation === 'string') return !AGENT_OPERATIONS.has(operation);
  const inference = attributes[OPENINFERENCE_SPAN_KIND];
  if (inference !== undefined) return OPENINFERENCE_CALLS.has(inference);
  const aiOperation = attributes[AI_OPERATION_ID];
  if (typeof aiOperation === 'string') return /\.do[A-Z]\w*$/.test(aiOperation);
  if (attributes[TRACELOOP_SPAN_KIND] !== undefined) return false;
  if (attributes[LLM_REQUEST_TYPE] !== undefined) return true;
  // A request that names a model and no operation only asks something of it: to count tokens, say.
  return attributes[GEN_AI_REQUEST_MODEL] !== undefined && !isHttpClient;
}

/** Knows the conventions and other instrumentations. */
function isToolCall(attributes: Attributes): boolean {
  return (
    attributes[GEN_AI_OPERATION_NAME] === 'execute_tool' ||
    attributes[OPENINFERENCE_SPAN_KIND] === 'TOOL' ||
    attributes[TRACELOOP_SPAN_KIND] === 'tool' ||
    attributes[AI_OPERATION_ID] === 'ai.toolCall'
  );
}

function first(attributes: Attributes, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = attributes[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}
