import * as otlp from '../otlp-fields.js';
import { ProtobufMessage, ProtobufReader } from '../protobuf-reader.js';
import { originOfResource, readOtlpSpan } from './otlp.js';
import type { SpanSink } from './span-sink.js';

/** What a message becomes: the name in OTLP JSON of each field that is read, and how it is read. */
type Message = Readonly<Record<number, Field>>;
type Field = readonly [name: string, read: (value: Buffer) => unknown, isList?: true];

const hex = (value: Buffer) => value.toString('hex');
const text = (value: Buffer) => value.toString();
const nanos = (value: Buffer) => value.readBigUInt64LE().toString();
const message = (fields: Message) => (value: Buffer) => readMessage(value, fields);
/** A number that is written as a varint is read already. */
const number = (value: unknown) => value;

const { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, RESOURCE, SPAN, STATUS } = otlp;
const SCALAR: Message = {
  [ANY_VALUE.string]: ['stringValue', text],
  [ANY_VALUE.boolean]: ['boolValue', (value: unknown) => value !== 0],
  [ANY_VALUE.int]: ['intValue', number],
  [ANY_VALUE.double]: ['doubleValue', (value) => value.readDoubleLE()],
};
/** Lists within lists are left out, as in JSON: so nothing is read deeper than this. */
const LIST: Message = { [ARRAY_VALUE.values]: ['values', message(SCALAR), true] };
const VALUE: Message = { ...SCALAR, [ANY_VALUE.array]: ['arrayValue', message(LIST)] };
const ATTRIBUTE: Message = {
  [KEY_VALUE.key]: ['key', text],
  [KEY_VALUE.value]: ['value', message(VALUE)],
};
const ATTRIBUTES: Field = ['attributes', message(ATTRIBUTE), true];
const OF_RESOURCE: Message = { [RESOURCE.attributes]: ATTRIBUTES };
const OF_SPAN: Message = {
  [SPAN.traceId]: ['traceId', hex],
  [SPAN.spanId]: ['spanId', hex],
  [SPAN.parentSpanId]: ['parentSpanId', hex],
  [SPAN.name]: ['name', text],
  [SPAN.kind]: ['kind', number],
  [SPAN.start]: ['startTimeUnixNano', nanos],
  [SPAN.end]: ['endTimeUnixNano', nanos],
  [SPAN.attributes]: ATTRIBUTES,
  [SPAN.status]: ['status', message({ [STATUS.code]: ['code', number] })],
  [SPAN.flags]: ['flags', (value) => value.readUInt32LE()],
};

/** @throws RangeError or TypeError if the message is damaged, or a field is of another kind */
function readMessage(bytes: Buffer, fields: Message): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const reader = new ProtobufReader(bytes);
  while (reader.next()) {
    const field = fields[reader.field];
    if (field === undefined) continue;
    const [name, read, isList] = field;
    const value = read(reader.value as Buffer);
    if (isList === true) ((found[name] ??= []) as unknown[]).push(value);
    else found[name] = value;
  }
  if (reader.isDamaged) throw new RangeError('the message is damaged');
  return found;
}

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
