import { toldBeside } from '../answers/told-usage.js';
import { ownValue } from '../answers/unwrapped.js';
import { followIterable, ignore, methodIn, wrapMethod } from '../instrument/follow-iterable.js';
import { watchStream, type WatchedBody } from '../instrument/watch-stream.js';
import { fields, isObject } from '../fields.js';
import type { StreamedAnswer } from './streamed-answer.js';

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
  return methodIn(value, Symbol.asyncIterator) !== undefined || isRunner(value);
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
    wrapMethod(on, key, async (call) => {
      try {
        return await call();
      } catch (error) {
        throw (answer.stopped() ?? { error }).error;
      }
    });
  withReason(runner, 'done');
  wrapMethod(runner, Symbol.asyncIterator, (call) => {
    const iterator = call();
    if (isObject(iterator)) withReason(iterator, 'next');
    return iterator;
  });
}

function isRunner(value: object): value is Runner {
  if (!('ended' in value && 'errored' in value)) return false;
  return ['on', 'done', 'abort'].every((key) => typeof Reflect.get(value, key) === 'function');
}
