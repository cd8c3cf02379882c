import { modelApiOf } from '../model-api.js';
import { isTransientStatus } from '../retry-after.js';
import * as semconv from '../semconv.js';
import { addressOf, firstText, requestPath } from './attribute-text.js';
import { readInputHash } from './input-hash.js';
import { readJsonFigures } from './json-figures.js';
import { shortName } from './short-name.js';
import {
  NO_FACTS,
  type CallFigures,
  type LlmCall,
  type SpanFacts,
  type SpanKindName,
} from './span-record.js';
import { NAMING_ATTRIBUTES, tellingName } from './telling-name.js';

type Attributes = Readonly<Record<string, unknown>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The most warnings to read from one span, and the most characters of each. */
const MAX_WARNINGS = 100;
const MAX_WARNING_LENGTH = 1_000;

const CONNECTION: SpanFacts = Object.freeze({ isConnection: true });
/** The spans of OpenTelemetry's instrumentations of `dns` and `net`, told by their names alone. */
const CONNECTION_NAME = /^(?:dns\.\w+|(?:tcp|tls)\.connect)$/;
const OUTCOMES: ReadonlySet<unknown> = new Set(['success', 'error', 'timeout', 'aborted']);
const LANGFUSE_CALLS: ReadonlySet<unknown> = new Set(['generation', 'embedding']);
const OPENINFERENCE_CALLS: ReadonlySet<unknown> = new Set(['LLM', 'EMBEDDING', 'RERANKER']);
/** The functions of the Vercel AI SDK, in whose spans are those of the calls. */
const AI_WRAPPER = /^ai\.(?:(?:generate|stream)(?:Text|Object)|embed|embedMany|rerank)$/;

const FIGURES = [
  ['inputTokens', semconv.INPUT_TOKENS_NAMES],
  ['outputTokens', semconv.OUTPUT_TOKENS_NAMES],
  ['cacheReadTokens', semconv.CACHE_READ_TOKENS_NAMES],
  ['cacheWriteTokens', semconv.CACHE_WRITE_TOKENS_NAMES],
  ['reasoningTokens', semconv.REASONING_TOKENS_NAMES],
  ['costUsd', semconv.COST_NAMES],
] as const;

/** A span without any of these attributes tells nothing. Most have none: that has to be found quickly. */
const TELLING: ReadonlySet<string> = new Set([
  semconv.AI_OPERATION_ID,
  semconv.GEN_AI_OPERATION_NAME,
  semconv.GEN_AI_REQUEST_MODEL,
  semconv.HOTSPAN_ATTEMPT_NUMBER,
  semconv.HOTSPAN_CACHE_HIT,
  semconv.HOTSPAN_EVENT_LOOP_BLOCKED,
  semconv.HOTSPAN_WARNING,
  semconv.LANGFUSE_TYPE,
  semconv.LLM_REQUEST_TYPE,
  ...NAMING_ATTRIBUTES,
]);

/** The first letters of those names, one bit each: most other names need no look into the set. */
const FIRST_LETTERS = [...TELLING].reduce((bits, name) => bits | (1 << name.charCodeAt(0)), 0);
const DOT = 46;
const LENGTHS = [...TELLING].reduce((bits, name) => bits | (1 << name.length), 0);

export function mayHaveFacts(attributes: Attributes): boolean {
  for (const name in attributes) {
    const isLike = (FIRST_LETTERS >> name.charCodeAt(0)) & (LENGTHS >> name.length) & 1;
    if (isLike === 1 && TELLING.has(name)) return true;
  }
  return false;
}

/**
 * Reads what the analysis needs, so that the attributes (which may be large) need not be kept.
 *
 * @param name of the span; without it the facts have no `rowName`
 * @param scope the name of the instrumentation
 */
