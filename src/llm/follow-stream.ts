import { toldBeside } from '../answers/told-usage.js';
import { ownValue } from '../answers/unwrapped.js';
import { watchStream, type WatchedBody } from '../answers/watch-stream.js';
import { fields, isObject } from '../fields.js';
import { ignore, promiseOf, type StreamedAnswer } from './streamed-answer.js';

interface Runner {
  on(event: string, listener: (item: unknown) => void): unknown;
  done(): Promise<void>;
  abort(): void;
  readonly ended: boolean;
  readonly errored: boolean;
  readonly aborted: boolean;
}

/** The events of the items, in the helpers of `openai` and `@anthropic-ai/sdk`. */
const ITEM_EVENTS = ['chunk', 'event', 'streamEvent'];

/**
 * Follows a stream, or the stream that an object holds, as its reader reads it: both stay the same objects,
 * and nothing is read ahead. Returns false if it cannot follow.
 */
export function followStream(value: unknown, answer: StreamedAnswer): boolean {
  try {
    const stream = streamIn(value);
    if (stream === undefined) return false;
    if (isResponse(stream)) return followResponse(stream, answer);
    const isFollowed =
      stream instanceof ReadableStream
        ? followWebStream(stream, answer.watchItems())
        : isRunner(stream)
          ? followRunner(stream, answer)
          : followIterable(stream, answer);
    if (isFollowed && stream !== value) followBeside(value as object, answer);
    return isFollowed;
  } catch {
    // A getter that throws.
    return false;
  }
}

/** Whether it is a stream, or an object that holds one. */
export function isStream(value: unknown): boolean {
  try {
    return streamIn(value) !== undefined;
  } catch {
    return false;
  }
}

function streamIn(value: unknown): object | undefined {
  if (!isObject(value) || isOneStream(value)) return isObject(value) ? value : undefined;
  return Object.keys(value)
    .map((key) => ownValue(value, key))
    .find((held): held is object => {
      // Node's own streams are mostly read by their events; a response beside its data has been read.
      if (!isObject(held) || 'pipe' in held || isResponse(held)) return false;
      return isOneStream(held);
    });
}

function isOneStream(value: object): boolean {
  // Nothing is billed for a refusal; what `got` returns is a stream that has been read.
  if (isResponse(value)) return value.ok;
  if (fields(value).readableEnded === true) return false;
  return methodOf(value, Symbol.asyncIterator) !== undefined || isRunner(value);
}

/** By its looks: to touch `Response` itself takes 20 ms where nothing else has. */
function isResponse(value: object): value is Response {
  return 'bodyUsed' in value && 'headers' in value && 'body' in value;
}

/** Follows a raw response by its bytes, whatever reads its body. */
function followResponse({ body, headers }: Response, answer: StreamedAnswer): boolean {
  // Those of older clients have a stream of Node.
  if (!(body instanceof ReadableStream)) return false;
  return followWebStream(
    body,
    answer.watchBytes((name) => headers.get(name)),
  );
}

function followWebStream<T>(stream: ReadableStream<T>, watching: WatchedBody<T>): boolean {
  if (stream.locked || !Object.isExtensible(stream)) return false;
  watchStream(stream, watching);
  return true;
}

function followBeside(holder: object, answer: StreamedAnswer): void {
  answer.told = toldBeside(holder);
  // Google's older clients have a promise of the whole answer, and a user may wait for that alone.
  const whole = ownValue(holder, 'response');
  if (whole instanceof Promise) whole.then((response) => answer.onWhole(response), ignore);
}

/** Follows a helper of a client by its events, which arrive whether or not somebody iterates. */
function followRunner(runner: Runner, answer: StreamedAnswer): boolean {
  if (runner.ended) return false;
  let seen = ignore;
  const waitForNext = () => {
    const next = new Promise<void>((resolve) => (seen = resolve));
    answer.pull(() => next).catch(() => runner.abort());
  };
  const onItem = (item: unknown) => {
    seen();
    answer.onItem(item);
    waitForNext();
  };
  for (const event of ITEM_EVENTS) runner.on(event, onItem);
  // With tools, `openai` makes several requests.
  runner.on('chatCompletion', (completion) => {
    onItem(completion);
    answer.onRequestEnd();
  });
  // Not by a listener for errors, which would hide errors that nobody awaits from the user.
  runner.on('end', () => {
    seen();
    const stopped = answer.stopped();
    const isFailure = stopped === undefined && runner.errored && !runner.aborted;
    if (isFailure) runner.done().catch((error: unknown) => void answer.onEnd({ error }));
    else void answer.onEnd(stopped);
  });
  waitForNext();
  replaceAborts(runner, answer);
  return true;
}

