import { MAX_KINDS } from '../bounded.js';

/** What the conventions call an error of no known type. */
const OTHER_ERROR = '_OTHER';

/** The types of errors that metrics tell apart: those that come first. */
export class ErrorTypes {
  readonly #known = new Set<string>();

  of(type: string): string {
    if (this.#known.size < MAX_KINDS) this.#known.add(type);
    return this.#known.has(type) ? type : OTHER_ERROR;
  }
}
