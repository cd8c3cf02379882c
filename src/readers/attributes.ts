import { fields, isObject, parseJson } from '../fields.js';
import { CALL_ATTRIBUTES } from '../call-attributes.js';
import { JSON_ATTRIBUTES } from '../json-attributes.js';
import * as semconv from '../semconv.js';

export type Attributes = Readonly<Record<string, unknown>>;

/** Every name that hotspan knows. All others are not even read. */
const KNOWN: ReadonlySet<unknown> = new Set([
  ...Object.values(semconv).flat(),
  ...Object.values(CALL_ATTRIBUTES).flat(),
  ...Object.keys(JSON_ATTRIBUTES),
]);

/** The attributes of a span that has none that hotspan knows. */
const NO_ATTRIBUTES: Attributes = Object.freeze({});

/**
 * Reads a list of `{ key, value }`, without entries that have no value and, unless `all` are read, keys that
 * hotspan does not know.
 */
export function readAttributes(
  list: unknown,
  toPlain: (entry: { value?: unknown }) => unknown,
  all = false,
): Attributes {
  if (!Array.isArray(list)) return NO_ATTRIBUTES;
  let attributes: Record<string, unknown> | undefined;
  for (const entry of list as unknown[]) {
    if (entry === null || typeof entry !== 'object') continue;
    const { key } = entry as { key?: unknown };
    if (typeof key !== 'string' || !(all || KNOWN.has(key))) continue;
    const value = toPlain(entry);
    if (value !== undefined && value !== null) (attributes ??= {})[key] = value;
  }
  return attributes ?? NO_ATTRIBUTES;
}

/** Deeper objects are no attributes. */
const MAX_DEPTH = 8;

/** Reads an object of attributes: as {@link readAttributes}. The keys of objects within are joined by dots. */
export function readAttributeMap(
  map: unknown,
  toPlain: (value: unknown) => unknown,
  all = false,
): Attributes {
  const found: Record<string, unknown> = {};
  const visit = (value: unknown, prefix: string, depth: number): void => {
    for (const [name, inner] of Object.entries(fields(value))) {
      const key = `${prefix}${name}`;
      if (isObject(inner) && !Array.isArray(inner)) {
        if (depth < MAX_DEPTH) visit(inner, `${key}.`, depth + 1);
      } else if (all || KNOWN.has(key)) {
        const plain = toPlain(inner);
        if (plain !== undefined && plain !== null) found[key] = plain;
      }
    }
  };
  if (!Array.isArray(map)) visit(map, '', 1);
  return found;
}

const isScalar = (value: unknown) => !isObject(value);

/** Reads a value of a store that has texts alone: booleans, and lists as JSON. Numbers stay texts. */
export function plainOfText(value: unknown): unknown {
  if (Array.isArray(value)) return value.every(isScalar) ? value : JSON.stringify(value);
  if (value === 'true' || value === 'false') return value === 'true';
  if (typeof value !== 'string' || !value.startsWith('[')) return value;
  const list = parseJson(value);
  return Array.isArray(list) && list.every(isScalar) ? list : value;
}
