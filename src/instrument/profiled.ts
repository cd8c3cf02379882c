import { requireName, wrongUse } from '../errors.js';
import { holdIfStream } from './held-stream.js';
import { inSegment } from './in-span.js';
import { readArguments, SEGMENT_OPTIONS, type SegmentOptions } from './segment.js';

/** A function with the types of its `this`, arguments and result. */
export type FunctionOf<This, Args extends unknown[], Result> = (
  this: This,
  ...args: Args
) => Result;

/**
 * Returns a function that calls `fn` as a segment, every time. It has the types, `name` and `length` of
 * `fn`, and passes on `this`, arguments, results and errors.
 *
 * ```ts
 * import { profiled } from 'hotspan';
 *
 * const parse = profiled('parse', (text: string) => JSON.parse(text) as unknown);
 * parse('{"a": 1}');
 * ```
 *
 * @param name the name of the segment. Default: the function's own name
 * @throws TypeError when `fn` is not a function, or has no name and none is given
 */
export function profiled<This, Args extends unknown[], Result>(
  fn: FunctionOf<This, Args, Result>,
): FunctionOf<This, Args, Result>;
export function profiled<This, Args extends unknown[], Result>(
  name: string,
  fn: FunctionOf<This, Args, Result>,
): FunctionOf<This, Args, Result>;
export function profiled<This, Args extends unknown[], Result>(
  name: string,
  options: SegmentOptions,
  fn: FunctionOf<This, Args, Result>,
): FunctionOf<This, Args, Result>;
export function profiled<This, Args extends unknown[], Result>(
  nameOrFn: string | FunctionOf<This, Args, Result>,
  optionsOrFn?: SegmentOptions | FunctionOf<This, Args, Result>,
  maybeFn?: FunctionOf<This, Args, Result>,
): FunctionOf<This, Args, Result> {
  const named = typeof nameOrFn !== 'function';
  const [name, first] = named ? [nameOrFn, optionsOrFn] : [nameOrFn.name, nameOrFn];
  const { options, fn } = readArguments('profiled', name, SEGMENT_OPTIONS, first, maybeFn);
  return wrap(fn, options, () => name);
}

/**
 * Decorates a method so that every call of it is a segment. A TC39 decorator, as TypeScript 5 and later
 * compile it without `experimentalDecorators`.
 *
 * ```ts
 * import { profile } from 'hotspan';
 *
 * class Shop {
 *   @profile()
 *   price(pieces: number) {
 *     return pieces * 3;
 *   }
 * }
 * new Shop().price(2); // the segment "Shop.price"
 * ```
 *
 * @param name the name of the segment. Default: class and method, such as `Shop.price`
 * @throws TypeError when it decorates anything but a method
 */
export function profile(
  name?: string,
): <This, Args extends unknown[], Result>(
  method: FunctionOf<This, Args, Result>,
  context: ClassMethodDecoratorContext,
) => FunctionOf<This, Args, Result> {
  if (name !== undefined) requireName('@profile', '`name`', name);
  return (method, context) => {
    // Untyped callers, and TypeScript's old decorators, pass other arguments.
    const kind = (context as { kind?: unknown } | undefined)?.kind;
    if (typeof method !== 'function' || kind !== 'method') {
      const expected = 'to decorate a method, without `experimentalDecorators`';
      throw wrongUse('@profile', expected, method);
    }
    const own = String(context.name);
    return wrap(method, {}, (self) => name ?? `${classNameOf(self)}${own}`);
  };
}

function wrap<This, Args extends unknown[], Result>(
  fn: FunctionOf<This, Args, Result>,
  options: SegmentOptions,
  nameFor: (self: unknown) => string,
): FunctionOf<This, Args, Result> {
  const wrapper = function (this: This, ...args: Args): Result {
    return inSegment(nameFor(this), options, () => Reflect.apply(fn, this, args), holdIfStream);
  };
  Object.defineProperty(wrapper, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: fn.length, configurable: true });
  return wrapper;
}

function classNameOf(self: unknown): string {
  try {
    const of = typeof self === 'function' ? self : (self as object | null | undefined)?.constructor;
    // A class may have a static member `name` of any type.
    const name: unknown = of?.name;
    return typeof name === 'string' && name !== '' ? `${name}.` : '';
  } catch {
    return '';
  }
}
