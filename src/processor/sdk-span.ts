import {
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type HrTime,
  type SpanContext,
} from '@opentelemetry/api';
import { errorTypeOf } from '../trace/error-type.js';
import { shortName } from '../trace/short-name.js';
import type { SpanFacts, SpanKindName, SpanRecord } from '../trace/span-record.js';
import { SERVICE_NAME } from '../semconv.js';

/**
 * The part of the SDK's spans that hotspan reads. It fits SDK 2.x and 3.x, and keeps their types out of
 * hotspan's. Spans of SDK 1.x, which has other names for the last ones, are read as well.
 */
export interface SdkSpan {
  readonly name: string;
  readonly kind: number;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: { readonly code: number };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly parentSpanContext?: SpanContext | undefined;
  readonly resource?: { readonly attributes: Readonly<Record<string, unknown>> } | undefined;
  readonly instrumentationScope?: { readonly name: string } | undefined;
  spanContext(): SpanContext;
}

/** A span processor, as the SDK calls it. It has the same members on SDK 2.x and 3.x. */
export interface SdkSpanProcessor {
  /** Called when a span starts. */
  onStart(span: SdkSpan, parentContext: Context): void;
  /** Called when a span has ended. */
  onEnd(span: SdkSpan): void;
  /** Called to send what is held back. */
  forceFlush(): Promise<void>;
  /** Called at the end. */
  shutdown(): Promise<void>;
}

const ERROR: number = SpanStatusCode.ERROR;
const UNKNOWN_SERVICE = 'unknown_service';

/** In the order of the API's `SpanKind`. */
const KINDS: readonly SpanKindName[] = ['internal', 'server', 'client', 'producer', 'consumer'];

export function kindOf(span: Pick<SdkSpan, 'kind'>): SpanKindName {
  return KINDS[span.kind] ?? 'internal';
}

/** SDK 1.x, which Sentry 9 and older hosts have. */
interface Sdk1Span {
  readonly parentSpanId?: string;
  readonly instrumentationLibrary?: { readonly name: string };
}

/** SDK 1.x says in the context alone, when a span starts, if the parent is remote. */
const sdk1Parents = new WeakMap<object, SpanContext>();

/** @param startedIn the context that the SDK gives when a span starts */
export function parentOf(span: SdkSpan, startedIn?: Context): SpanContext | undefined {
  const { parentSpanContext } = span;
  if (parentSpanContext !== undefined) return parentSpanContext;
  const spanId = (span as Sdk1Span).parentSpanId;
  if (spanId === undefined) return undefined;
  const known = sdk1Parents.get(span);
  if (known !== undefined) return known;
  const around = startedIn && trace.getSpanContext(startedIn);
  if (around?.spanId !== spanId) {
    return { traceId: span.spanContext().traceId, spanId, traceFlags: TraceFlags.NONE };
  }
  sdk1Parents.set(span, around);
  return around;
}

export function scopeOf(span: Pick<SdkSpan, 'instrumentationScope'>): string | undefined {
  return (span.instrumentationScope ?? (span as Sdk1Span).instrumentationLibrary)?.name;
}

/** The resource that all spans of the process share. */
let lastResource: SdkSpan['resource'];
let lastService = '';

export function serviceOf({ resource }: SdkSpan): string {
  if (resource === undefined) return UNKNOWN_SERVICE;
  if (resource === lastResource) return lastService;
  const service = resource.attributes[SERVICE_NAME];
  const isPending = (resource as { asyncAttributesPending?: boolean }).asyncAttributesPending;
  const known = typeof service === 'string' ? shortName(service) : UNKNOWN_SERVICE;
  // A detector may still find its name.
  if (isPending === true) return known;
  lastResource = resource;
  lastService = known;
  return known;
}

/** Reads what the analysis needs of a span. */
export type FactsOf = (
  span: Pick<SdkSpan, 'kind' | 'attributes' | 'name' | 'instrumentationScope' | 'resource'>,
) => SpanFacts;

/** Throws on what is not a span of the SDK. */
export function readSpan(
  span: SdkSpan,
  startNanos: number,
  endNanos: number,
  facts: SpanFacts,
): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  const parent = parentOf(span);
  const errorType = errorTypeOf(span.status.code === ERROR, span.attributes, facts);
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId,
    parentIsRemote: parent?.isRemote === true,
    name: shortName(span.name),
    service: serviceOf(span),
    kind: kindOf(span),
    startNanos,
    endNanos: endNanos > startNanos ? endNanos : startNanos,
    errorType: errorType === undefined ? undefined : shortName(errorType),
    facts,
  };
}
