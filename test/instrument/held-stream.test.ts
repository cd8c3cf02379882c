import { EventEmitter, on } from 'node:events';
import { Readable } from 'node:stream';
import { SpanStatusCode } from '@opentelemetry/api';
import { profiled, segment } from 'hotspan';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { run, sleep } from '../support/clock.js';
import { nanosOf, startSdk, stopSdkAfterEach } from '../support/sdk.js';

beforeEach(() => {
  const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const;
  vi.useFakeTimers({ toFake: [...toFake, 'Date', 'performance'], now: Date.UTC(2026, 0, 1) });
});
afterEach(() => void vi.useRealTimers());
stopSdkAfterEach();

async function* words(failure?: Error) {
  for (const word of ['to', 'be']) {
    await segment('think', () => sleep(100));
    yield word;
  }
  if (failure !== undefined) throw failure;
}

async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

/** With the fake clock, which an interval would keep running for ever. */
async function runFor<T>(millis: number, promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(millis);
  return promise;
}

const millisOf = (sdk: ReturnType<typeof startSdk>, name: string) => {
  const { startTime, endTime } = sdk.span(name);
  return Math.round(Number(nanosOf(endTime) - nanosOf(startTime)) / 1e6);
};

it('a segment lasts as long as the generator that it returned is read, with what that does', async () => {
  const sdk = startSdk();
  const made = words();
  const stream = segment('answer', () => made);
  expect(stream).toBe(made);
  expect(await runFor(1_000, readAll(stream))).toEqual(['to', 'be']);
  expect(millisOf(sdk, 'answer')).toBe(200);
  const { spanId } = sdk.span('answer').spanContext();
  const inside = sdk.spans().filter(({ name }) => name === 'think');
  expect(inside.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
    spanId,
    spanId,
  ]);
  expect(sdk.span('answer').attributes['hotspan.stream.model_time']).toBe(0.2);
  // Nothing is left that would run.
  expect(vi.getTimerCount()).toBe(0);
});

it('so does one whose promise brings a web stream, and a profiled generator function', async () => {
  const sdk = startSdk();
  const web = await segment('web', async () => Promise.resolve(ReadableStream.from(words())));
  expect(await runFor(1_000, readAll(web))).toEqual(['to', 'be']);
  expect(millisOf(sdk, 'web')).toBe(200);
  const own = profiled('own', () => words());
  expect(await runFor(1_000, readAll(own()))).toEqual(['to', 'be']);
  expect(millisOf(sdk, 'own')).toBe(200);
});

it('an error of the stream is the error of its segment, the same object', async () => {
  const sdk = startSdk();
  const failure = new Error('broken');
  const reading = readAll(segment('answer', () => words(failure)));
  await expect(runFor(1_000, reading)).rejects.toBe(failure);
  expect(sdk.span('answer').status.code).toBe(SpanStatusCode.ERROR);
});

it('a stream that is broken off ends its segment', async () => {
  const sdk = startSdk();
  const readOne = async () => {
    for await (const word of segment('answer', () => words())) return word;
    return undefined;
  };
  expect(await runFor(1_000, readOne())).toBe('to');
  expect(millisOf(sdk, 'answer')).toBe(100);
});

it('an abandoned stream ends its segment where it was last read, or where it was returned', async () => {
  const sdk = startSdk();
  segment('unread', () => words());
  await vi.advanceTimersByTimeAsync(10_000);
  expect(millisOf(sdk, 'unread')).toBe(0);
  const stream = segment('left', () => words());
  await runFor(100, stream.next());
  await vi.advanceTimersByTimeAsync(50_000);
  expect(sdk.spans().some(({ name }) => name === 'left')).toBe(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(millisOf(sdk, 'left')).toBe(100);
  expect(vi.getTimerCount()).toBe(0);
  // It can still be read.
  expect(await runFor(1_000, readAll(stream))).toEqual(['be']);
});

it.each([
  ['a stream of Node', () => Readable.from(['a'])],
  ['events without an end', () => on(new EventEmitter(), 'x')],
  ['a frozen stream', () => Object.freeze(words())],
  ['a list', () => ['a']],
  [
    'what throws when it is looked at',
    () =>
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
  ],
])('%s is left alone', (_, make: () => object) => {
  const sdk = startSdk();
  const made = make();
  expect(segment('plain', () => made) === made).toBe(true);
  expect(sdk.spans().map(({ name }) => name)).toEqual(['plain']);
});

it('without a provider a stream is left alone', async () => {
  const made = words();
  const stream = segment('answer', () => made);
  expect(stream).toBe(made);
  expect(Object.keys(stream)).toEqual([]);
  expect(Object.hasOwn(stream, 'next')).toBe(false);
  expect(await run(readAll(stream))).toEqual(['to', 'be']);
});
