/** Who follows a stream. Nothing of it may throw, but what {@link pull} passes on. */
export interface StreamFollower {
  /** Runs what gets the next item, and gives what it came to. */
  pull<T>(next: () => PromiseLike<T>): Promise<T>;
  /** Called with every item, before the reader gets it. */
  onItem(item: unknown): void;
  /** Called when all was told of one request, where a stream may be of several. */
  onRequestEnd(): void;
  /**
   * Called once: the stream has ended, was broken off by its reader, or failed. A reader whose stream
   * did not fail goes on when the promise is there.
   */
  onEnd(failure?: { readonly error: unknown }): Promise<void> | undefined;
  /** The time limit, or whatever else stopped the attempt from outside; undefined when nothing did. */
  stopped(): { readonly error: unknown } | undefined;
}

type Result = IteratorResult<unknown, unknown>;
interface Runner {
  on(event: string, listener: (item: unknown) => void): unknown;
  done(): Promise<void>;
  abort(): void;
  readonly ended: boolean;
  readonly errored: boolean;
  readonly aborted: boolean;
}

/** What the helpers of `openai` and `@anthropic-ai/sdk` call the items of their streams. */
const ITEM_EVENTS = ['chunk', 'event', 'streamEvent'];

/**
 * Follows a stream of items as its reader reads it: nothing is read ahead, nothing is kept, and every
 * item goes on as it is. A web stream comes out as another web stream; an object of any other kind
 * comes out itself, and is followed from within, so that all its methods stay.
 *
 * @returns what the reader is to get; undefined when `value` is no stream, or one that cannot be
 *   followed, and then it was not touched
 */
export function followStream<T>(value: T, follower: StreamFollower): T | undefined {
  try {
    // One of a class of its own is followed from within: it may have methods that its users need.
    if (value instanceof ReadableStream && value.constructor === ReadableStream) {
      return value.locked ? undefined : (followWebStream(value, follower) as T);
    }
    if (!isObject(value)) return undefined;
    if (isRunner(value)) return followRunner(value, follower) ? value : undefined;
    if (typeof value[Symbol.asyncIterator] !== 'function') return undefined;
    return followIterable(value, follower) ? value : undefined;
  } catch {
    // A value that does not let itself be asked comes out as it is.
    return undefined;
  }
}

/** Whether a value is a stream of items, which can be read only once. */
export function isStream(value: unknown): boolean {
  try {
    return (
      isObject(value) && (typeof value[Symbol.asyncIterator] === 'function' || isRunner(value))
    );
  } catch {
    return false;
  }
}

/** The events of the helpers come whether or not somebody iterates. */
function followRunner(runner: Runner, follower: StreamFollower): boolean {
  if (runner.ended) return false;
  let seen = ignore;
  const waitForNext = () => {
    const next = new Promise<void>((resolve) => (seen = resolve));
    follower.pull(() => next).catch(() => runner.abort());
  };
  const onItem = (item: unknown) => {
    seen();
    follower.onItem(item);
    waitForNext();
  };
  for (const event of ITEM_EVENTS) runner.on(event, onItem);
  // The tools of `openai` ask again and again.
  runner.on('chatCompletion', (completion) => {
    onItem(completion);
    follower.onRequestEnd();
  });
  // A listener for its errors would hide from the user those that nobody awaits.
  runner.on('end', () => {
    seen();
    const stopped = follower.stopped();
    const isFailure = stopped === undefined && runner.errored && !runner.aborted;
    if (isFailure) runner.done().catch((error: unknown) => void follower.onEnd({ error }));
    else void follower.onEnd(stopped);
  });
  waitForNext();
  tellWhy(runner, follower);
  return true;
}

/** The helpers say no more than that they were aborted: their readers get the reason instead. */
function tellWhy(runner: Runner, follower: StreamFollower): void {
  const withReason = (on: object, key: 'done' | 'next') => {
    const method: unknown = Reflect.get(on, key);
    if (typeof method !== 'function') return;
    redefine(on, key, async (...args) => {
      try {
        return await (Reflect.apply(method, on, args) as PromiseLike<unknown>);
      } catch (error) {
        throw (follower.stopped() ?? { error }).error;
      }
    });
  };
  withReason(runner, 'done');
  const make: unknown = Reflect.get(runner, Symbol.asyncIterator);
  if (typeof make !== 'function') return;
  redefine(runner, Symbol.asyncIterator, () => {
    const iterator = Reflect.apply(make, runner, []) as object;
    withReason(iterator, 'next');
    return iterator;
  });
}

