import { isSameModel } from '../cost/model-name.js';
import type { SpanRecord } from './span-record.js';

/**
 * Checks whether a span is a part of its parent's `operation`: an attempt always is. Inside an LLM call so
 * are the HTTP client span of an automatic instrumentation, and the spans of other instrumentations for the
 * same model. Otherwise `POST` would be the top row of every agent, and calls and cost would count twice.
 */
export function isPartOfOperation(record: SpanRecord, operation: SpanRecord): boolean {
  if (record.facts.attempt !== undefined) return true;
  const { isHttpClient, llmCall, callWrapper } = record.facts;
  const outer = operation.facts.llmCall;
  if (outer === undefined) return false;
  const inner = llmCall ?? callWrapper;
  // Some clients make one span for a call and its HTTP request: that may be a call of another model.
  return inner === undefined ? isHttpClient === true : isSameModel(inner.model, outer.model);
}
