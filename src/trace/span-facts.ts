import { modelApiOf } from '../model-api.js';
import { isTransientStatus } from '../retry-after.js';
import * as semconv from '../semconv.js';
import { figureOf, notAFigure } from './attribute-number.js';
import { addressOf, firstText, requestPath } from './attribute-text.js';
import { CALL_MARKS, isToolCall, mayWrapCall, toldKind } from './call-kind.js';
import { rowNameOfCall } from './call-operation.js';
import { CallReading } from './call-reading.js';
import { readInputHash } from './input-hash.js';
import { cutText, shortName } from './short-name.js';
import { NO_FACTS, type CallFigures, type SpanFacts, type SpanKindName } from './span-record.js';
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

/** What a span may tell of, one bit each. */
const CALL = 1;
const NAMING = 2;
const SESSION = 4;
const OWN = 8;

/** A span without any of these attributes tells nothing. Most have none: that has to be found quickly. */
const TELLING: ReadonlyMap<string, number> = bitsByName([
  // A failed attempt has the figures of a call.
  [CALL, [...CALL_MARKS, semconv.HOTSPAN_ATTEMPT_NUMBER]],
  [NAMING, NAMING_ATTRIBUTES],
  [SESSION, semconv.SESSION_NAMES],
  [
    OWN,
    [
      ...[semconv.HOTSPAN_CACHE_HIT, semconv.HOTSPAN_ATTEMPT_NUMBER, semconv.HOTSPAN_STREAM_TURNS],
      ...[semconv.HOTSPAN_EVENT_LOOP_BLOCKED, semconv.HOTSPAN_IDLE, semconv.HOTSPAN_STEP_AFTER],
      ...[semconv.HOTSPAN_WARNING, semconv.FAAS_COLDSTART],
    ],
  ],
]);

function bitsByName(
  kinds: readonly (readonly [bit: number, names: readonly string[]])[],
): Map<string, number> {
  const bits = new Map<string, number>();
  for (const [bit, names] of kinds) {
    for (const name of names) bits.set(name, (bits.get(name) ?? 0) | bit);
  }
  return bits;
}

/** The first letters of those names, one bit each: most other names need no look into the map. */
const FIRST_LETTERS = bitsOf((name) => name.charCodeAt(0));
const LENGTHS = bitsOf((name) => name.length);
const DOT = 46;

function bitsOf(of: (name: string) => number): number {
  return [...TELLING.keys()].reduce((bits, name) => bits | (1 << of(name)), 0);
}

function telling(attributes: Attributes): number {
  let bits = 0;
  for (const name in attributes) {
    const isLike = (FIRST_LETTERS >> name.charCodeAt(0)) & (LENGTHS >> name.length) & 1;
    if (isLike === 1) bits |= TELLING.get(name) ?? 0;
  }
  return bits;
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
  const told = telling(attributes);
  if (told === 0) return NO_FACTS;
  const facts: Mutable<SpanFacts> = {};
  const hasOwn = (told & OWN) !== 0;
  const warnings = hasOwn ? textsIn(attributes[semconv.HOTSPAN_WARNING]) : [];
  const warn = (text: string) => void warnings.push(text);
  const hasNaming = (told & NAMING) !== 0;
  const isClient = hasNaming && kind === 'client';
  const isHttpClient = isClient && firstText(attributes, semconv.HTTP_METHOD_NAMES) !== undefined;
  const ofCall = (told & CALL) !== 0;
  const isCall = ofCall && readCall(facts, attributes, scope, warn);
  if (hasOwn) readOwn(facts, attributes, warn);
  if (isHttpClient) readRequest(facts, attributes);
  if (isCall) readCallAddress(facts, attributes);
  else if (name !== undefined && hasNaming) {
    const rowName = tellingName(name, kind, attributes);
    if (rowName !== undefined) facts.rowName = shortName(rowName);
  }
  if (ofCall && isToolCall(attributes)) {
    facts.isToolCall = true;
    addInputHash(facts, attributes);
  }
  // Often on the request that asks the model, and not on the call.
  const hasSession = (told & SESSION) !== 0;
  const sessionId = hasSession ? firstText(attributes, semconv.SESSION_NAMES) : undefined;
  if (sessionId !== undefined) facts.sessionId = sessionId;
  if (isClient && attributes[semconv.MCP_METHOD_NAME] !== undefined) facts.isMcpRequest = true;
  if (warnings.length > 0) facts.warnings = warnings.slice(0, MAX_WARNINGS);
  for (const _ in facts) return facts;
  return NO_FACTS;
}

