import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, RESOURCE, SPAN, STATUS } from './otlp-fields.js';
import { ProtobufReader } from './protobuf-reader.js';

/** What a message becomes: the name in OTLP JSON of each field that is read, and how it is read. */
export type OtlpMessage = Readonly<Record<number, OtlpField>>;
type OtlpField = readonly [name: string, read: (value: Buffer) => unknown, isList?: true];

const hex = (value: Buffer) => value.toString('hex');
export const utf8 = (value: Buffer) => value.toString();
export const nanos = (value: Buffer) => value.readBigUInt64LE().toString();
export const fixed32 = (value: Buffer) => value.readUInt32LE();
/** A number that is written as a varint is read already. */
export const varint = (value: unknown) => value;
export const message = (fields: OtlpMessage) => (value: Buffer) => readMessage(value, fields);

const SCALAR: OtlpMessage = {
  [ANY_VALUE.string]: ['stringValue', utf8],
  [ANY_VALUE.boolean]: ['boolValue', (value: unknown) => value !== 0],
  [ANY_VALUE.int]: ['intValue', varint],
  [ANY_VALUE.double]: ['doubleValue', (value) => value.readDoubleLE()],
};
/** Lists within lists are left out: so nothing is read deeper than this. */
const LIST: OtlpMessage = { [ARRAY_VALUE.values]: ['values', message(SCALAR), true] };
const VALUE: OtlpMessage = { ...SCALAR, [ANY_VALUE.array]: ['arrayValue', message(LIST)] };
const ATTRIBUTE: OtlpMessage = {
  [KEY_VALUE.key]: ['key', utf8],
  [KEY_VALUE.value]: ['value', message(VALUE)],
};
export const ATTRIBUTES: OtlpField = ['attributes', message(ATTRIBUTE), true];
export const IDS = {
  [SPAN.traceId]: ['traceId', hex],
  [SPAN.spanId]: ['spanId', hex],
} as const satisfies OtlpMessage;

/** What hotspan reads of a resource and of a span. */
export const OF_RESOURCE: OtlpMessage = { [RESOURCE.attributes]: ATTRIBUTES };
export const OF_SPAN: OtlpMessage = {
  ...IDS,
  [SPAN.parentSpanId]: ['parentSpanId', hex],
  [SPAN.name]: ['name', utf8],
  [SPAN.kind]: ['kind', varint],
  [SPAN.start]: ['startTimeUnixNano', nanos],
  [SPAN.end]: ['endTimeUnixNano', nanos],
  [SPAN.attributes]: ATTRIBUTES,
  [SPAN.status]: ['status', message({ [STATUS.code]: ['code', varint] })],
  [SPAN.flags]: ['flags', fixed32],
};

/** @throws RangeError or TypeError if the message is damaged, or a field is of another kind */
export function readMessage(bytes: Uint8Array, fields: OtlpMessage): Record<string, unknown> {
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
