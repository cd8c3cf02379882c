import { fields, parseJson, text } from '../fields.js';
import { MAX_BYTES, textOf, type BodyDecoder, type OnJson } from './body-decoder.js';

/** Before the headers: the lengths of the message and of its headers, and a checksum, 4 bytes each. */
const PRELUDE = 12;
const CHECKSUM = 4;
const STRING = 7;
/** How many bytes the values of the other types have. Those of -1 say it in two bytes. */
const VALUE_BYTES = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];

/**
 * The binary messages of Amazon's event streams, in which Bedrock streams. Each becomes the JSON of an
 * object with the event's type as its one field, as in Amazon's own client; what a model itself sent
 * stands alone.
 */
export class EventStreamDecoder implements BodyDecoder {
  readonly isStream = true;
  isTooLong = false;
  #rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onJson: OnJson) {}

  push(chunk: Uint8Array): void {
    if (this.isTooLong) return;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    // A copy in any case where something is left: the reader may write over its chunk.
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (rest.length >= PRELUDE) {
      const length = rest.readUInt32BE(0);
      if (length > MAX_BYTES || length < PRELUDE + CHECKSUM) {
        this.isTooLong = true;
        rest = rest.subarray(rest.length);
      }
      if (this.isTooLong || rest.length < length) break;
      this.#onMessage(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#rest = Buffer.from(rest);
  }

  end(): void {
    this.#rest = Buffer.alloc(0);
  }

  #onMessage(message: Buffer): void {
    const headersEnd = PRELUDE + message.readUInt32BE(4);
    const payload = textOf(message.subarray(headersEnd, message.length - CHECKSUM));
    const type = headerOf(message.subarray(PRELUDE, headersEnd), ':event-type');
    const exception = headerOf(message.subarray(PRELUDE, headersEnd), ':exception-type');
    if (type === 'chunk') {
      // What the model itself sent, in base64.
      const bytes = text(fields(parseJson(payload)).bytes);
      if (bytes !== undefined) this.onJson(Buffer.from(bytes, 'base64').toString('latin1'));
    } else if (type !== undefined) this.onJson(`{${JSON.stringify(type)}:${payload || '{}'}}`);
    else if (exception !== undefined) {
      this.onJson(JSON.stringify({ type: 'error', error: { type: exception } }));
    }
  }
}

function headerOf(headers: Buffer, wanted: string): string | undefined {
  let at = 0;
  while (at < headers.length) {
    const nameEnd = at + 1 + headers[at]!;
    const name = headers.toString('latin1', at + 1, nameEnd);
    const type = headers[nameEnd] ?? 0;
    const fixed = VALUE_BYTES[type] ?? 0;
    const valueAt = nameEnd + 1 + (fixed < 0 ? 2 : 0);
    if (valueAt > headers.length) return undefined;
    const end = valueAt + (fixed < 0 ? headers.readUInt16BE(nameEnd + 1) : fixed);
    if (name === wanted && type === STRING) return headers.toString('latin1', valueAt, end);
    at = end;
  }
  return undefined;
}
