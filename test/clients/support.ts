import { setImmediate as nextTurn } from 'node:timers/promises';
import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { llmCall, type AttemptContext, type LlmCallOptions } from 'hotspan';
import { afterEach, beforeAll, expect } from 'vitest';
import { loadPrices } from '../../src/cost/price.js';
import type { LlmServer, Script } from '../support/llm-servers/http.js';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

/** For every file: prices are there, and what a test started is stopped. */
export function prepareTests(): void {
  beforeAll(() => loadPrices());
  stopSdkAfterEach();
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
}

const servers: LlmServer[] = [];

/** Starts a server for one test. */
export async function serve(
  start: (script?: Script) => Promise<LlmServer>,
  script: Script,
): Promise<LlmServer> {
  const server = await start(script);
  servers.push(server);
  return server;
}

/** What a stream gave, and what it threw at the end. */
export async function read<T>(
  stream: AsyncIterable<T>,
): Promise<{ readonly items: readonly T[]; readonly error: unknown }> {
  const items: T[] = [];
  try {
    for await (const item of stream) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

/** Reads one item and no more. */
export async function breakOff(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const item of stream) {
    expect(item).toBeDefined();
    break;
  }
}

/** What a promise was rejected with. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('expected an error'),
    (error: unknown) => error,
  );
}

/** Spans end with their streams, some of them a turn of the event loop later. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
}

/** Waits until the server has seen so many connections close early. */
export async function expectGone(server: LlmServer, count = 1): Promise<void> {
  await expect.poll(() => server.gone, { interval: 1 }).toBe(count);
}

/** Waits until the server has got so many requests. */
export async function expectRequests(server: LlmServer, count = 1): Promise<void> {
  await expect.poll(() => server.requests.length, { interval: 1 }).toBe(count);
}

/** A call that is made under the SDK. */
export interface Made<T> {
  readonly sdk: Sdk;
  readonly result: Promise<T>;
}

/** Starts the SDK and makes the call. */
export function call<T>(
  options: LlmCallOptions,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
): Made<T> {
  const sdk = startSdk();
  return { sdk, result: llmCall(options, fn) };
}

/** The spans of the attempts, in order. */
export function attemptsOf(sdk: Sdk): ReadableSpan[] {
  return sdk.spans().filter(({ attributes }) => 'hotspan.attempt.number' in attributes);
}

/** What the attempts came to. */
export function outcomesOf(sdk: Sdk): unknown[] {
  return attemptsOf(sdk).map(({ attributes }) => attributes['hotspan.attempt.outcome']);
}

/** The class of the error that a span ended with. */
export function failureOf({ status, attributes }: ReadableSpan): unknown {
  return status.code === SpanStatusCode.ERROR ? attributes['error.type'] : undefined;
}

/** Every cost of the exported spans, in the order in which they ended. */
export function costsOf(sdk: Sdk): { readonly name: string; readonly usd: unknown }[] {
  return sdk
    .spans()
    .filter(({ attributes }) => 'gen_ai.usage.cost' in attributes)
    .map(({ name, attributes }) => ({ name, usd: attributes['gen_ai.usage.cost'] }));
}

/** A sum of money, but for what binary fractions cannot say. */
export function usd(value: number): number {
  return expect.closeTo(value, 12) as number;
}
