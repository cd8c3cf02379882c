import fc from 'fast-check';
import { llmCall } from 'hotspan';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import { startSdk, stopSdkAfterEach } from '../support/sdk.js';

stopSdkAfterEach();
beforeAll(() => loadPrices());

const gpt = { provider: 'openai', model: 'gpt-4o' };
const error = new Error('the user’s own');

function raise(): never {
  throw error;
}

/** Values of every kind; functions that throw; getters that throw. */
const results: readonly unknown[] = [
  null,
  undefined,
  7,
  'text',
  {},
  { done: true },
  { done: 1 },
  { done: 0, value: 'a' },
  { done: false, value: 'b' },
  { value: null },
  Object.freeze({ done: false, value: 'c' }),
  {
    get done() {
      return raise();
    },
  },
  {
    get value() {
      return raise();
    },
  },
];
const result = fc.constantFrom(...results);
const returned = fc.oneof(
  result.map((value) => () => value),
  result.map((value) => () => Promise.resolve(value)),
  fc.constant(raise),
  fc.constant(() => Promise.reject(error)),
);
const noMethod = fc.constantFrom(undefined, null);

/** Describes an iterator, which is then made twice. */
const strange = fc.record({
  next: fc.oneof({ weight: 5, arbitrary: fc.array(returned, { maxLength: 4 }) }, noMethod),
  stop: fc.oneof(returned, noMethod),
  form: fc.constantFrom('plain', 'frozen', 'getters throw', 'null', 'number', 'throws', 'proxy'),
  isOwnIterator: fc.boolean(),
  breaksAfter: fc.integer({ min: 1, max: 4 }),
});
type Strange = typeof strange extends fc.Arbitrary<infer T> ? T : never;

function make({ next, stop, form, isOwnIterator }: Strange): AsyncIterable<unknown> {
  const rest = [...(next ?? [])];
  const iterator: Record<PropertyKey, unknown> = {
    next: Array.isArray(next) ? () => (rest.shift() ?? (() => ({ done: true })))() : next,
    return: stop,
  };
  if (form === 'getters throw') Object.defineProperty(iterator, 'throw', { get: raise });
  const own: Record<string, unknown> = {
    null: null,
    number: 5,
    proxy: new Proxy(iterator, { defineProperty: raise }),
  };
  const given = form in own ? own[form] : iterator;
  if (isOwnIterator) iterator[Symbol.asyncIterator] = () => iterator;
  if (form === 'frozen') Object.freeze(iterator);
  const make = form === 'throws' ? raise : () => given;
  return (isOwnIterator ? iterator : { [Symbol.asyncIterator]: make }) as never;
}

/** Everything that a reader sees of a stream. */
async function read(stream: AsyncIterable<unknown>, breaksAfter: number): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const item of stream) if (seen.push(item) === breaksAfter) break;
  } catch (caught) {
    // The engine names the same object in its own words.
    seen.push(caught === error ? error : (caught as Error).constructor);
  }
  return seen;
}

describe('a strange stream', () => {
  it('looks to its reader as it does without hotspan', async () => {
    const sdk = startSdk();
    const ended = () => sdk.spans().filter(({ name }) => name === 'chat gpt-4o').length;
    await fc.assert(
      fc.asyncProperty(strange, async (it) => {
        const expected = await read(make(it), it.breaksAfter);
        const before = ended();
        const stream = await llmCall(gpt, () => make(it));
        expect(await read(stream, it.breaksAfter)).toEqual(expected);
        expect(ended()).toBe(before + 1);
      }),
      { numRuns: 500 },
    );
  });
});
