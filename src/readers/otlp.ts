import type { SpanKindName } from '../trace/span-record.js';
import { fields, type Fields, listIn, text } from '../fields.js';
import { HAS_IS_REMOTE, IS_REMOTE } from '../otlp-fields.js';
import { SERVICE_NAME } from '../semconv.js';
import { OTLP_TIME } from './epoch-time.js';
import { spanIdOf } from './span-ids.js';
import type { SpanOrigin, SpanSink } from './span-sink.js';

/** In the order of OTLP's `SpanKind`, which begins with "unspecified". */
export const SPAN_KINDS: readonly SpanKindName[] = [
  'internal',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
/** The names that lists of resources (Tempo's is `batches`) and, in them, lists of scopes have had. */
export const RESOURCES = ['resourceSpans', 'resource_spans', 'batches'];
export const SCOPES = ['scopeSpans', 'scope_spans', 'instrumentationLibrarySpans'];

const KIND_PREFIX = 'SPAN_KIND_';
const ERROR_CODES: ReadonlySet<unknown> = new Set([2, '2', 'STATUS_CODE_ERROR']);

/** Spans that cannot be used are left out and counted. Never throws. */
export function readResourceSpans(resourceSpans: readonly unknown[], sink: SpanSink): void {
  for (const entry of resourceSpans) {
    const resource = fields(entry);
    const origin = originOfResource(resource.resource, sink);
    readScopes(resource, origin, sink);
  }
}

export function readScopes(resource: Fields, origin: SpanOrigin, sink: SpanSink): void {
  for (const entry of listIn(resource, ...SCOPES)) {
    const spans = fields(entry);
    const scope = text(fields(spans.scope ?? spans.instrumentationLibrary).name);
    for (const span of listIn(spans, 'spans')) readOtlpSpan(span, origin, sink, scope);
  }
}

export function originOfResource(resource: unknown, sink: SpanSink): SpanOrigin {
  const { attributes: list } = fields(resource);
  if (!Array.isArray(list) || list.length === 0) sink.missesResource();
  const attributes = sink.attributesIn(list, plainValue);
  return { service: sink.service(attributes[SERVICE_NAME]), resource: attributes };
}

/** @param scope the name of the instrumentation, where it is known */
export function readOtlpSpan(
  value: unknown,
  origin: SpanOrigin,
  sink: SpanSink,
  scope?: string,
): void {
  const span = fields(value);
  const flags = span.flags === undefined ? 0 : numberOf(span.flags);
  sink.add({
    traceId: span.traceId ?? span.trace_id,
    spanId: span.spanId ?? span.span_id,
    parentSpanId: spanIdOf(span.parentSpanId ?? span.parent_span_id),
    parentIsRemote: (flags & HAS_IS_REMOTE) === 0 ? undefined : (flags & IS_REMOTE) !== 0,
    followsFrom: false,
    name: span.name,
    ...origin,
    kind: otlpKindOf(span.kind),
    times: OTLP_TIME,
    start: span.startTimeUnixNano ?? span.start_time_unix_nano,
    end: span.endTimeUnixNano ?? span.end_time_unix_nano,
    isError: ERROR_CODES.has(fields(span.status).code),
    attributes: sink.attributesIn(span.attributes, plainValue),
    scope,
  });
}

/** A number of OTLP, its name there, or that in lower case. */
export function otlpKindOf(kind: unknown): SpanKindName {
  if (typeof kind === 'number') return SPAN_KINDS[kind] ?? 'internal';
  if (typeof kind !== 'string') return 'internal';
  const name = kind.startsWith(KIND_PREFIX) ? kind.slice(KIND_PREFIX.length).toLowerCase() : kind;
  return SPAN_KINDS.find((known) => known === name) ?? SPAN_KINDS[Number(kind)] ?? 'internal';
}

/** Returns an attribute's value as a string, a number, a boolean, or a list of such. */
function plainValue(entry: { value?: unknown }): unknown {
  const value = fields(entry.value);
  const list = value.arrayValue ?? value.array_value;
  if (list === undefined) return scalarIn(value);
  return listIn(fields(list), 'values').map((item) => scalarIn(fields(item)));
}

/** Bytes and maps are left out: nothing that hotspan knows has such a value. */
function scalarIn(value: Fields): unknown {
  const number = value.intValue ?? value.doubleValue ?? value.int_value ?? value.double_value;
  // 64-bit numbers are strings, and so are NaN and Infinity.
  if (number !== undefined && number !== null) return numberOf(number);
  // Some write what JSON has no number for as null.
  if (value.doubleValue === null || value.double_value === null) return NaN;
  return value.stringValue ?? value.boolValue ?? value.string_value ?? value.bool_value;
}

function numberOf(value: unknown): number {
  return typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
}
