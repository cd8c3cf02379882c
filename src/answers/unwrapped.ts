import { isObject } from '../fields.js';
import { readShallow } from './shallow-json.js';

/**
 * Where clients put the answer, or an item of its stream, beside what they tell of the request: `data` of
 * `.withResponse()`, axios and Mistral, `body` of got and Bedrock, `chunk` of Bedrock's streams, `part` of
 * the AI SDK's own.
 */
const WRAPPERS = ['data', 'body', 'chunk', 'part'];
/** A longer body is not parsed: that would hold up the process. */
const MAX_LENGTH = 4 * 1024 * 1024;
/** A longer member holds embeddings or pictures. */
const MAX_MEMBER_LENGTH = 256_000;

/** Returns what a client has wrapped, or else the value itself. Calls no getter. */
export function unwrapped(value: unknown): unknown {
  if (!isObject(value)) return value;
  // Such an object is an answer, or an item, by itself.
  if (typeof ownValue(value, 'type') === 'string' || ownValue(value, 'usage') != null) return value;
  for (const key of WRAPPERS) {
    const inner = ownValue(value, key);
    const answer = jsonOf(key === 'chunk' && isObject(inner) ? ownValue(inner, 'bytes') : inner);
    if (answer !== undefined) return answer;
  }
  return value;
}

/** Returns the value of a property of an object's own, unless it is a getter. */
export function ownValue(on: object, key: PropertyKey): unknown {
  return Reflect.getOwnPropertyDescriptor(on, key)?.value as unknown;
}

function jsonOf(inner: unknown): object | undefined {
  if (inner instanceof Uint8Array) {
    if (inner.byteLength > MAX_LENGTH) return undefined;
    const { buffer, byteOffset, byteLength } = inner;
    return jsonOf(Buffer.from(buffer, byteOffset, byteLength).toString());
  }
  if (typeof inner === 'string') {
    return inner.length > MAX_LENGTH ? undefined : readShallow(inner, MAX_MEMBER_LENGTH);
  }
  return isObject(inner) && !Array.isArray(inner) ? inner : undefined;
}