/** Returns whether the span is certainly a call of a model. */
function readCall(
  facts: Mutable<SpanFacts>,
  attributes: Attributes,
  scope: string | undefined,
  warn: (text: string) => void,
): boolean {
  const kind = toldKind(attributes, scope);
  const reading = new CallReading(attributes, scope, warn);
  const llmCall = reading.call();
  const model = llmCall.requestModel ?? llmCall.model;
  const rowName = model === undefined ? undefined : rowNameOfCall(kind, model);
  if (kind?.isCall === true) {
    addFigures(facts, reading, attributes);
    facts.llmCall = llmCall;
    if (rowName !== undefined) facts.rowName = rowName;
    addInputHash(facts, attributes);
    return true;
  }
  if (mayWrapCall(attributes)) facts.callWrapper = { model: llmCall.requestModel };
  if (attributes[semconv.HOTSPAN_ATTEMPT_NUMBER] !== undefined) {
    addFigures(facts, reading, attributes);
    return false;
  }
  const alone: Mutable<NonNullable<SpanFacts['ifAlone']>> = {};
  addFigures(alone, reading, attributes);
  const { inputTokens, outputTokens, costUsd } = alone;
  if (llmCall.model !== undefined && (inputTokens ?? outputTokens) !== undefined) {
    alone.llmCall = llmCall;
    if (rowName !== undefined) alone.rowName = rowName;
    facts.ifAlone = alone;
  } else if (costUsd !== undefined) facts.ifAlone = { costUsd };
  return false;
}

function addInputHash(facts: Mutable<SpanFacts>, attributes: Attributes): void {
  const inputHash = readInputHash(attributes, facts);
  if (inputHash !== undefined) facts.inputHash = inputHash;
}

function addFigures(to: Mutable<CallFigures>, reading: CallReading, attributes: Attributes): void {
  reading.addFigures(to);
  if (to.costUsd !== undefined) {
    const source = attributes[semconv.HOTSPAN_COST_SOURCE];
    if (source === 'price_table' || source === 'override') to.isCostComputed = true;
  }
  const excludes = attributes[semconv.HOTSPAN_COST_EXCLUDES];
  if (excludes === undefined) return;
  const texts = textsIn(excludes);
  if (texts.length > 0) to.costExcludes = texts;
}

/** What hotspan writes itself, and what platforms write of cold starts. */
function readOwn(
  facts: Mutable<SpanFacts>,
  attributes: Attributes,
  warn: (text: string) => void,
): void {
  const figure = (name: string) => ownFigure(attributes, name, warn);
  if (attributes[semconv.FAAS_COLDSTART] === true) facts.isColdStart = true;
  const blockedSeconds = figure(semconv.HOTSPAN_EVENT_LOOP_BLOCKED);
  if (blockedSeconds !== undefined) facts.blockedSeconds = blockedSeconds;
  if (attributes[semconv.HOTSPAN_IDLE] === true) facts.isIdle = true;
  if (attributes[semconv.HOTSPAN_STREAM_TURNS] !== undefined) readStream(facts, attributes, warn);
  const after = attributes[semconv.HOTSPAN_STEP_AFTER];
  if (Array.isArray(after)) facts.after = textsIn(after);
  if (attributes[semconv.HOTSPAN_CACHE_HIT] === true) {
    const savedUsd = figure(semconv.HOTSPAN_CACHE_SAVED_COST);
    const savedSeconds = figure(semconv.HOTSPAN_CACHE_SAVED_TIME) ?? 0;
    facts.cacheHit = { ...(savedUsd === undefined ? {} : { savedUsd }), savedSeconds };
  }
  if (attributes[semconv.HOTSPAN_ATTEMPT_NUMBER] === undefined) return;
  const outcome = attributes[semconv.HOTSPAN_ATTEMPT_OUTCOME];
  const timeoutSeconds = figure(semconv.HOTSPAN_ATTEMPT_TIMEOUT);
  facts.attempt = {
    number: figure(semconv.HOTSPAN_ATTEMPT_NUMBER) ?? 1,
    outcome: OUTCOMES.has(outcome) ? (outcome as semconv.AttemptOutcome) : undefined,
    backoffSeconds: figure(semconv.HOTSPAN_ATTEMPT_BACKOFF) ?? 0,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}

/** A longer list was not written by {@link semconv.HOTSPAN_STREAM_TURNS}'s rule. */
const MAX_TURNS_LENGTH = 4_000;

function readStream(
  facts: Mutable<SpanFacts>,
  attributes: Attributes,
  warn: (text: string) => void,
): void {
  const told = String(attributes[semconv.HOTSPAN_STREAM_TURNS]);
  const [, perTurn, list = ''] = /^(?:(\d{1,9}): )?(\d[\d ]*)$/.exec(told) ?? [];
  if (list === '' || list.length > MAX_TURNS_LENGTH) {
    warn(notAFigure(semconv.HOTSPAN_STREAM_TURNS));
    return;
  }
  const reader = attributes[semconv.HOTSPAN_STREAM_READER];
  facts.stream = {
    turnsNanos: list.split(' ').map((micros) => Number(micros) * 1000),
    perTurn: Number(perTurn ?? 1),
    ...(typeof reader === 'string' ? { readerSpanId: reader } : {}),
  };
}

function ownFigure(
  attributes: Attributes,
  name: string,
  warn: (text: string) => void,
): number | undefined {
  const value = attributes[name];
  if (value === undefined) return undefined;
  const figure = figureOf(value);
  if (figure === undefined) warn(notAFigure(name));
  return figure;
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

function textsIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  const texts = list.slice(0, MAX_WARNINGS).filter((text) => typeof text === 'string');
  return texts.map((text) => cutText(text, MAX_WARNING_LENGTH));
}
