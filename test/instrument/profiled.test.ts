import { profile, profiled } from 'hotspan';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();

describe('profiled', () => {
  it('passes this, arguments, result and types through', () => {
    const sdk = startSdk();
    function scale(this: { factor: number }, value: number, unit = 1): number {
      return this.factor * value * unit;
    }
    const wrapped = profiled(scale);
    expectTypeOf(wrapped).toEqualTypeOf<typeof scale>();
    expect(wrapped.call({ factor: 3 }, 4)).toBe(12);
    expect([wrapped.name, wrapped.length]).toEqual(['scale', 1]);
    expect(sdk.span('scale')).toBeDefined();
  });

  it('takes a name and options', async () => {
    const sdk = startSdk();
    const load = profiled('load page', { attributes: { 'app.page': 1 } }, async (id: number) =>
      Promise.resolve(`page ${id}`),
    );
    expect(await load(7)).toBe('page 7');
    expect(sdk.span('load page').attributes).toEqual({ 'app.page': 1 });
  });

  it('keeps the types of generic functions, and fits into a generic wrapper', () => {
    const first = profiled('first', <T>(items: readonly T[]) => items[0]);
    expectTypeOf(first([1, 2])).toEqualTypeOf<number | undefined>();
    const timed = <A extends unknown[], R>(fn: (...args: A) => R) => profiled('timed', fn);
    const add = timed((a: number, b: number) => a + b);
    expectTypeOf(add).parameters.toEqualTypeOf<[number, number]>();
    expect(add(1, 2)).toBe(3);
    expectTypeOf(profiled('load', (id: string) => Promise.resolve(id))).returns.toEqualTypeOf<
      Promise<string>
    >();
  });

  it('is told of wrong use when it wraps, not when it is called', () => {
    const wrong = profiled as unknown as (...args: unknown[]) => unknown;
    expect(() => wrong()).toThrow('profiled: expected `name` to be a non-empty string');
    expect(() => wrong('a')).toThrow('profiled: expected `fn` to be a function, got undefined');
    expect(() => wrong(() => 1)).toThrow(
      'profiled: expected `name` to be a non-empty string, got ""',
    );
  });
});

describe('@profile', () => {
  class Shop {
    readonly #price = 3;

    @profile()
    total(pieces: number): number {
      return this.#price * pieces;
    }

    @profile('open the shop')
    async open(): Promise<string> {
      return Promise.resolve('open');
    }

    @profile()
    static create(): Shop {
      return new Shop();
    }
  }

  it('makes every call of a method a segment, named after class and method', async () => {
    const sdk = startSdk();
    const shop = Shop.create();
    expect(shop.total(2)).toBe(6);
    expect(await shop.open()).toBe('open');
    expect(sdk.spans().map(({ name }) => name)).toEqual([
      'Shop.create',
      'Shop.total',
      'open the shop',
    ]);
  });

  it('takes no name from a class whose `name` is something else', () => {
    const sdk = startSdk();
    class Odd {
      static readonly name = Symbol('odd') as unknown as string;

      @profile()
      work(): number {
        return 1;
      }
    }
    expect(new Odd().work()).toBe(1);
    expect(sdk.span('work')).toBeDefined();
  });

  it('is told of wrong use when the class is made', () => {
    const decorate = profile as unknown as (...args: unknown[]) => (...args: unknown[]) => unknown;
    expect(() => decorate('')).toThrow(
      '@profile: expected `name` to be a non-empty string, got ""',
    );
    expect(() => decorate()({}, 'method', {})).toThrow('@profile: expected to decorate a method');
    expect(() => decorate()(undefined, { kind: 'field' })).toThrow('got undefined');
  });
});
