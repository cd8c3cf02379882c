import { fields, type Fields, listIn, parseJson, text } from '../fields.js';
import { ERROR_TAG, SCOPE_TAGS, SPAN_KIND_TAG, STATUS_CODE_TAG } from '../semconv.js';
import { JAEGER_TIME, micros } from './epoch-time.js';
import { SPAN_KINDS } from './otlp.js';
import { spanIdOf, traceIdOf } from './span-ids.js';
import type { FoundSpan, SpanOrigin, SpanSink } from './span-sink.js';

export type OriginOf = (processId: unknown) => SpanOrigin;

/** Spans that cannot be used are left out and counted. Never throws. */
export function readJaegerTrace(value: unknown, sink: SpanSink): void {
  const trace = fields(value);
  const origins = originsIn(trace.processes, sink);
  for (const span of listIn(trace, 'spans')) readJaegerSpan(span, origins, sink);
}

export function originsIn(processes: unknown, sink: SpanSink): OriginOf {
  const byId = new Map<unknown, SpanOrigin>();
  for (const [id, process] of Object.entries(fields(processes))) {
    const { serviceName, tags } = fields(process);
    byId.set(id, {
      service: sink.service(serviceName),
      resource: sink.attributesIn(tags, plainTag),
    });
  }
  return (id) => byId.get(id) ?? { service: sink.service(undefined) };
}

export function readJaegerSpan(value: unknown, originOf: OriginOf, sink: SpanSink): void {
  const span = fields(value);
  const start = micros(span.startTime);
  const tags = sink.attributesIn(span.tags, plainTag);
  const { [SPAN_KIND_TAG]: kind, [ERROR_TAG]: error, [STATUS_CODE_TAG]: status } = tags;
  sink.add({
    traceId: span.traceID,
    spanId: span.spanID,
    ...parentOf(span),
    parentIsRemote: undefined,
    name: span.operationName,
    ...originOf(span.processID),
    kind: SPAN_KINDS.find((known) => known === kind) ?? 'internal',
    times: JAEGER_TIME,
    start,
    end: start + micros(span.duration),
    isError: error === true || error === 'true' || status === 'ERROR',
    attributes: tags,
    scope: text(...SCOPE_TAGS.map((tag) => tags[tag])),
  });
}

/** Finds the span that waited for this one, or else one that it follows from; none of another trace. */
function parentOf(span: Fields): Pick<FoundSpan, 'parentSpanId' | 'followsFrom'> {
  let followed: string | undefined;
  for (const entry of listIn(span, 'references')) {
    const { refType, traceID, spanID } = fields(entry);
    const spanId = spanIdOf(spanID);
    const otherTrace = traceIdOf(traceID);
    const isElsewhere = otherTrace !== undefined && otherTrace !== traceIdOf(span.traceID);
    if (spanId === undefined || isElsewhere) continue;
    if (refType === 'CHILD_OF') return { parentSpanId: spanId, followsFrom: false };
    if (refType === 'FOLLOWS_FROM') followed ??= spanId;
  }
  // Before there were references, Jaeger wrote the id alone.
  const parentSpanId = followed ?? spanIdOf(span.parentSpanID);
  return { parentSpanId, followsFrom: followed !== undefined };
}

/** Jaeger has no lists: it writes them as a string of JSON. */
export function plainTag(tag: { value?: unknown }): unknown {
  const { value } = tag;
  if (typeof value === 'string') {
    const { type } = tag as { type?: unknown };
    if (type === 'int64' || type === 'float64') return Number(value);
    return value.startsWith('["') ? (parseJson(value) ?? value) : value;
  }
  return typeof value === 'object' ? undefined : value;
}
