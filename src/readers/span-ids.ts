const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** The lengths of these many bytes in base64, the other way in which protobuf writes bytes as JSON. */
const BASE64_TRACE_ID = 24;
const BASE64_SPAN_ID = 12;
/** Longer strings are no ids of anything. */
const MAX_LENGTH = 64;

/** A trace id in lower-case hexadecimal; undefined when there is none, or only zeros. */
export function traceIdOf(value: unknown): string | undefined {
  return idOf(value, BASE64_TRACE_ID, TRACE_ID_BYTES);
}

/** A span id in lower-case hexadecimal; undefined when there is none, or only zeros. */
export function spanIdOf(value: unknown): string | undefined {
  return idOf(value, BASE64_SPAN_ID, SPAN_ID_BYTES);
}

function idOf(value: unknown, base64Length: number, bytes: number): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_LENGTH) return undefined;
  let id = value.toLowerCase();
  if (value.length === base64Length && value.endsWith('=')) {
    const decoded = Buffer.from(value, 'base64');
    if (decoded.length === bytes) id = decoded.toString('hex');
  }
  const isNone = id.startsWith('0') && id.endsWith('0') && /^0+$/.test(id);
  return isNone ? undefined : id;
}
