import type { Fields } from '../fields.js';

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
