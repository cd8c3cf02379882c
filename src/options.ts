import { wrongUse } from './errors.js';
import { withoutSecrets } from './secrets.js';

export interface Kind {
  /** In words, after "expected `name` to be". */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** The options inside, for an option that is an object of options. */
  readonly inner?: Readonly<Record<string, Kind>> | undefined;
  /** The kind of every value, for an option that is an object with names of the user's own. */
  readonly each?: Kind | undefined;
  readonly isRequired?: boolean;
}

/** The kinds of an interface's options. The compiler refuses one that is missing, or one too many. */
export type Shape<Options> = { readonly [Name in keyof Required<Options>]: Kind };

/** The options with their defaults. */
export type Settings<Options> = {
  readonly [Name in keyof Options]-?: NonNullable<Options[Name]>;
};

export function aValue(expected: string, accepts: Kind['accepts']): Kind {
  return { expected, accepts };
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isNumber(value: unknown, min: number, max = Infinity): boolean {
  return Number.isFinite(value) && (value as number) >= min && (value as number) <= max;
}

export const anything = aValue('anything', () => true);
export const aBoolean = aValue('true or false', (value) => typeof value === 'boolean');
export const aString = aValue('a string', (value) => typeof value === 'string');
export const aName = aValue(
  'a non-empty string',
  (value) => aString.accepts(value) && value !== '',
);
export const names = aValue('a non-empty string, or a list of such', (value) =>
  [value].flat().every((name) => aName.accepts(name)),
);
export const aFunction = aValue('a function', (value) => typeof value === 'function');
export const anObject = aValue('an object', isObject);
export const aList = aValue('a list', Array.isArray);
export const aCount = aValue(
  'a whole number of at least 1',
  (value) => Number.isInteger(value) && isNumber(value, 1),
);
export const aPositiveNumber = aValue(
  'a positive number',
  (value) => value !== 0 && isNumber(value, 0),
);
export const aShare = aValue('a number from 0 to 1', (value) => isNumber(value, 0, 1));
export const aSignal = aValue('an AbortSignal', (value) => value instanceof AbortSignal);
export const atLeast = (min: number) =>
  aValue(`a number of at least ${min}`, (value) => isNumber(value, min));
export const oneOf = (values: readonly string[]) =>
  aValue(`one of ${values.join(', ')}`, (value) => values.includes(value as string));
export const options = <Inner extends object>(inner: Shape<Inner>): Kind => ({
  ...anObject,
  inner,
});
export const recordOf = (each: Kind): Kind => ({ ...anObject, each });
export const required = (of: Kind): Kind => ({ ...of, isRequired: true });

export function aBooleanOr(other: Kind): Kind {
  return {
    ...other,
    expected: `true, false or ${other.expected}`,
    accepts: (value) => typeof value === 'boolean' || other.accepts(value),
  };
}

/** Throws a TypeError for the first option that is unknown, missing or wrong; `undefined` is absent. */
export function checkOptions<Options extends object>(
  where: string,
  given: Options | undefined = {} as Options,
  shape: Shape<Options>,
  path = '',
): void {
  if (!isObject(given)) throw wrongUse(where, 'the options to be an object', given);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(shape, name)) continue;
    const known = Object.keys(shape).join(', ');
    throw new TypeError(
      `${where}: unknown option "${withoutSecrets(path + name, 60)}", expected one of: ${known}`,
    );
  }
  for (const name in shape) {
    const { accepts, expected, inner, each, isRequired } = shape[name];
    const value = (given as Record<string, unknown>)[name];
    if (value === undefined && isRequired !== true) continue;
    if (!accepts(value)) throw wrongUse(where, `\`${path}${name}\` to be ${expected}`, value);
    if (!isObject(value)) continue;
    const named = each && Object.fromEntries(Object.keys(value).map((key) => [key, each]));
    const fields = inner ?? named;
    if (fields !== undefined) checkOptions<object>(where, value, fields, `${path}${name}.`);
  }
}
