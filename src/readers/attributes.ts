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
