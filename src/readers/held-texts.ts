import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** So many characters are held as they are: those of most traces. */
const MAX_LOOSE = 2 * 2 ** 20;
const MAX_PACKED_BYTES = 256 * 2 ** 20;
/** Is in no JSON. */
const SEPARATOR = '\0';

/** Holds texts of JSON. Packs them, when they are many, to a sixth or less, since they are much alike. */
export class HeldTexts {
  #loose: string[] = [];
  #looseLength = 0;
  readonly #packed: Buffer[] = [];
  #packedBytes = 0;

  /** Returns false when this was the last that there was room for. */
  add(json: string): boolean {
    this.#loose.push(json);
    this.#looseLength += json.length;
    if (this.#looseLength < MAX_LOOSE) return true;
    const packed = deflateRawSync(this.#loose.join(SEPARATOR), { level: 1 });
    this.#packed.push(packed);
    this.#packedBytes += packed.length;
    this.#loose = [];
    this.#looseLength = 0;
    return this.#packedBytes < MAX_PACKED_BYTES;
  }

  /** Gives all back, in their order, some at a time. */
  *lists(): Generator<readonly string[]> {
    for (const packed of this.#packed) yield inflateRawSync(packed).toString().split(SEPARATOR);
    yield this.#loose;
  }
}
