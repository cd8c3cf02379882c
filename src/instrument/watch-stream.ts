import { quietly } from './in-span.js';
import { methodOf, replace, type Method } from './own-methods.js';

/** The body of an answer, as it is read. Of the last three calls, only the first counts. */
export interface WatchedBody<T = Uint8Array> {
  /** The reader asks for more. */
  onPull?(): void;
  /** Gets what the reader asks for, and calls `stop` if nobody will wait for that any more. */
  pull?<R>(next: () => Promise<R>, stop: (reason: unknown) => unknown): Promise<R>;
  onChunk(chunk: T): void;
  /** It was read to its end, or its reader wants no more of it. */
  onEnd(): void;
  onError(error: unknown): void;
  /** Nobody can read it any more. */
  onLost(): void;
}

/** Bodies that nobody reads to their end: they end for us when they are collected. */
let forgotten: FinalizationRegistry<Pick<WatchedBody, 'onLost'>> | undefined;

/**
 * Watches a body as its reader reads it: the stream and its chunks stay the same objects, and nothing is
 * read ahead. Whatever reads a body comes by one of these methods.
 */
export function watchStream<T>(stream: ReadableStream<T>, body: WatchedBody<T>): void {
  forgotten ??= new FinalizationRegistry((lost) => lost.onLost());
  forgotten.register(stream, body);
  const getReader = methodOf(stream, 'getReader');
  replace(stream, 'getReader', (...args) => watchReader(getReader(...args), body));
  const values = methodOf(stream, 'values');
  const iterate: Method = (...args) => watchIterator(values(...args), body);
  replace(stream, 'values', iterate);
  // LangChain's streams are their own iterators, by a reader of theirs.
  if (!('next' in stream)) replace(stream, Symbol.asyncIterator, iterate);
  const cancel = methodOf(stream, 'cancel');
  replace(stream, 'cancel', (...args) => {
    // Of one that is being read it fails. Otherwise nobody waited for more: Node cancels what was forgotten.
    if (!stream.locked) quietly(() => body.onLost());
    return cancel(...args);
  });
  // These read inside of Node: what they read comes through a stream of ours.
  for (const key of ['pipeTo', 'pipeThrough', 'tee']) {
    const method = Reflect.get(stream, key) as Method;
    replace(stream, key, (...args) => {
      const source = stream.locked ? stream : passOn(getReader, body, key === 'tee');
      return Reflect.apply(method, source, args);
    });
  }
}

function watchReader<T>(reader: unknown, body: WatchedBody<T>): unknown {
  watchResults(reader as object, 'read', 'cancel', body);
  wrapEnd(reader as object, 'cancel', body);
  return reader;
}

function watchIterator<T>(iterator: unknown, body: WatchedBody<T>): unknown {
  watchResults(iterator as object, 'next', 'return', body);
  wrapEnd(iterator as object, 'return', body);
  return iterator;
}

/** What a reader or an iterator gives. */
type Result<T> = { readonly done: true } | { readonly done: false; readonly value: T };

function watchResults<T>(
  on: object,
  key: 'read' | 'next',
  stopKey: 'cancel' | 'return',
  body: WatchedBody<T>,
): void {
  const stop = methodOf(on, stopKey);
  const method = Reflect.get(on, key) as (...args: readonly unknown[]) => Promise<Result<T>>;
  const seen = (result: Result<T>) => {
    // Not by `quietly`, which would need a closure for every chunk.
    try {
      if (result.done) body.onEnd();
      else body.onChunk(result.value);
    } catch {
      // There is nobody to tell.
    }
    return result;
  };
  const failed = (error: unknown) => {
    quietly(() => body.onError(error));
    throw error;
  };
  const ask = (args: readonly unknown[]) => Reflect.apply(method, on, args);
  replace(on, key, (...args) => {
    body.onPull?.();
    if (body.pull !== undefined) return body.pull(() => ask(args), stop).then(seen, failed);
    // With nothing to pass on, as for most chunks, it is faster without an array.
    return (args.length === 0 ? method.call(on) : ask(args)).then(seen, failed);
  });
}

/** The reader wants no more. */
function wrapEnd(on: object, key: 'cancel' | 'return', body: Pick<WatchedBody, 'onEnd'>): void {
  const method = methodOf(on, key);
  replace(on, key, (...args) => {
    quietly(() => body.onEnd());
    return method(...args);
  });
}

type Controller = Pick<ReadableStreamDefaultController, 'close' | 'enqueue'> &
  Partial<Pick<ReadableByteStreamController, 'byobRequest'>>;

/** Reads a stream when somebody reads from what it returns. */
function passOn<T>(getReader: Method, body: WatchedBody<T>, isTeed: boolean): ReadableStream {
  const isBytes = isTeed && isByteStream(getReader);
  const reader = watchReader(getReader(), body) as ReadableStreamDefaultReader<T>;
  const source = {
    pull: async (controller: Controller) => {
      const { done, value } = await reader.read();
      if (!done) controller.enqueue(value);
      else {
        controller.close();
        // A reader with its own memory waits for that.
        controller.byobRequest?.respond(0);
      }
    },
    cancel: (reason: unknown) => reader.cancel(reason),
  };
  const strategy = { highWaterMark: 0 };
  return isBytes
    ? new ReadableStream({ ...source, type: 'bytes' }, strategy)
    : new ReadableStream(source, strategy);
}

/** Only such a stream has readers that bring their own memory. */
function isByteStream(getReader: Method): boolean {
  try {
    (getReader({ mode: 'byob' }) as ReadableStreamBYOBReader).releaseLock();
    return true;
  } catch {
    return false;
  }
}
