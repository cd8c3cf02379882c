import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Attributes, AttributeValue, HrTime, Link, SpanContext } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-node';
import {
  ANY_VALUE,
  ARRAY_VALUE,
  EVENT,
  IS_REMOTE,
  KEY_VALUE,
  LINK,
  RESOURCE,
  RESOURCE_SPANS,
  SCOPE,
  SCOPE_SPANS,
  SPAN,
  STATUS,
} from '../otlp-fields.js';
import { ProtobufMessage } from '../protobuf-reader.js';
import type { SpanBatch } from './span-batch.js';

/** In the order of their numbers in OTLP, where the first kind is 1 and the first code 0. */
const { INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER } = SpanKind;
const KINDS = [INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER];
const CODES = [SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR];

/** Reads the spans of a batch back, as OpenTelemetry's exporter takes them. */
export function decodeSpans({ resource, scopes }: SpanBatch): ReadableSpan[] {
  const ofAll = new ProtobufMessage(resource);
  const attributes = attributesOf(ofAll.message(RESOURCE_SPANS.resource), RESOURCE.attributes);
  const schemaUrl = ofAll.text(RESOURCE_SPANS.schemaUrl);
  const common = { resource: resourceFromAttributes(attributes, { schemaUrl }) };
  return scopes.flatMap(({ scope, spans }) => {
    const ofScope = new ProtobufMessage(scope);
    const named = ofScope.message(SCOPE_SPANS.scope);
    const instrumentationScope = {
      name: named.text(SCOPE.name),
      version: named.text(SCOPE.version),
      schemaUrl: ofScope.text(SCOPE_SPANS.schemaUrl),
    };
    const messages = new ProtobufMessage(spans).messages(SCOPE_SPANS.spans);
    return messages.map((message) => ({ ...decodeSpan(message), ...common, instrumentationScope }));
  });
}

function decodeSpan(
  message: ProtobufMessage,
): Omit<ReadableSpan, 'resource' | 'instrumentationScope'> {
  const flags = message.bytes(SPAN.flags).readUInt32LE();
  const context = contextOf(message, SPAN, flags & ~IS_REMOTE);
  const parentSpanId = message.bytes(SPAN.parentSpanId).toString('hex');
  const status = message.message(SPAN.status);
  const statusMessage = status.text(STATUS.message);
  return {
    name: message.text(SPAN.name),
    kind: KINDS[message.number(SPAN.kind) - 1] ?? INTERNAL,
    spanContext: () => context,
    ...(parentSpanId !== '' && {
      parentSpanContext: { ...context, spanId: parentSpanId, isRemote: (flags & IS_REMOTE) !== 0 },
    }),
    startTime: timeOf(message, SPAN.start),
    endTime: timeOf(message, SPAN.end),
    duration: [0, 0],
    ended: true,
    status: {
      code: CODES[status.number(STATUS.code)] ?? SpanStatusCode.UNSET,
      ...(statusMessage !== '' && { message: statusMessage }),
    },
    attributes: attributesOf(message, SPAN.attributes),
    droppedAttributesCount: message.number(SPAN.droppedAttributes),
    events: message.messages(SPAN.events).map(decodeEvent),
    droppedEventsCount: message.number(SPAN.droppedEvents),
    links: message.messages(SPAN.links).map(decodeLink),
    droppedLinksCount: message.number(SPAN.droppedLinks),
  };
}

function decodeEvent(message: ProtobufMessage): TimedEvent {
  return {
    name: message.text(EVENT.name),
    time: timeOf(message, EVENT.time),
    attributes: attributesOf(message, EVENT.attributes),
    droppedAttributesCount: message.number(EVENT.droppedAttributes),
  };
}

function decodeLink(message: ProtobufMessage): Link {
  return {
    context: contextOf(message, LINK, message.bytes(LINK.flags).readUInt32LE()),
    attributes: attributesOf(message, LINK.attributes),
    droppedAttributesCount: message.number(LINK.droppedAttributes),
  };
}

function contextOf(
  message: ProtobufMessage,
  of: typeof SPAN | typeof LINK,
  flags: number,
): SpanContext {
  const traceState = message.text(of.traceState);
  return {
    traceId: message.bytes(of.traceId).toString('hex'),
    spanId: message.bytes(of.spanId).toString('hex'),
    traceFlags: flags & 0xff,
    isRemote: (flags & IS_REMOTE) !== 0,
    ...(traceState !== '' && { traceState: new TraceState(traceState) }),
  };
}

function attributesOf(message: ProtobufMessage, field: number): Attributes {
  const entries = message
    .messages(field)
    .map((entry) => [entry.text(KEY_VALUE.key), valueOf(entry.message(KEY_VALUE.value))]);
  return Object.fromEntries(entries) as Attributes;
}

function valueOf(value: ProtobufMessage): AttributeValue | undefined {
  if (value.has(ANY_VALUE.string)) return value.text(ANY_VALUE.string);
  if (value.has(ANY_VALUE.boolean)) return value.number(ANY_VALUE.boolean) !== 0;
  if (value.has(ANY_VALUE.int)) return value.number(ANY_VALUE.int);
  if (value.has(ANY_VALUE.double)) return value.bytes(ANY_VALUE.double).readDoubleLE();
  if (!value.has(ANY_VALUE.array)) return undefined;
  const values = value.message(ANY_VALUE.array).messages(ARRAY_VALUE.values);
  return values.map(valueOf) as AttributeValue;
}

function timeOf(message: ProtobufMessage, field: number): HrTime {
  const nanos = message.bytes(field).readBigUInt64LE();
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)];
}
