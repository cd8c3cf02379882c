/** What an object has, under any names. */
export type Fields = Readonly<Record<string, unknown>>;

const NONE: Fields = Object.freeze({});

/** The fields of an object; none of anything else. */
export function fields(value: unknown): Fields {
  return value !== null && typeof value === 'object' ? (value as Fields) : NONE;
}

/** What is found when one goes down from field to field; undefined where there is no way. */
export function pick(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => fields(found)[key], value);
}

/** A string with something in it. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
