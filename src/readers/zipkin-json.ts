import { type Fields, fields } from '../fields.js';
import { ERROR_TAG, SCOPE_TAGS, STATUS_CODE_TAG } from '../semconv.js';
import { text } from '../fields.js';
import { plainOfText } from './attributes.js';
import { JAEGER_TIME, micros } from './epoch-time.js';
import { otlpKindOf } from './otlp.js';
import { spanIdOf } from './span-ids.js';
import type { SpanSink } from './span-sink.js';

/** Reads a span of Zipkin's API v2. Its tags are texts, its times microseconds, as Jaeger's are. Never throws. */
export function readZipkinSpan(span: Fields, sink: SpanSink): void {
  const start = micros(span.timestamp);
  const tags = sink.attributesInMap(span.tags, plainOfText);
  const { serviceName } = fields(span.localEndpoint);
  if (typeof serviceName !== 'string') sink.missesResource();
  sink.add({
    traceId: span.traceId,
    spanId: span.id,
    parentSpanId: spanIdOf(span.parentId),
    parentIsRemote: undefined,
    followsFrom: false,
    name: span.name,
    service: sink.service(serviceName),
    resource: {},
    kind: otlpKindOf(typeof span.kind === 'string' ? span.kind.toLowerCase() : undefined),
    times: JAEGER_TIME,
    start,
    // What is shorter than a microsecond has no duration there.
    end: start + (span.duration === undefined ? 0 : micros(span.duration)),
    // Any text there says that it failed; with OpenTelemetry's the status says so.
    isError: tags[STATUS_CODE_TAG] === 'ERROR' || isThereAndTrue(fields(span.tags)[ERROR_TAG]),
    attributes: tags,
    scope: text(...SCOPE_TAGS.map((tag) => tags[tag])),
    isShared: span.shared === true,
  });
}

function isThereAndTrue(error: unknown): boolean {
  return error !== undefined && error !== 'false' && error !== false;
}
