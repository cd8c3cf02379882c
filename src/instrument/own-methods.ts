export type Method = (...args: readonly unknown[]) => unknown;

/** Gives one object a method of its own, which users and libraries may replace in turn. */
export function replace(on: object, key: PropertyKey, value: Method): void {
  Reflect.defineProperty(on, key, { value, configurable: true, writable: true });
}

/** Returns a method as it is now, to be called on its object. */
export function methodOf(on: object, key: PropertyKey): Method {
  const method = Reflect.get(on, key) as Method;
  return (...args) => Reflect.apply(method, on, args);
}
