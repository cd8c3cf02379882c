import {
  AGENT_OPERATIONS,
  GEN_AI_OPERATION_NAME,
  GEN_AI_PROVIDER_NAME,
  GEN_AI_REQUEST_MODEL,
  GEN_AI_RESPONSE_MODEL,
  GEN_AI_USAGE_COST,
  GEN_AI_USAGE_INPUT_TOKENS,
  GEN_AI_USAGE_OUTPUT_TOKENS,
  HOTSPAN_ATTEMPT_BACKOFF,
  HOTSPAN_ATTEMPT_NUMBER,
  HOTSPAN_ATTEMPT_OUTCOME,
  HOTSPAN_WARNING,
  HTTP_METHOD_OLD,
  HTTP_REQUEST_METHOD,
  type AttemptOutcome,
} from '../semconv.js';
import type { SpanFacts, SpanKindName } from './span-record.js';

type Attributes = Readonly<Record<string, unknown>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What most spans have to say: nothing. They share this object. */
export const NO_FACTS: SpanFacts = Object.freeze({});
const OUTCOMES: ReadonlySet<unknown> = new Set(['success', 'error', 'timeout', 'aborted']);

/**
 * Reads what the analysis needs from the attributes of a span, so that the attributes themselves
 * (which may be large) need not be kept. A figure that is not a finite number of at least 0 is left
 * out and becomes a warning. Never throws.
 */
export function readSpanFacts(kind: SpanKindName, attributes: Attributes): SpanFacts {
  const operation = attributes[GEN_AI_OPERATION_NAME];
  const isAttempt = attributes[HOTSPAN_ATTEMPT_NUMBER] !== undefined;
  const isHttpClient =
    kind === 'client' &&
    (attributes[HTTP_REQUEST_METHOD] !== undefined || attributes[HTTP_METHOD_OLD] !== undefined);
  const isModelCall = typeof operation === 'string' && !AGENT_OPERATIONS.has(operation);
  const warned = attributes[HOTSPAN_WARNING];
  if (!isModelCall && !isAttempt && !isHttpClient && warned === undefined) return NO_FACTS;

  const facts: Mutable<SpanFacts> = {};
  const warnings: string[] = Array.isArray(warned)
    ? warned.filter((text): text is string => typeof text === 'string')
    : [];
  const figure = (key: string): number | undefined => {
    const value = attributes[key];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    warnings.push(`${key} was not a number of at least 0 and was left out`);
    return undefined;
  };
  const put = (field: 'inputTokens' | 'outputTokens' | 'costUsd', key: string) => {
    const value = figure(key);
    if (value !== undefined) facts[field] = value;
  };

  if (isModelCall || isAttempt) {
    put('inputTokens', GEN_AI_USAGE_INPUT_TOKENS);
    put('outputTokens', GEN_AI_USAGE_OUTPUT_TOKENS);
    put('costUsd', GEN_AI_USAGE_COST);
  }
  if (isModelCall) {
    facts.llmCall = {
      provider: text(attributes[GEN_AI_PROVIDER_NAME]),
      model: text(attributes[GEN_AI_RESPONSE_MODEL]) ?? text(attributes[GEN_AI_REQUEST_MODEL]),
    };
  }
  if (isAttempt) {
    const outcome = attributes[HOTSPAN_ATTEMPT_OUTCOME];
    facts.attempt = {
      number: figure(HOTSPAN_ATTEMPT_NUMBER) ?? 1,
      outcome: OUTCOMES.has(outcome) ? (outcome as AttemptOutcome) : undefined,
      backoffSeconds: figure(HOTSPAN_ATTEMPT_BACKOFF) ?? 0,
    };
  }
  if (isHttpClient) facts.isHttpClient = true;
  if (warnings.length > 0) facts.warnings = warnings;
  return facts;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
