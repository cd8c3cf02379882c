import { isSameModel } from '../cost/model-name.js';
import { plainModelName } from '../cost/plain-model-name.js';
import { NO_FACTS, type LlmCall, type SpanFacts, type SpanRecord } from './span-record.js';

type Told = Pick<SpanRecord, 'facts'>;

/** `false` for a span that is no part of any other, wherever it stands. */
export function mayBePart({ facts }: Told): boolean {
  if (facts === NO_FACTS) return false;
  const { attempt, llmCall, callWrapper } = facts;
  return (attempt ?? llmCall ?? callWrapper) !== undefined || isTransport(facts);
}

/** `true` for what carries a request: an HTTP client span, or one of DNS, TCP or TLS. */
export function isTransport({ isHttpClient, isConnection }: SpanFacts): boolean {
  return isHttpClient === true || isConnection === true;
}

/**
 * Checks whether a span is a part of its parent's `operation`: an attempt always is. Inside an LLM call so
 * are its transport, and the spans of other instrumentations for the same model; inside an MCP request its
 * transport. Otherwise `POST` would be the top row of every agent, and calls and cost would count twice.
 * A call that names no model has no other call inside it.
 */
export function isPartOfOperation({ facts }: Told, operation: Told): boolean {
  if (facts.attempt !== undefined) return true;
  const outer = operation.facts.llmCall;
  const inner = facts.llmCall ?? facts.callWrapper;
  // Some clients make one span for a call and its HTTP request: that may be a call of another model.
  if (inner !== undefined) return outer?.model !== undefined && mayBeSameModel(inner, outer);
  if (!isTransport(facts)) return false;
  if (operation.facts.isMcpRequest === true) return true;
  return outer !== undefined && mayCarry(facts, operation.facts);
}

/** One may know what was asked for alone, such as a deployment. A call that names no model may be one of any. */
export function mayBeSameModel(a: Partial<LlmCall>, b: Partial<LlmCall>): boolean {
  if (areSame(a.model, b.model)) return true;
  const [asked, other] = [a.requestModel, b.requestModel];
  return (
    (asked !== undefined && areSame(asked, b.model)) ||
    (other !== undefined && areSame(a.model, other))
  );
}

function areSame(a: string | undefined, b: string | undefined): boolean {
  return a === b || isSameModel(a && bareName(a), b && bareName(b));
}

function bareName(model: string): string {
  return plainModelName(model)
    .replace(/^global\./, '')
    .toLowerCase();
}

/** A request to another host than a model's is one of a tool or a retrieval that ran inside the call. */
function mayCarry({ address, asksModelApi }: SpanFacts, call: SpanFacts): boolean {
  return address === undefined || asksModelApi === true || address === call.address;
}
