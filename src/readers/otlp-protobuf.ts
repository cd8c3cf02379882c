import * as otlp from '../otlp-fields.js';
import { OF_RESOURCE, OF_SPAN, readMessage } from '../otlp-json.js';
import { ProtobufMessage } from '../protobuf-reader.js';
import { originOfResource, readOtlpSpan } from './otlp.js';
import type { SpanSink } from './span-sink.js';

/**
 * Reads an `ExportTraceServiceRequest`, or a `TracesData`, in Protocol Buffers. Returns `false`, and reads nothing, if
 * it is something else or its frame is damaged. Spans that are damaged are left out and counted. Never throws.
 */
export function readOtlpProtobuf(bytes: Buffer, sink: SpanSink): boolean {
  const request = framed(bytes);
  const resources = request?.list(otlp.REQUEST.resourceSpans).map(framedResource);
  if (resources === undefined || (bytes.length > 0 && resources.length === 0)) return false;
  if (!resources.every((each) => each !== undefined)) return false;
  for (const { resource, scopes } of resources) {
    const origin = originOfResource(resource, sink);
    for (const { name, spans } of scopes) {
      for (const span of spans) readOtlpSpan(spanIn(span), origin, sink, name);
      sink.makeRoom();
    }
  }
  return true;
}

function framed(bytes: Buffer): ProtobufMessage | undefined {
  const found = new ProtobufMessage(bytes);
  return found.isDamaged ? undefined : found;
}

/** Finds where the spans are, without reading them. */
function framedResource(bytes: Buffer) {
  const entry = framed(bytes);
  const scopes = entry?.list(otlp.RESOURCE_SPANS.scopeSpans).map(framed);
  if (entry === undefined || scopes?.every((each) => each !== undefined) !== true) return undefined;
  try {
    return {
      resource: readMessage(entry.bytes(otlp.RESOURCE_SPANS.resource), OF_RESOURCE),
      scopes: scopes.map((scope) => ({
        name: scope.message(otlp.SCOPE_SPANS.scope).text(otlp.SCOPE.name) || undefined,
        spans: scope.list(otlp.SCOPE_SPANS.spans),
      })),
    };
  } catch {
    return undefined;
  }
}

/** A damaged span has no id, and is counted with those that have none. */
function spanIn(bytes: Buffer): unknown {
  try {
    return readMessage(bytes, OF_SPAN);
  } catch {
    return undefined;
  }
}
