import { isSameModel } from '../cost/model-name.js';
import { NO_FACTS, type LlmCall, type SpanFacts, type SpanRecord } from './span-record.js';

/** `false` for a span that is no part of any other, wherever it stands. */
export function mayBePart({ facts }: SpanRecord): boolean {
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
export function isPartOfOperation(record: SpanRecord, operation: SpanRecord): boolean {
  const { facts } = record;
  if (facts.attempt !== undefined) return true;
  const outer = operation.facts.llmCall;
  const inner = facts.llmCall ?? facts.callWrapper;
  // Some clients make one span for a call and its HTTP request: that may be a call of another model.
  if (inner !== undefined) return outer?.model !== undefined && mayBeSameModel(inner, outer);
  if (!isTransport(facts)) return false;
  if (operation.facts.isMcpRequest === true) return true;
  return outer !== undefined && mayCarry(facts, operation.facts);
}

/** By what was asked for, or by what answered. A call that names no model may be one of any. */
export function mayBeSameModel(a: Partial<LlmCall>, b: Partial<LlmCall>): boolean {
  if (isSameModel(a.model, b.model)) return true;
  return a.requestModel !== undefined && isSameModel(a.requestModel, b.requestModel ?? b.model);
}

/** A request to another host than a model's is one of a tool or a retrieval that ran inside the call. */
function mayCarry({ address, asksModelApi }: SpanFacts, call: SpanFacts): boolean {
  return address === undefined || asksModelApi === true || address === call.address;
}
