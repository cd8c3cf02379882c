/** Beyond so many, strings stand as they come: names without end must not fill the memory. */
const MAX_STRINGS = 10_000;

/** Keeps one copy of each string that comes again and again, as names do. */
export class Interner {
  readonly #known = new Map<string, string>();

  /** The copy that is kept of this string. */
  get(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size < MAX_STRINGS) this.#known.set(text, text);
    return text;
  }
}
