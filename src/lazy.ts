/** Puts off making a value until it is first asked for. What is made at import slows down each start. */
export function lazy<T>(make: () => T & object): () => T {
  let made: (T & object) | undefined;
  return () => (made ??= make());
}