function followWebStream(
  stream: ReadableStream<unknown>,
  follower: StreamFollower,
): ReadableStream<unknown> {
  const reader = stream.getReader();
  const source = {
    pull: async (controller: ReadableStreamDefaultController<unknown>) => {
      try {
        const { done, value } = await follower.pull(() => reader.read());
        if (done) {
          await follower.onEnd();
          controller.close();
        } else {
          follower.onItem(value);
          controller.enqueue(value);
        }
      } catch (error) {
        void follower.onEnd({ error });
        controller.error(error);
        reader.cancel(error).catch(ignore);
      }
    },
    cancel: async (reason: unknown) => {
      const ended = follower.onEnd();
      await reader.cancel(reason);
      await ended;
    },
  };
  // Nothing is read before somebody asks for it.
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** The items of an iterable object pass through the iterator that it makes, or is. */
function followIterable(value: Record<PropertyKey, unknown>, follower: StreamFollower): boolean {
  if (typeof value.next === 'function') return followIterator(value, follower);
  // The streams of `openai` and `@anthropic-ai/sdk` make their iterators in `iterator`, also those of
  // tee(). What else follows them may have put itself around that: it belongs inside.
  const keys = [Symbol.asyncIterator, 'iterator'] as const;
  let isFollowed = false;
  const follow = (key: (typeof keys)[number]): boolean => {
    const make = value[key];
    if (typeof make !== 'function') return false;
    return redefine(value, key, () => {
      const isOutermost = !isFollowed;
      isFollowed = true;
      const iterator = Reflect.apply(make, value, []) as Record<PropertyKey, unknown>;
      if (isOutermost) isFollowed = followIterator(iterator, follower);
      return iterator;
    });
  };
  return keys
    .filter((key) => key !== 'iterator' || 'controller' in value)
    .map(follow)
    .includes(true);
}

function followIterator(iterator: Record<PropertyKey, unknown>, follower: StreamFollower): boolean {
  type Method = (...args: readonly unknown[]) => PromiseLike<Result>;
  const { next, return: stop, throw: fail } = iterator as Record<string, Method | undefined>;
  if (next === undefined) return false;
  const call = async (method: Method | undefined, args: readonly unknown[]) =>
    method === undefined
      ? { done: true, value: args[0] }
      : Reflect.apply<unknown, readonly unknown[], PromiseLike<Result>>(method, iterator, args);
  const passOn = async (result: Promise<Result>) => {
    try {
      const { done, value } = await result;
      if (done === true) await follower.onEnd();
      else follower.onItem(value);
    } catch (error) {
      void follower.onEnd({ error });
      throw error;
    }
    return result;
  };
  const isFollowed = redefine(iterator, 'next', (...args) => {
    const result = follower.pull(() => call(next, args));
    // It may still be waiting for what will never come.
    result.catch(() => {
      if (follower.stopped() !== undefined) call(stop, []).catch(ignore);
    });
    return passOn(result);
  });
  if (!isFollowed) return false;
  redefine(iterator, 'return', async (...args) => {
    // First, so that the spans inside end before those around them.
    const result = call(stop, args);
    const ended = follower.onEnd();
    const stopped = await result;
    await ended;
    return stopped;
  });
  if (fail !== undefined) {
    redefine(iterator, 'throw', (...args) => passOn(call(fail, args)));
  }
  return true;
}

/** Puts another function in the place of one; false when the object is frozen. */
function redefine(
  on: object,
  key: PropertyKey,
  value: (...args: readonly unknown[]) => unknown,
): boolean {
  return Reflect.defineProperty(on, key, { value, configurable: true, writable: true });
}

function isRunner(value: object): value is Runner {
  if (!('ended' in value && 'errored' in value)) return false;
  return ['on', 'done', 'abort'].every((key) => typeof Reflect.get(value, key) === 'function');
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return value !== null && typeof value === 'object';
}

function ignore(): void {
  // It was stopped because of another error, which the reader has got.
}
