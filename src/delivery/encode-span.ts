import { SpanStatusCode, type Attributes, type SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import {
  ANY_VALUE,
  ARRAY_VALUE,
  EVENT,
  HAS_IS_REMOTE,
  IS_REMOTE,
  KEY_VALUE,
  LINK,
  SCOPE_SPANS,
  SPAN,
  STATUS,
} from '../otlp-fields.js';
import type { ProtobufWriter } from './protobuf-writer.js';

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
