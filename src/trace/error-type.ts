import { ERROR_TYPE, LANGFUSE_LEVEL } from '../semconv.js';
import type { SpanFacts } from './span-record.js';

/**
 * Returns the class of the error that a span ended with. `_OTHER` is the conventions' value for errors of an unknown
 * class. Langfuse sets no status on calls of a model that failed.
 */
export function errorTypeOf(
  isError: boolean,
  attributes: Readonly<Record<string, unknown>>,
  { llmCall }: SpanFacts,
): string | undefined {
  const hasFailed = isError || (llmCall !== undefined && attributes[LANGFUSE_LEVEL] === 'ERROR');
  if (!hasFailed) return undefined;
  const type = attributes[ERROR_TYPE];
  return typeof type === 'string' ? type : '_OTHER';
}
