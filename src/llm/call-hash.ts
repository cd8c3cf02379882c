/** The same for the same input, whatever the order of its fields. Throws when that is not JSON data. */
export function hashOf(call: readonly string[], input: unknown): string {
  const json = JSON.stringify([...call, input], sortKeys);
  // Loaded at its first use, to keep the import of hotspan fast.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(json).digest('hex');
}

/** Refuses what JSON leaves out or changes (a Map, NaN): different calls would look the same. */
function sortKeys(_key: string, value: unknown): unknown {
  if (Array.isArray(value) ? value.includes(undefined) : !isJson(value)) {
    throw new TypeError('not JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  if (!isPlain && entries.length === 0) throw new TypeError('not plain data');
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'function' && typeof value !== 'symbol';
}