export function readSpanFacts(
  kind: SpanKindName,
  attributes: Attributes,
  name?: string,
  scope?: string,
): SpanFacts {
  // The dot is looked at first, as most names have none there.
  if (name?.charCodeAt(3) === DOT && CONNECTION_NAME.test(name)) return CONNECTION;
  if (!mayHaveFacts(attributes)) return NO_FACTS;
  const facts: Mutable<SpanFacts> = {};
  const warned = attributes[semconv.HOTSPAN_WARNING];
  const warnings = Array.isArray(warned) ? warned.slice(0, MAX_WARNINGS).flatMap(textOf) : [];
  const figure = (key: string): number | undefined => {
    const value = attributes[key];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    warnings.push(`${key} was not a number of at least 0 and was left out`);
    return undefined;
  };
  const isHttpClient =
    kind === 'client' && firstText(attributes, semconv.HTTP_METHOD_NAMES) !== undefined;
  const isCall = isModelCall(attributes, isHttpClient);
  const isAttempt = attributes[semconv.HOTSPAN_ATTEMPT_NUMBER] !== undefined;

  if (isCall || isAttempt) readFigures(facts, attributes, figure);
  else if (!isHttpClient) {
    const ifAlone = readIfAlone(attributes, scope, figure);
    if (ifAlone !== undefined) facts.ifAlone = ifAlone;
  }
  if (isCall) {
    facts.llmCall = readCall(attributes, scope);
    const inputHash = readInputHash(attributes, facts);
    if (inputHash !== undefined) facts.inputHash = inputHash;
  }
  if (attributes[semconv.HOTSPAN_CACHE_HIT] === true) {
    const savedUsd = figure(semconv.HOTSPAN_CACHE_SAVED_COST);
    const savedSeconds = figure(semconv.HOTSPAN_CACHE_SAVED_TIME) ?? 0;
    facts.cacheHit = { ...(savedUsd === undefined ? {} : { savedUsd }), savedSeconds };
  }
  if (isAttempt) {
    const outcome = attributes[semconv.HOTSPAN_ATTEMPT_OUTCOME];
    const timeoutSeconds = figure(semconv.HOTSPAN_ATTEMPT_TIMEOUT);
    facts.attempt = {
      number: figure(semconv.HOTSPAN_ATTEMPT_NUMBER) ?? 1,
      outcome: OUTCOMES.has(outcome) ? (outcome as semconv.AttemptOutcome) : undefined,
      backoffSeconds: figure(semconv.HOTSPAN_ATTEMPT_BACKOFF) ?? 0,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    };
  }
  if (isHttpClient) readRequest(facts, attributes);
  if (isCall) readCallAddress(facts, attributes);
  else if (name !== undefined) {
    const rowName = tellingName(name, kind, attributes);
    if (rowName !== undefined) facts.rowName = shortName(rowName);
  }
  if (isToolCall(attributes)) facts.isToolCall = true;
  const isMcpRequest = kind === 'client' && attributes[semconv.MCP_METHOD_NAME] !== undefined;
  if (isMcpRequest) facts.isMcpRequest = true;
  const blockedSeconds = figure(semconv.HOTSPAN_EVENT_LOOP_BLOCKED);
  if (blockedSeconds !== undefined) facts.blockedSeconds = blockedSeconds;
  if (!isCall && mayWrapCall(attributes)) {
    facts.callWrapper = { model: first(attributes, semconv.REQUEST_MODEL_NAMES) };
  }
  if (warnings.length > 0) facts.warnings = warnings;
  for (const _ in facts) return facts;
  return NO_FACTS;
}

function readCall(attributes: Attributes, reporter: string | undefined): LlmCall {
  const requestModel = first(attributes, semconv.REQUEST_MODEL_NAMES);
  const model = first(attributes, semconv.RESPONSE_MODEL_NAMES) ?? requestModel;
  return { provider: first(attributes, semconv.PROVIDER_NAMES), model, requestModel, reporter };
}

function readIfAlone(
  attributes: Attributes,
  scope: string | undefined,
  figure: (key: string) => number | undefined,
): SpanFacts['ifAlone'] {
  const figures: Mutable<CallFigures> = {};
  readFigures(figures, attributes, figure);
  const { inputTokens, outputTokens, costUsd } = figures;
  const llmCall = readCall(attributes, scope);
  if (llmCall.model !== undefined && (inputTokens ?? outputTokens) !== undefined)
    return { ...figures, llmCall };
  return costUsd === undefined ? undefined : figures;
}

function readRequest(facts: Mutable<SpanFacts>, attributes: Attributes): void {
  facts.isHttpClient = true;
  const address = addressOf(attributes);
  if (address !== undefined) {
    facts.address = address;
    if (modelApiOf(`${address}${requestPath(attributes) ?? ''}`) !== undefined)
      facts.asksModelApi = true;
  }
  const statuses = semconv.HTTP_STATUS_NAMES.map((key) => attributes[key]);
  const status = Number(statuses.find((value) => value !== undefined) ?? NaN);
  if (Number.isNaN(status)) return;
  facts.mayBeSentAgain = isTransientStatus(status);
}

