/** A name may include a version: `gpt-4o-2024-08-06`. An unknown name may mean any model. */
export function isSameModel(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.startsWith(short) && /^[-@:]v?\d/.test(long.slice(short.length));
}
