const PRIME_LOW = 0x1b3;
const TWO_TO_32 = 2 ** 32;

/**
 * FNV-1a with 64 bits (Fowler, Noll and Vo) over UTF-16 code units: the published values for ASCII text.
 * Quick, and no protection against those who want two texts to look the same. The state is in two
 * halves, because JavaScript is slow at 64-bit integers.
 */
export class Fnv1a {
  #high = 0xcbf29ce4;
  #low = 0x84222325;

  add(text: string): this {
    let high = this.#high;
    let low = this.#low;
    for (let at = 0; at < text.length; at += 1) {
      low = (low ^ text.charCodeAt(at)) >>> 0;
      // The prime is 2 ** 40 + 0x1b3: times 2 ** 40 moves the low half 8 bits up in the high one.
      const product = low * PRIME_LOW;
      const carry = Math.floor(product / TWO_TO_32);
      high = (Math.imul(high, PRIME_LOW) + carry + (low << 8)) >>> 0;
      low = product >>> 0;
    }
    this.#high = high;
    this.#low = low;
    return this;
  }

  digest(): string {
    return hex(this.#high) + hex(this.#low);
  }
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
