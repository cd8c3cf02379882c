/** What is longer costs less through Buffer's native methods than character by character. */
const SHORT = 48;
const TWO_32 = 2 ** 32;
/** Writes Protocol Buffers (the wire format of proto3) into one buffer, which is used again and again. */
export class ProtobufWriter {
  bytes: Buffer;
  length = 0;

  /** @param maxBytes growing beyond this throws a `RangeError` */
  constructor(
    private readonly initialBytes: number,
    private readonly maxBytes = Infinity,
  ) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Returns a copy of what was written, and begins anew. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.bytes.subarray(0, this.length));
    this.clear();
    return taken;
  }

  clear(): void {
    this.length = 0;
    // One request of long texts must not hold its memory for ever.
    if (this.bytes.length > 4 * this.initialBytes) {
      this.bytes = Buffer.allocUnsafeSlow(this.initialBytes);
    }
  }

  /**
   * Begins a message inside the message. Returns where it begins, for `close`.
   *
   * @param lengthBytes how many bytes its length will probably take: another number costs a copy
   */
  open(field: number, lengthBytes: number): number {
    this.#reserve(20);
    this.#varint((field << 3) | 2);
    this.length += lengthBytes;
    return this.length;
  }

  close(begin: number, lengthBytes: number): void {
    const size = this.length - begin;
    const needed = varintBytes(size);
    if (needed !== lengthBytes) {
      this.#reserve(10);
      const moved = begin + needed - lengthBytes;
      this.bytes.copyWithin(moved, begin, this.length);
      this.length = moved + size;
    }
    const end = this.length;
    this.length = begin - lengthBytes;
    this.#varint(size);
    this.length = end;
  }

  /** Writes a number from 0 to 2^32 − 1. Leaves 0 out, which is the default of proto3. */
  unsigned(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(20);
    this.#varint(field << 3);
    this.#varint(value);
  }

  /** Writes a whole number of at most 64 bits, 0 too. */
  int64(field: number, value: number): void {
    this.#reserve(20);
    this.#varint(field << 3);
    if (value >= 0 && value < TWO_32) {
      this.#varint(value);
      return;
    }
    // The two halves of its two's complement: dividing by a power of two is exact.
    let low = value >>> 0;
    let high = Math.floor(value / TWO_32) >>> 0;
    while (high > 0 || low > 127) {
      this.bytes[this.length++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.length++] = low;
  }

  boolean(field: number, value: boolean): void {
    this.#reserve(12);
    this.#varint(field << 3);
    this.bytes[this.length++] = value ? 1 : 0;
  }

  double(field: number, value: number): void {
    this.#reserve(20);
    this.#varint((field << 3) | 1);
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  fixed32(field: number, value: number): void {
    this.#reserve(12);
    this.#varint((field << 3) | 5);
    this.#word(value);
  }

  /** Writes a time as its nanoseconds since the epoch, in 64 bits. */
  time(field: number, seconds: number, nanos: number): void {
    this.#reserve(20);
    this.#varint((field << 3) | 1);
    // A number holds the product only roughly. Its lower half is known exactly, and shows the upper one.
    const product = Math.imul(seconds, 1e9) >>> 0;
    const low = (product + nanos) >>> 0;
    this.#word(low);
    this.#word(Math.round((seconds * 1e9 + nanos - low) / TWO_32));
  }

  /** Writes the bytes that an even number of hexadecimal digits stands for. */
  hex(field: number, digits: string): void {
    this.#reserve(20 + digits.length);
    this.#varint((field << 3) | 2);
    this.#varint(digits.length >>> 1);
    const { bytes } = this;
    let at = this.length;
    for (let index = 1; index < digits.length; index += 2) {
      const upper = digits.charCodeAt(index - 1);
      const lower = digits.charCodeAt(index);
      bytes[at++] = (hexValue(upper) << 4) | hexValue(lower);
    }
    this.length = at;
  }

  /** Writes a text, an empty one too. JavaScript may have given another value for a name. */
  text(field: number, value: unknown): void {
    const text = typeof value === 'string' ? value : String(value);
    const { length } = text;
    this.#reserve(20 + Math.min(length, SHORT) * 3);
    this.#varint((field << 3) | 2);
    if (length > SHORT || !this.#ascii(text)) {
      const size = Buffer.byteLength(text);
      this.#varint(size);
      this.#reserve(size);
      this.length += this.bytes.write(text, this.length, 'utf8');
    }
  }

  /** Writes bytes that are a message, or any number of fields, already. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Returns `false`, with nothing written, if a text is not of ASCII characters alone. */
  #ascii(text: string): boolean {
    const { bytes, length: begin } = this;
    const { length } = text;
    let at = begin;
    bytes[at++] = length;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      bytes[at++] = code;
    }
    this.length = at;
    return true;
  }

  #word(value: number): void {
    const { bytes } = this;
    const at = this.length;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.length = at + 4;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    if (needed > this.maxBytes) throw new RangeError(`more than ${this.maxBytes} bytes`);
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

/** Of the code of a hexadecimal digit, in either case. */
function hexValue(code: number): number {
  return (code & 15) + (code >> 6) * 9;
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest > 127; rest >>>= 7) count += 1;
  return count;
}
