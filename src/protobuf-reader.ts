import { getOrMake } from './bounded.js';

const TWO_32 = 2 ** 32;
/** How long the values of each wire type are that says so itself. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** A message in Protocol Buffers, read: the values of each field, by its number, in their order. */
export class ProtobufMessage {
  /** `true` if something in it could not be read. */
  readonly isDamaged: boolean;
  readonly #fields = new Map<number, (number | Buffer)[]>();

  /** Fields that are damaged, and those after them, are left out. */
  constructor(bytes: Uint8Array) {
    const reader = new ProtobufReader(bytes);
    while (reader.next()) {
      getOrMake(this.#fields, reader.field, () => []).push(reader.value);
    }
    this.isDamaged = reader.isDamaged;
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  number(field: number): number {
    const value = this.#last(field);
    return typeof value === 'number' ? value : 0;
  }

  /** The bytes of a text, an id, or a number of fixed length. */
  bytes(field: number): Buffer {
    const value = this.#last(field);
    return typeof value === 'object' ? value : NONE;
  }

  text(field: number): string {
    return this.bytes(field).toString();
  }

  message(field: number): ProtobufMessage {
    return new ProtobufMessage(this.bytes(field));
  }

  messages(field: number): ProtobufMessage[] {
    return this.list(field).map((value) => new ProtobufMessage(value));
  }

  /** The bytes of each message or text of a repeated field. */
  list(field: number): Buffer[] {
    const values = this.#fields.get(field) ?? [];
    return values.map((value) => (typeof value === 'object' ? value : NONE));
  }

  #last(field: number): number | Buffer | undefined {
    return this.#fields.get(field)?.at(-1);
  }
}

/** Goes through the fields of a message. */
export class ProtobufReader {
  field = 0;
  /** A number if it is written as a varint, rounded if no number holds it. Else its bytes. */
  value: number | Buffer = 0;
  /** `true` if it ended where the message is damaged. */
  isDamaged = false;
  /** Where the next field begins. */
  position = 0;
  readonly #message: Buffer;

  constructor({ buffer, byteOffset, length }: Uint8Array) {
    this.#message = Buffer.from(buffer, byteOffset, length);
  }

  /** Returns `false` at the end, and where the message is damaged. */
  next(): boolean {
    if (this.position >= this.#message.length) return false;
    this.isDamaged = !this.#readField();
    return !this.isDamaged;
  }

  #readField(): boolean {
    const tag = this.#varint();
    const type = tag & 7;
    this.field = tag >>> 3;
    if (type === 0) {
      this.value = this.#varint();
      return this.position <= this.#message.length;
    }
    const size = type === 2 ? this.#varint() : (FIXED_BYTES[type] ?? -1);
    const end = this.position + size;
    if (size < 0 || end > this.#message.length) return false;
    this.value = this.#message.subarray(this.position, end);
    this.position = end;
    return true;
  }

  /** As a signed number of 64 bits. */
  #varint(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#message[this.position++] ?? 0;
      const bits = byte & 127;
      if (shift < 32) low |= bits << shift;
      if (shift > 24) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32);
      if (byte < 128) break;
    }
    return (high | 0) * TWO_32 + (low >>> 0);
  }
}

const NONE = Buffer.alloc(0);
