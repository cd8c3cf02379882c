/** Returns what gives a value that is made when it is first asked for: what is made at import holds up each start. */
export function lazy<T>(make: () => T & object): () => T {
  let made: (T & object) | undefined;
  return () => (made ??= make());
}