function readCallAddress(facts: Mutable<SpanFacts>, attributes: Attributes): void {
  const address = addressOf(attributes);
  if (address !== undefined) facts.address = address;
  const resends = Number(attributes[semconv.HTTP_REQUEST_RESEND_COUNT] ?? 0);
  if (resends >= 1) facts.resends = resends;
}

function textOf(value: unknown): string[] {
  return typeof value === 'string' ? [shortName(value, MAX_WARNING_LENGTH)] : [];
}

function readFigures(
  facts: Mutable<CallFigures>,
  attributes: Attributes,
  figure: (key: string) => number | undefined,
): void {
  for (const [field, names] of FIGURES) {
    const key = names.find((name) => attributes[name] !== undefined);
    const value = key === undefined ? undefined : figure(key);
    if (value !== undefined) facts[field] = value;
  }
  const inJson = readJsonFigures(attributes);
  for (const [field] of FIGURES) {
    const value = facts[field] ?? inJson[field];
    if (value !== undefined) facts[field] = value;
  }
  const source = attributes[semconv.HOTSPAN_COST_SOURCE];
  const isComputed = source === 'price_table' || source === 'override';
  if (isComputed && facts.costUsd !== undefined) facts.isCostComputed = true;
  // Some instrumentations of Anthropic report its input tokens as it does, without the cached ones.
  // More parts than the whole can have no other reason.
  const { inputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = facts;
  const cached = cacheReadTokens + cacheWriteTokens;
  if (inputTokens !== undefined && cached > inputTokens) facts.inputTokens = inputTokens + cached;
}

/** Checks whether a span is one call of a model, and not an agent, a chain or a tool that contains some. */
export function isModelCall(attributes: Attributes, isHttpClient: boolean): boolean {
  const operation = attributes[semconv.GEN_AI_OPERATION_NAME];
  if (typeof operation === 'string') return semconv.CALL_OPERATIONS.has(operation);
  const inference = attributes[semconv.OPENINFERENCE_SPAN_KIND];
  if (inference !== undefined) return OPENINFERENCE_CALLS.has(inference);
  const aiOperation = attributes[semconv.AI_OPERATION_ID];
  if (typeof aiOperation === 'string') return /\.do[A-Z]\w*$/.test(aiOperation);
  if (attributes[semconv.TRACELOOP_SPAN_KIND] !== undefined) return false;
  const observation = attributes[semconv.LANGFUSE_TYPE];
  if (observation !== undefined) return LANGFUSE_CALLS.has(observation);
  if (attributes[semconv.LLM_REQUEST_TYPE] !== undefined) return true;
  // A request that names a model and no operation only asks something of it: to count tokens, say.
  return attributes[semconv.GEN_AI_REQUEST_MODEL] !== undefined && !isHttpClient;
}

/** Checks whether a span may be a layer around calls of a model, or a stage of one. */
function mayWrapCall(attributes: Attributes): boolean {
  const operation = attributes[semconv.GEN_AI_OPERATION_NAME];
  if (typeof operation === 'string') {
    return semconv.WRAPPER_OPERATIONS.has(operation) || !semconv.AGENT_OPERATIONS.has(operation);
  }
  const aiOperation = attributes[semconv.AI_OPERATION_ID];
  return typeof aiOperation === 'string' && AI_WRAPPER.test(aiOperation);
}

function isToolCall(attributes: Attributes): boolean {
  return (
    attributes[semconv.GEN_AI_OPERATION_NAME] === 'execute_tool' ||
    attributes[semconv.OPENINFERENCE_SPAN_KIND] === 'TOOL' ||
    attributes[semconv.TRACELOOP_SPAN_KIND] === 'tool' ||
    attributes[semconv.AI_OPERATION_ID] === 'ai.toolCall' ||
    attributes[semconv.LANGFUSE_TYPE] === 'tool'
  );
}

function first(attributes: Attributes, names: readonly string[]): string | undefined {
  const values = names.map((name) => attributes[name]);
  const found = values.find((value) => typeof value === 'string' && value !== '');
  return found === undefined ? undefined : shortName(found as string);
}
