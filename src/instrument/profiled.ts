import { requireName, wrongUse } from '../errors.js';
import { inSegment } from './in-span.js';
import { checkSegment, splitArguments, type SegmentOptions } from './segment.js';

/** A function with what its types say of `this`, arguments and result. */
export type Typed<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result;

/**
 * Makes a function whose every call is a segment. `this`, arguments, result, errors and types pass
 * through; the function keeps its `name` and `length`.
 *
 * ```ts
 * import { profiled } from 'hotspan';
 *
 * const parse = profiled('parse', (text: string) => JSON.parse(text) as unknown);
 * parse('{"a": 1}');
 * ```
 *
 * @param name of the segment; default the function's own name
 * @param options see {@link SegmentOptions}
 * @throws TypeError when `fn` is not a function, or has no name and none is given
 */
export function profiled<This, Args extends unknown[], Result>(
  fn: Typed<This, Args, Result>,
): Typed<This, Args, Result>;
export function profiled<This, Args extends unknown[], Result>(
  name: string,
  fn: Typed<This, Args, Result>,
): Typed<This, Args, Result>;
export function profiled<This, Args extends unknown[], Result>(
  name: string,
  options: SegmentOptions,
  fn: Typed<This, Args, Result>,
): Typed<This, Args, Result>;
export function profiled<This, Args extends unknown[], Result>(
  nameOrFn: string | Typed<This, Args, Result>,
  optionsOrFn?: SegmentOptions | Typed<This, Args, Result>,
  maybeFn?: Typed<This, Args, Result>,
): Typed<This, Args, Result> {
  const named = typeof nameOrFn !== 'function';
  const { options, fn } = named
    ? splitArguments<SegmentOptions | undefined, Typed<This, Args, Result> | undefined>(
        optionsOrFn,
        maybeFn,
      )
    : { options: {}, fn: nameOrFn };
  const name = named ? nameOrFn : nameOrFn.name;
  checkSegment('profiled', name, options, fn);
  return wrap(fn!, options ?? {}, () => name);
}

/**
 * Decorator (TC39, as TypeScript 5 and later compile it) that makes every call of a method a segment.
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
 * new Shop().price(2); // the segment is called "Shop.price"
 * ```
 *
 * @param name of the segment; default the class and the method, `Shop.price`
 * @throws TypeError when it decorates something that is not a method
 */
export function profile(
  name?: string,
): <This, Args extends unknown[], Result>(
  method: Typed<This, Args, Result>,
  context: ClassMethodDecoratorContext,
) => Typed<This, Args, Result> {
  if (name !== undefined) requireName('@profile', '`name`', name);
  return (method, context) => {
    // Callers without types, and TypeScript's old decorators, pass something else.
    const kind = (context as { kind?: unknown } | undefined)?.kind;
    if (typeof method !== 'function' || kind !== 'method') {
      const expected = 'to decorate a method, without `experimentalDecorators`';
      throw wrongUse('@profile', expected, kind ?? method);
    }
    const own = String(context.name);
    return wrap(method, {}, (self) => name ?? `${classNameOf(self)}${own}`);
  };
}

function wrap<This, Args extends unknown[], Result>(
  fn: Typed<This, Args, Result>,
  options: SegmentOptions,
  nameFor: (self: unknown) => string,
): Typed<This, Args, Result> {
  const wrapper = function (this: This, ...args: Args): Result {
    return inSegment(nameFor(this), options, () => Reflect.apply(fn, this, args));
  };
  Object.defineProperty(wrapper, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: fn.length, configurable: true });
  return wrapper;
}

function classNameOf(self: unknown): string {
  try {
    const of = typeof self === 'function' ? self : (self as object | null | undefined)?.constructor;
    // A class may have a static member of that name, which is anything.
    const name: unknown = of?.name;
    return typeof name === 'string' && name !== '' ? `${name}.` : '';
  } catch {
    return '';
  }
}
