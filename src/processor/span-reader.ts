import { SpanStatusCode } from '@opentelemetry/api';
import { readSpanFacts } from '../analysis/span-facts.js';
import type { SpanKindName, SpanRecord } from '../analysis/span-record.js';
import { ERROR_TYPE, SERVICE_NAME } from '../semconv.js';
import type { SdkSpan } from './sdk-span.js';

const ERROR: number = SpanStatusCode.ERROR;

/** In the order of the API's `SpanKind`. */
const KINDS: readonly SpanKindName[] = ['internal', 'server', 'client', 'producer', 'consumer'];

/** The kind of a span of the SDK. */
export function kindOf(span: SdkSpan): SpanKindName {
  return KINDS[span.kind] ?? 'internal';
}

/**
 * The record of a span of the SDK. Throws on what is not such a span.
 *
 * @param further attributes that could not be written on the span
 */
export function readSpan(
  span: SdkSpan,
  startNanos: number,
  endNanos: number,
  further?: Readonly<Record<string, unknown>>,
): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  const parent = span.parentSpanContext;
  const kind = kindOf(span);
  const service = span.resource?.attributes[SERVICE_NAME];
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId,
    parentIsRemote: parent?.isRemote === true,
    name: span.name,
    service: typeof service === 'string' ? service : 'unknown_service',
    kind,
    startNanos,
    endNanos: Math.max(startNanos, endNanos),
    errorType: errorTypeOf(span),
    facts: readSpanFacts(
      kind,
      further === undefined ? span.attributes : { ...span.attributes, ...further },
    ),
  };
}

function errorTypeOf(span: SdkSpan): string | undefined {
  if (span.status.code !== ERROR) return undefined;
  const type = span.attributes[ERROR_TYPE];
  // The value that the conventions give to errors of an unknown class.
  return typeof type === 'string' ? type : '_OTHER';
}
