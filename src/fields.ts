/** The fields of an object of unknown shape. */
export type Fields = Readonly<Record<string, unknown>>;

const NONE: Fields = Object.freeze({});

/** Tells whether a value is an object, or an array. */
export function isObject(value: unknown): value is Fields {
  return value !== null && typeof value === 'object';
}

/** Returns the fields of an object; none for anything else. */
export function fields(value: unknown): Fields {
  return isObject(value) ? value : NONE;
}

/** Returns the items of an array; none for anything else. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Follows a path of field names; returns `undefined` where it breaks off. */
export function pick(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => fields(found)[key], value);
}

/** Returns the first of the values that is a non-empty string. */
export function text(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}
