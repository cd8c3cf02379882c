import * as semconv from '../semconv.js';

/** What the attributes of a span say, by name; only of those that hotspan knows. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Every name in semconv.ts. All others need not be kept, nor even be read. */
const KNOWN: ReadonlySet<string> = new Set(
  Object.values(semconv)
    .flatMap((value: unknown) => value)
    .filter((value) => typeof value === 'string'),
);

/** Of a span that says nothing that hotspan knows. */
export const NO_ATTRIBUTES: Attributes = Object.freeze({});

/**
 * Reads a list of `{ key, value }`, leaving out what hotspan does not know and what has no value.
 *
 * @param toPlain makes a plain value of an entry
 */
export function readAttributes(
  list: unknown,
  toPlain: (entry: { value?: unknown }) => unknown,
): Attributes {
  if (!Array.isArray(list)) return NO_ATTRIBUTES;
  let attributes: Record<string, unknown> | undefined;
  for (const entry of list as unknown[]) {
    if (entry === null || typeof entry !== 'object') continue;
    const { key } = entry as { key?: unknown };
    if (typeof key !== 'string' || !KNOWN.has(key)) continue;
    const value = toPlain(entry);
    if (value !== undefined && value !== null) (attributes ??= {})[key] = value;
  }
  return attributes ?? NO_ATTRIBUTES;
}
