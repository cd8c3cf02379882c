import type { SpanRecord } from './span-record.js';

/**
 * Whether a span is a part of its parent's operation rather than an operation of its own: an
 * attempt always is, and inside an LLM call so are the HTTP client span of an automatic
 * instrumentation, and the span that another instrumentation makes of the same call. (Otherwise
 * `POST` would be the top row of every agent, and calls and cost would count twice.)
 *
 * @param operation the operation that the parent belongs to
 */
export function isPartOfOperation(record: SpanRecord, operation: SpanRecord): boolean {
  if (record.facts.attempt !== undefined) return true;
  const { isHttpClient, llmCall } = record.facts;
  return operation.facts.llmCall !== undefined && (isHttpClient === true || llmCall !== undefined);
}
