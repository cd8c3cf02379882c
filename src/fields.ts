export type Fields = Readonly<Record<string, unknown>>;

/** These read values of unknown shape, and find nothing where another shape was expected. */
const NONE: Fields = Object.freeze({});

export function isObject(value: unknown): value is Fields {
  return value !== null && typeof value === 'object';
}

export function fields(value: unknown): Fields {
  return isObject(value) ? value : NONE;
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function pick(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) found = fields(found)[key];
  return found;
}

export function text(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

/** Parses JSON, also behind the mark that some editors put first. Returns undefined for other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text) as unknown;
  } catch {
    return undefined;
  }
}

/** Returns the list under the first of these names that holds one; an empty list if none does. */
export function listIn(value: Fields, ...names: readonly string[]): readonly unknown[] {
  for (const name of names) {
    const list = value[name];
    if (Array.isArray(list)) return list as unknown[];
  }
  return [];
}
