import type { SpanRecord } from './span-record.js';

/**
 * Whether a span is a part of its parent's operation rather than an operation of its own: an
 * attempt always is, and so is the HTTP client span that an automatic instrumentation makes inside
 * an LLM call. (Otherwise `POST` would be the top row of every agent.)
 *
 * @param operation the operation that the parent belongs to
 */
export function isPartOfOperation(record: SpanRecord, operation: SpanRecord): boolean {
  if (record.facts.attempt !== undefined) return true;
  return record.facts.isHttpClient === true && operation.facts.llmCall !== undefined;
}
