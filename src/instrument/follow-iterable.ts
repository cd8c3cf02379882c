import { isObject } from '../fields.js';
import type { Failure } from './in-span.js';

/** What sees the items of a stream as its reader reads them. */
export interface FollowedItems {
  /** Gets the next item by `next`, and settles in the same way unless it is {@link stopped}. */
  pull<T>(next: () => PromiseLike<T>): Promise<T>;
  stopped(): Failure | undefined;
  onItem(item: unknown): void;
  /** Only the first call counts. A reader whose stream did not fail waits for the promise. */
  onEnd(failure?: Failure): Promise<void> | undefined;
  /** Its source is likely to work on its own. */
  expectAhead(): void;
}

/** Follows what is read by `for await`: it stays the same object. Returns false if it cannot follow. */
export function followIterable(value: object, items: FollowedItems): boolean {
  // Between two items a generator does nothing, unless what it reads is ahead itself.
  if (Reflect.get(value, Symbol.toStringTag) !== 'AsyncGenerator') items.expectAhead();
  if (methodIn(value, 'next') !== undefined) return followIterator(value, items);
  // The streams of `openai` and `@anthropic-ai/sdk` make their iterators in `iterator`, also those of
  // tee(). Others who follow them may have wrapped the outer method: they stay outside of this one.
  const keys = 'controller' in value ? [Symbol.asyncIterator, 'iterator'] : [Symbol.asyncIterator];
  let isFollowed = false;
  const follow = (key: PropertyKey) =>
    wrapMethod(value, key, (call) => {
      const isOutermost = !isFollowed;
      isFollowed = true;
      let iterator: unknown;
      try {
        iterator = call();
      } catch (error) {
        if (isOutermost) void items.onEnd({ error });
        throw error;
      }
      if (!isOutermost) return iterator;
      isFollowed = isObject(iterator) && followIterator(iterator, items);
      if (!isFollowed) void items.onEnd();
      return iterator;
    });
  return keys.map(follow).includes(true);
}

function followIterator(iterator: object, items: FollowedItems): boolean {
  try {
    return replaceMethods(iterator, items);
  } catch {
    // A getter that throws, which the reader may never ask.
    return false;
  }
}

function replaceMethods(iterator: object, items: FollowedItems): boolean {
  const stop = methodIn(iterator, 'return') ?? ((value) => ({ done: true, value }));
  const passOn = async (result: Promise<unknown>) => {
    try {
      const item = await result;
      // The reader's own loop refuses what is no object.
      if (!isObject(item) || Boolean(item.done)) await items.onEnd();
      else items.onItem(item.value);
    } catch (error) {
      void items.onEnd({ error });
      throw error;
    }
    return result;
  };
  const isFollowed = wrapMethod(iterator, 'next', (call) => {
    const result = items.pull(() => promiseOf(call));
    // The source may still be waiting for an item that will never arrive.
    result.catch(() => {
      if (items.stopped() !== undefined) promiseOf(stop).catch(ignore);
    });
    return passOn(result);
  });
  if (!isFollowed) return false;
  wrapMethod(iterator, 'throw', (call) => passOn(promiseOf(call)));
  define(iterator, 'return', async (...args) => {
    // First, so that the spans inside end before those around them.
    const result = promiseOf(() => stop(...args));
    const ended = items.onEnd();
    const stopped = await result;
    await ended;
    return stopped;
  });
  return true;
}

type Method = (...args: readonly unknown[]) => unknown;

export function methodIn(on: object, key: PropertyKey): Method | undefined {
  const method: unknown = Reflect.get(on, key);
  if (typeof method !== 'function') return undefined;
  return (...args) => Reflect.apply(method, on, args) as unknown;
}

/** Replaces a method; returns false when the object is frozen. */
function define(on: object, key: PropertyKey, value: Method): boolean {
  return Reflect.defineProperty(on, key, { value, configurable: true, writable: true });
}

/** Replaces a method, if there is one, by another that can call it. */
export function wrapMethod(
  on: object,
  key: PropertyKey,
  by: (call: () => unknown) => unknown,
): boolean {
  const method = methodIn(on, key);
  return method !== undefined && define(on, key, (...args) => by(() => method(...args)));
}

export function promiseOf(call: () => unknown): Promise<unknown> {
  return new Promise((resolve) => resolve(call()));
}

export function ignore(): void {
  // The reader has got another error, which stopped the stream.
}
