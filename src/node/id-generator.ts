import { INVALID_SPANID, INVALID_TRACEID } from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace-node';

const SPAN_ID_BYTES = 8;
const TRACE_ID_BYTES = 16;
/** Random bytes are cheap by the thousand. */
const BYTES = Buffer.alloc(4_096);
/** The character codes of the two hexadecimal digits of each byte. */
const HIGH = Uint8Array.from({ length: 256 }, (_, byte) => (byte >> 4).toString(16).charCodeAt(0));
const LOW = Uint8Array.from({ length: 256 }, (_, byte) => (byte & 15).toString(16).charCodeAt(0));

let used = BYTES.length;

/** Returns where as many fresh bytes begin. All are random, as the W3C's trace context wants it. */
function takeBytes(count: number): number {
  if (used + count > BYTES.length) {
    // An import would load all of it, which takes 4 ms.
    process.getBuiltinModule('node:crypto').randomFillSync(BYTES);
    used = 0;
  }
  used += count;
  return used - count;
}

/** Makes ids from the random numbers of cryptography, and for less than the SDK's own. */
export const idGenerator: IdGenerator = {
  generateTraceId(): string {
    const at = takeBytes(TRACE_ID_BYTES);
    const id = BYTES.toString('hex', at, at + TRACE_ID_BYTES);
    return id === INVALID_TRACEID ? idGenerator.generateTraceId() : id;
  },

  /** Spelled out, since a loop, or a slice of the buffer, takes more than twice as long. */
  generateSpanId(): string {
    const at = takeBytes(SPAN_ID_BYTES);
    const a = BYTES[at]!;
    const b = BYTES[at + 1]!;
    const c = BYTES[at + 2]!;
    const d = BYTES[at + 3]!;
    const e = BYTES[at + 4]!;
    const f = BYTES[at + 5]!;
    const g = BYTES[at + 6]!;
    const h = BYTES[at + 7]!;
    // prettier-ignore
    const id = String.fromCharCode(
      HIGH[a]!, LOW[a]!, HIGH[b]!, LOW[b]!, HIGH[c]!, LOW[c]!, HIGH[d]!, LOW[d]!,
      HIGH[e]!, LOW[e]!, HIGH[f]!, LOW[f]!, HIGH[g]!, LOW[g]!, HIGH[h]!, LOW[h]!,
    );
    return id === INVALID_SPANID ? idGenerator.generateSpanId() : id;
  },
};
