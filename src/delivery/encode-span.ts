import { SpanStatusCode, type Attributes, type SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import type { ProtobufWriter } from './protobuf-writer.js';

/** The fields of OTLP 1.x, as opentelemetry-proto numbers them. */
export const REQUEST = { resourceSpans: 1 } as const;
export const RESOURCE_SPANS = { resource: 1, scopeSpans: 2, schemaUrl: 3 } as const;
export const RESOURCE = { attributes: 1 } as const;
export const SCOPE_SPANS = { scope: 1, spans: 2, schemaUrl: 3 } as const;
export const SCOPE = { name: 1, version: 2 } as const;
export const SPAN = {
  ...{ traceId: 1, spanId: 2, traceState: 3, parentSpanId: 4, name: 5, kind: 6, start: 7, end: 8 },
  ...{ attributes: 9, droppedAttributes: 10, events: 11, droppedEvents: 12, links: 13 },
  ...{ droppedLinks: 14, status: 15, flags: 16 },
} as const;
export const EVENT = { time: 1, name: 2, attributes: 3, droppedAttributes: 4 } as const;
export const LINK = {
  ...{ traceId: 1, spanId: 2, traceState: 3, attributes: 4, droppedAttributes: 5, flags: 6 },
} as const;
export const STATUS = { message: 2, code: 3 } as const;
export const KEY_VALUE = { key: 1, value: 2 } as const;
export const ANY_VALUE = { string: 1, boolean: 2, int: 3, double: 4, array: 5 } as const;
export const ARRAY_VALUE = { values: 1 } as const;
/** Says that the flag beside it, which is set for a remote parent, is known. */
export const HAS_IS_REMOTE = 0x100;
export const IS_REMOTE = 0x200;

/** OTLP writes whole numbers as signed 64-bit integers, which hold no more than this. */
const TOO_LARGE = 2 ** 63;

/** Writes a span as an element of `ScopeSpans.spans`. */
export function writeSpan(writer: ProtobufWriter, span: ReadableSpan): void {
  const { parentSpanContext: parent, status, events, links } = span;
  const context = span.spanContext();
  const begin = writer.open(SCOPE_SPANS.spans, 2);
  writeIds(writer, SPAN, context);
  if (parent?.spanId) writer.hex(SPAN.parentSpanId, parent.spanId);
  writer.text(SPAN.name, span.name);
  // The API has no value for "unspecified", which is 0.
  writer.unsigned(SPAN.kind, span.kind + 1);
  writer.time(SPAN.start, span.startTime[0], span.startTime[1]);
  writer.time(SPAN.end, span.endTime[0], span.endTime[1]);
  writeAttributes(writer, SPAN.attributes, span.attributes);
  writer.unsigned(SPAN.droppedAttributes, span.droppedAttributesCount);
  for (const event of events) {
    const at = writer.open(SPAN.events, 2);
    writer.time(EVENT.time, event.time[0], event.time[1]);
    writer.text(EVENT.name, event.name);
    writeAttributes(writer, EVENT.attributes, event.attributes);
    writer.unsigned(EVENT.droppedAttributes, event.droppedAttributesCount ?? 0);
    writer.close(at, 2);
  }
  writer.unsigned(SPAN.droppedEvents, span.droppedEventsCount);
  for (const link of links) {
    const at = writer.open(SPAN.links, 1);
    writeIds(writer, LINK, link.context);
    writeAttributes(writer, LINK.attributes, link.attributes);
    writer.unsigned(LINK.droppedAttributes, link.droppedAttributesCount ?? 0);
    writer.fixed32(LINK.flags, flagsOf(link.context, link.context.isRemote));
    writer.close(at, 1);
  }
  writer.unsigned(SPAN.droppedLinks, span.droppedLinksCount);
  if (status.code !== SpanStatusCode.UNSET || status.message) {
    const at = writer.open(SPAN.status, 1);
    if (status.message) writer.text(STATUS.message, status.message);
    writer.unsigned(STATUS.code, status.code);
    writer.close(at, 1);
  }
  writer.fixed32(SPAN.flags, flagsOf(context, parent?.isRemote));
  writer.close(begin, 2);
}

export function writeAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: Attributes | undefined,
): void {
  for (const key in attributes) {
    const begin = writer.open(field, 1);
    writer.text(KEY_VALUE.key, key);
    writeValue(writer, KEY_VALUE.value, attributes[key]);
    writer.close(begin, 1);
  }
}

function writeValue(writer: ProtobufWriter, field: number, value: unknown): void {
  const begin = writer.open(field, 1);
  if (typeof value === 'string') writer.text(ANY_VALUE.string, value);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'boolean') writer.boolean(ANY_VALUE.boolean, value);
  else if (Array.isArray(value)) {
    const array = writer.open(ANY_VALUE.array, 1);
    for (const element of value) writeValue(writer, ARRAY_VALUE.values, element);
    writer.close(array, 1);
  }
  writer.close(begin, 1);
}

/**
 * NaN, infinities and whole numbers beyond 64 bits become texts. OTLP in JSON has no form for them, and
 * Jaeger cannot write a trace that holds one.
 */
function writeNumber(writer: ProtobufWriter, value: number): void {
  if (!Number.isInteger(value)) {
    if (Number.isFinite(value)) writer.double(ANY_VALUE.double, value);
    else writer.text(ANY_VALUE.string, String(value));
  } else if (Math.abs(value) < TOO_LARGE) writer.int64(ANY_VALUE.int, value);
  else writer.text(ANY_VALUE.string, String(value));
}

/** A span and a link begin with the same fields. */
function writeIds(
  writer: ProtobufWriter,
  of: typeof SPAN | typeof LINK,
  context: SpanContext,
): void {
  writer.hex(of.traceId, context.traceId);
  writer.hex(of.spanId, context.spanId);
  const traceState = context.traceState?.serialize() ?? '';
  if (traceState !== '') writer.text(of.traceState, traceState);
}

function flagsOf({ traceFlags }: SpanContext, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);
}
