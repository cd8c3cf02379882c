/**
 * Whether two spans may be of the same model. One of the names may have the version that answered:
 * `gpt-4o` and `gpt-4o-2024-08-06`. One that is not known may be any.
 */
export function isSameModel(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.startsWith(short) && /^[-@:]v?\d/.test(long.slice(short.length));
}
