import { isObject, type Fields } from '../fields.js';

/** Returns in words what is wrong with a value that stands at `at`; `undefined` if it is all right. */
export type Check = (value: unknown, at: string) => string | undefined;

export const isRecord = (value: unknown): value is Fields =>
  isObject(value) && !Array.isArray(value);

function is(what: string, accepts: (value: unknown) => boolean): Check {
  return (value, at) => (accepts(value) ? undefined : `its "${at}" is ${what}`);
}

export const string = is('not a string', (value) => typeof value === 'string');
export const flag = is('not a boolean', (value) => typeof value === 'boolean');
// Rounding may leave a sum just below 0.
export const number = is('not a number', Number.isFinite);
export const natural = is(
  'not a count',
  (value) => Number.isFinite(value) && (value as number) >= 0,
);

export function isOneOf(values: readonly string[]): Check {
  return is(`none of ${values.join(', ')}`, (value) => values.includes(value as string));
}

export function maybe(check: Check): Check {
  return (value, at) => (value === undefined ? undefined : check(value, at));
}

export function list(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return `its "${at}" is not a list`;
    return firstOf(value, (item, index) => check(item, `${at}[${index}]`));
  };
}

export function object(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields);
  return (value, at) => {
    if (!isRecord(value)) return `its "${at}" is not an object`;
    return firstOf(checks, ([key, check]) => check(value[key], at === '' ? key : `${at}.${key}`));
  };
}

function firstOf<T>(items: readonly T[], find: (item: T, index: number) => string | undefined) {
  for (const [index, item] of items.entries()) {
    const problem = find(item, index);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What names a row or an entry point. */
export const named = { name: string, service: string };
