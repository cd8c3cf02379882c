import { isObject } from '../fields.js';

/** The names of getters by the prototype that has them; `undefined` for what must not be touched. */
const GETTERS = new WeakMap<object, readonly string[] | undefined>();

/** Of a response of `fetch`, and of a result of `streamText`, reading a field may begin to read the answer. */
const UNTOUCHED: readonly string[] = ['arrayBuffer', 'fullStream', 'getReader'];

/** Returns the fields of an object that may be of any class; none of a list or of bytes. May throw. */
export function keysOf(value: unknown): readonly string[] {
  if (!isObject(value) || Array.isArray(value) || ArrayBuffer.isView(value)) return [];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || !isObject(prototype)) return Object.keys(value);
  if (!GETTERS.has(prototype)) GETTERS.set(prototype, gettersOf(prototype));
  const getters = GETTERS.get(prototype);
  return getters === undefined ? [] : [...Object.keys(value), ...getters];
}

function gettersOf(prototype: object): readonly string[] | undefined {
  if (UNTOUCHED.some((name) => name in prototype)) return undefined;
  const names: string[] = [];
  let from: unknown = prototype;
  while (isObject(from) && from !== Object.prototype) {
    for (const [name, described] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
      if ('get' in described) names.push(name);
    }
    from = Object.getPrototypeOf(from);
  }
  return names;
}

/** Reads a field; `undefined` if that throws, as a getter or a `Proxy` may. */
export function peek(value: unknown, key: string): unknown {
  try {
    return isObject(value) ? value[key] : undefined;
  } catch {
    return undefined;
  }
}
