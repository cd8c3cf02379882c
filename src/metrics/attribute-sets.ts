import type { Attributes } from '@opentelemetry/api';
import { getOrMake } from '../bounded.js';
import { ERROR_TYPE } from '../semconv.js';

/** What the conventions call an error of no known type. */
const OTHER_ERROR = '_OTHER';
/** The most sets with a type of error. */
const MAX_WITH_ERROR = 1_000;

/** Makes each set of attributes once, so that the object tells its series. */
export class AttributeSets {
  readonly #made = new Map<Attributes, Map<string, Attributes>>();
  #withError = 0;

  /** Adds an attribute that has few values. */
  with(attributes: Attributes, name: string, value: string): Attributes {
    const variants = getOrMake(this.#made, attributes, () => new Map<string, Attributes>());
    return getOrMake(variants, `${name}\n${value}`, () => ({ ...attributes, [name]: value }));
  }

  /** Adds the type of an error, where there is one; the types that come first are told apart. */
  withError(attributes: Attributes, type: string | undefined): Attributes {
    if (type === undefined) return attributes;
    const isKnown = this.#made.get(attributes)?.has(`${ERROR_TYPE}\n${type}`) === true;
    if (!isKnown && this.#withError >= MAX_WITH_ERROR) {
      return this.with(attributes, ERROR_TYPE, OTHER_ERROR);
    }
    if (!isKnown) this.#withError += 1;
    return this.with(attributes, ERROR_TYPE, type);
  }
}
