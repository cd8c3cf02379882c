import { parseJson } from '../fields.js';

/** A longer one is left out. */
const MAX_LENGTH = 16 * 2 ** 20;

/**
 * Finds the parts of a document that is printed over many lines: what stands between two braces on lines of their own
 * with the same indentation. So it finds the next whole part behind damage.
 *
 *         ], rubbish
 *     {
 *       "scopeSpans": []      ← a part
 *     },
 */
export class IndentedParts {
  #indent: string | undefined;
  #lines: string[] = [];
  #length = 0;

  /** @param onPart is given the value of a part; `undefined` if it is damaged */
  constructor(private readonly onPart: (value: unknown) => void) {}

  /** Returns `false` for a line that is not in a part. */
  take(line: string): boolean {
    const opened = /^[ \t]+(?=\{$)/.exec(line)?.[0];
    // A brace that is not deeper belongs to the next part: the one before has lost its end.
    if (opened !== undefined && opened.length <= (this.#indent ?? opened).length) this.#end(opened);
    if (this.#indent === undefined) return false;
    if (!line.startsWith(this.#indent)) {
      this.#end();
      return false;
    }
    this.#lines.push(line);
    this.#length += line.length;
    const closing = line.slice(this.#indent.length);
    if (closing === '}' || closing === '},') {
      const value = parseJson(this.#lines.join('\n').replace(/,$/, ''));
      this.#end();
      this.onPart(value);
    } else if (this.#length > MAX_LENGTH) {
      this.#end();
    }
    return true;
  }

  #end(nextIndent?: string): void {
    this.#indent = nextIndent;
    this.#lines = [];
    this.#length = 0;
  }
}
