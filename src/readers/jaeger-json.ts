import type { SpanKindName } from '../trace/span-record.js';
import { fields, type Fields } from '../fields.js';
import { ERROR_TAG, SPAN_KIND_TAG, STATUS_CODE_TAG } from '../semconv.js';
import { readAttributes, type Attributes } from './attributes.js';
import { listIn } from './otlp.js';
import { spanIdOf, traceIdOf } from './span-ids.js';
import type { SpanSink } from './span-sink.js';

const NANOS_PER_MICRO = 1e3;
const MICROS_PER_SECOND = 1e6;
const MAX_MICROS = 2 ** 64;

const KINDS: ReadonlySet<unknown> = new Set<SpanKindName>([
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
]);

/** Says of a process id which service that is. */
export type ServiceOf = (processId: unknown) => string;

/**
 * Reads one trace of Jaeger's JSON, as its UI downloads it and `/api/traces` answers it. What is not as
 * it should be is left out and counted. Never throws.
 */
export function readJaegerTrace(value: unknown, sink: SpanSink): void {
  const trace = fields(value);
  const services = servicesIn(trace.processes, sink);
  for (const span of listIn(trace, 'spans')) readJaegerSpan(span, services, sink);
}

/** Says which service each of a trace's processes is. */
export function servicesIn(processes: unknown, sink: SpanSink): ServiceOf {
  const byId = new Map<string, string>();
  for (const [id, process] of Object.entries(fields(processes))) {
    const name = fields(process).serviceName;
    if (typeof name === 'string' && name !== '') byId.set(id, sink.service(name));
  }
  return (id) =>
    (typeof id === 'string' ? byId.get(id) : undefined) ?? sink.service('unknown_service');
}

/** Reads one span of Jaeger's JSON. */
export function readJaegerSpan(value: unknown, serviceOf: ServiceOf, sink: SpanSink): void {
  const span = fields(value);
  const traceId = traceIdOf(span.traceID);
  const spanId = spanIdOf(span.spanID);
  if (traceId === undefined) {
    sink.skip('a trace id');
    return;
  }
  if (spanId === undefined) {
    sink.skip('an id');
    return;
  }
  const trace = sink.trace(traceId);
  const startMicros = micros(span.startTime);
  const seconds = Math.floor(startMicros / MICROS_PER_SECOND);
  if (startMicros === startMicros) trace.originSeconds ??= seconds;
  const durationMicros = micros(span.duration);
  const endSeconds = (startMicros + durationMicros) / MICROS_PER_SECOND;
  const hasEnd = sink.checkTimes(seconds, endSeconds, 'microseconds');
  const originMicros = (trace.originSeconds ?? 0) * MICROS_PER_SECOND;
  const startNanos = (startMicros - originMicros) * NANOS_PER_MICRO;
  const tags = readAttributes(span.tags, plainTag);
  const parent = parentOf(span, traceId);
  sink.add(trace, {
    spanId,
    parentSpanId: parent.spanId,
    parentIsRemote: undefined,
    followsFrom: parent.followsFrom,
    name: span.operationName,
    service: serviceOf(span.processID),
    kind: kindOf(tags),
    startNanos,
    endNanos: hasEnd ? startNanos + durationMicros * NANOS_PER_MICRO : NaN,
    isError: isError(tags),
    attributes: tags,
  });
}

function micros(value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number < MAX_MICROS ? number : NaN;
}

/** The span that waited for this one, or else one that it follows from; none of another trace. */
function parentOf(span: Fields, traceId: string): { spanId?: string; followsFrom: boolean } {
  let followed: string | undefined;
  for (const entry of listIn(span, 'references')) {
    const reference = fields(entry);
    const spanId = spanIdOf(reference.spanID);
    if (spanId === undefined || (traceIdOf(reference.traceID) ?? traceId) !== traceId) continue;
    if (reference.refType === 'CHILD_OF') return { spanId, followsFrom: false };
    if (reference.refType === 'FOLLOWS_FROM') followed ??= spanId;
  }
  if (followed !== undefined) return { spanId: followed, followsFrom: true };
  // What Jaeger wrote before there were references.
  const spanId = spanIdOf(span.parentSpanID);
  return spanId === undefined ? { followsFrom: false } : { spanId, followsFrom: false };
}

function kindOf(tags: Attributes): SpanKindName {
  const kind = tags[SPAN_KIND_TAG];
  return KINDS.has(kind) ? (kind as SpanKindName) : 'internal';
}

function isError(tags: Attributes): boolean {
  const { [ERROR_TAG]: error, [STATUS_CODE_TAG]: status } = tags;
  return error === true || error === 'true' || status === 'ERROR';
}

/** Jaeger has no lists: it writes them as a string of JSON. */
function plainTag(tag: { value?: unknown }): unknown {
  const { value } = tag;
  if (typeof value === 'string') {
    const { type } = tag as { type?: unknown };
    if (type === 'int64' || type === 'float64') return Number(value);
    return value.startsWith('["') ? parsed(value) : value;
  }
  return typeof value === 'object' ? undefined : value;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