/** The error of an abort says nothing; its reason does. */
function replaceAborts(runner: Runner, answer: StreamedAnswer): void {
  const withReason = (on: object, key: PropertyKey) =>
    wrap(on, key, async (call) => {
      try {
        return await call();
      } catch (error) {
        throw (answer.stopped() ?? { error }).error;
      }
    });
  withReason(runner, 'done');
  wrap(runner, Symbol.asyncIterator, (call) => {
    const iterator = call();
    if (isObject(iterator)) withReason(iterator, 'next');
    return iterator;
  });
}

function followIterable(value: object, answer: StreamedAnswer): boolean {
  if (methodOf(value, 'next') !== undefined) return followIterator(value, answer);
  // The streams of `openai` and `@anthropic-ai/sdk` make their iterators in `iterator`, also those of
  // tee(). Others who follow them may have wrapped the outer method: they stay outside of this one.
  const keys = 'controller' in value ? [Symbol.asyncIterator, 'iterator'] : [Symbol.asyncIterator];
  let isFollowed = false;
  const follow = (key: PropertyKey) =>
    wrap(value, key, (call) => {
      const isOutermost = !isFollowed;
      isFollowed = true;
      let iterator: unknown;
      try {
        iterator = call();
      } catch (error) {
        if (isOutermost) void answer.onEnd({ error });
        throw error;
      }
      if (!isOutermost) return iterator;
      isFollowed = isObject(iterator) && followIterator(iterator, answer);
      if (!isFollowed) void answer.onEnd();
      return iterator;
    });
  return keys.map(follow).includes(true);
}

function followIterator(iterator: object, answer: StreamedAnswer): boolean {
  try {
    return replaceMethods(iterator, answer);
  } catch {
    // A getter that throws, which the reader may never ask.
    return false;
  }
}

function replaceMethods(iterator: object, answer: StreamedAnswer): boolean {
  const stop = methodOf(iterator, 'return') ?? ((value) => ({ done: true, value }));
  const passOn = async (result: Promise<unknown>) => {
    try {
      const item = await result;
      // The reader's own loop refuses what is no object.
      if (!isObject(item) || Boolean(item.done)) await answer.onEnd();
      else answer.onItem(item.value);
    } catch (error) {
      void answer.onEnd({ error });
      throw error;
    }
    return result;
  };
  const isFollowed = wrap(iterator, 'next', (call) => {
    const result = answer.pull(() => promiseOf(call));
    // The source may still be waiting for an item that will never arrive.
    result.catch(() => {
      if (answer.stopped() !== undefined) promiseOf(stop).catch(ignore);
    });
    return passOn(result);
  });
  if (!isFollowed) return false;
  wrap(iterator, 'throw', (call) => passOn(promiseOf(call)));
  define(iterator, 'return', async (...args) => {
    // First, so that the spans inside end before those around them.
    const result = promiseOf(() => stop(...args));
    const ended = answer.onEnd();
    const stopped = await result;
    await ended;
    return stopped;
  });
  return true;
}

type Method = (...args: readonly unknown[]) => unknown;

function methodOf(on: object, key: PropertyKey): Method | undefined {
  const method: unknown = Reflect.get(on, key);
  if (typeof method !== 'function') return undefined;
  return (...args) => Reflect.apply(method, on, args) as unknown;
}

/** Replaces a method; returns false when the object is frozen. */
function define(on: object, key: PropertyKey, value: Method): boolean {
  return Reflect.defineProperty(on, key, { value, configurable: true, writable: true });
}

/** Replaces a method, if there is one, by another that can call it. */
function wrap(on: object, key: PropertyKey, by: (call: () => unknown) => unknown): boolean {
  const method = methodOf(on, key);
  return method !== undefined && define(on, key, (...args) => by(() => method(...args)));
}

function isRunner(value: object): value is Runner {
  if (!('ended' in value && 'errored' in value)) return false;
  return ['on', 'done', 'abort'].every((key) => typeof Reflect.get(value, key) === 'function');
}
