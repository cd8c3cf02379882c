import { wrongUse } from './errors.js';

/** What an option may be. */
export interface Kind {
  /** In words, after "expected `name` to be". */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** The options inside, for an option that is an object of options. */
  readonly inner?: Readonly<Record<string, Kind>> | undefined;
  /** What each value has to be, for an option that is an object with names of the user's. */
  readonly each?: Kind | undefined;
  readonly isRequired?: boolean;
}

/**
 * The options of an interface, each with its kind. The compiler holds it against the interface: an
 * option that is missing here, or is here and not there, does not compile.
 */
export type Shape<Options> = { readonly [Name in keyof Required<Options>]: Kind };

function kind(expected: string, accepts: Kind['accepts']): Kind {
  return { expected, accepts };
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export const anything = kind('anything', () => true);
export const aBoolean = kind('true or false', (value) => typeof value === 'boolean');
export const aString = kind('a string', (value) => typeof value === 'string');
export const aName = kind(
  'a non-empty string',
  (value) => typeof value === 'string' && value !== '',
);
export const aFunction = kind('a function', (value) => typeof value === 'function');
export const anObject = kind('an object', isObject);
export const aCount = kind(
  'a whole number of at least 1',
  (value) => Number.isInteger(value) && (value as number) >= 1,
);
export const aPositiveNumber = kind('a positive number', (value) => isFinite(value) && value > 0);
export const aShare = kind(
  'a number from 0 to 1',
  (value) => isFinite(value) && value >= 0 && value <= 1,
);
export const aSignal = kind('an AbortSignal', (value) => value instanceof AbortSignal);

/** A finite number that is not below `min`. */
export function atLeast(min: number): Kind {
  return kind(`a number of at least ${min}`, (value) => isFinite(value) && value >= min);
}

/** One of a few strings. */
export function oneOf(values: readonly string[]): Kind {
  return kind(`one of ${values.join(', ')}`, (value) => values.includes(value as string));
}

/** Anything else that a condition can tell; `expected` says in words what. */
export function aValue(expected: string, accepts: Kind['accepts']): Kind {
  return kind(expected, accepts);
}

/** Options inside an option. */
export function options<Inner extends object>(inner: Shape<Inner>): Kind {
  return { ...anObject, inner };
}

/** An object whose names are the user's, and whose values are of one kind. */
export function recordOf(each: Kind): Kind {
  return { ...anObject, each };
}

/** `true` or `false`, or options that say more. */
export function aBooleanOr(other: Kind): Kind {
  return {
    ...other,
    expected: `true, false or ${other.expected}`,
    accepts: (value) => typeof value === 'boolean' || other.accepts(value),
  };
}

/** An option that has to be there. */
export function required(of: Kind): Kind {
  return { ...of, isRequired: true };
}

/**
 * Checks the options of a call. Absent options and those that are `undefined` are left to their defaults.
 *
 * @param where the function that was called, for the message
 * @throws TypeError that names the first option which is unknown, missing or wrong
 */
export function checkOptions<Options extends object>(
  where: string,
  given: Options | undefined,
  shape: Shape<Options>,
): void {
  if (given !== undefined) checkFields(where, given, shape, '');
}

function checkFields(
  where: string,
  given: object,
  shape: Readonly<Record<string, Kind>>,
  path: string,
): void {
  if (!isObject(given)) throw wrongUse(where, 'the options to be an object', given);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(shape, name)) {
      const known = Object.keys(shape).join(', ');
      throw new TypeError(`${where}: unknown option "${path}${name}", expected one of: ${known}`);
    }
    checkValue(where, (given as Record<string, unknown>)[name], shape[name]!, path + name);
  }
  for (const name in shape) {
    if (shape[name]!.isRequired && !Object.hasOwn(given, name)) {
      checkValue(where, undefined, shape[name]!, path + name);
    }
  }
}

function checkValue(where: string, value: unknown, of: Kind, path: string): void {
  if (value === undefined && of.isRequired !== true) return;
  if (!of.accepts(value)) throw wrongUse(where, `\`${path}\` to be ${of.expected}`, value);
  if (!isObject(value)) return;
  if (of.inner !== undefined) checkFields(where, value, of.inner, `${path}.`);
  if (of.each === undefined) return;
  for (const [name, one] of Object.entries(value)) {
    checkValue(where, one, of.each, `${path}.${name}`);
  }
}
