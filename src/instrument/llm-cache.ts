import { createHash } from 'node:crypto';
import { diag, type Span } from '@opentelemetry/api';
import { requireFunction, requireName, requireOptions, wrongUse } from '../errors.js';
import {
  HOTSPAN_CACHE_HIT,
  HOTSPAN_CACHE_SAVED_COST,
  HOTSPAN_CACHE_SAVED_TIME,
  HOTSPAN_WARNING,
} from '../semconv.js';
import type { SpanClock } from './clock.js';
import { quietly } from './in-span.js';
import { untilAborted } from './wait.js';

/** An answer as a cache keeps it: plain data if the response is. */
export interface CachedAnswer {
  /** What the function of the call returned. */
  readonly response: unknown;
  /** How long it took, retries included. */
  readonly seconds: number;
  /** What it cost; absent when that is not known. */
  readonly costUsd?: number;
}

/** Where answers are kept: a `Map`, or the like, also one that answers later, such as Redis. */
export interface LlmCacheStore {
  /** The answer of this key, if there is one. */
  get(key: string): CachedAnswer | null | undefined | PromiseLike<CachedAnswer | null | undefined>;
  /** Keeps an answer. The call does not wait for it. */
  set(key: string, answer: CachedAnswer): unknown;
}

/** How the answers of an `llmCall` are cached; one of `input` and `key` says what the same call is. */
export interface LlmCacheOptions {
  /** Nothing is ever taken out of it: a `Map` grows without end. */
  readonly store: LlmCacheStore;
  /** What the model is asked. Only a hash of it, with provider, model and operation, is the key. */
  readonly input?: unknown;
  /** A key of one's own, in place of that hash. */
  readonly key?: string | undefined;
  /** Whether the same calls at the same time wait for one request. Default false. */
  readonly share?: boolean | undefined;
}

/** Requests that others wait for, by store and key. */
const underWay = new WeakMap<LlmCacheStore, Map<string, Promise<CachedAnswer | undefined>>>();

/** Throws on wrong options. */
export function checkCache(where: string, cache: LlmCacheOptions | undefined): void {
  if (cache === undefined) return;
  requireOptions(where, cache, ['store', 'input', 'key', 'share']);
  const { input, key, share } = cache;
  const { get, set } = Object(cache.store) as Partial<Record<'get' | 'set', unknown>>;
  requireFunction(where, '`cache.store.get`', get);
  requireFunction(where, '`cache.store.set`', set);
  if (key !== undefined) requireName(where, '`cache.key`', key);
  else if (input === undefined)
    throw wrongUse(where, '`cache` to have an `input` or a `key`', input);
  if (share !== undefined && typeof share !== 'boolean') {
    throw wrongUse(where, '`cache.share` to be true or false', share);
  }
}

/**
 * The key of a call: the user's own, or a hash of what makes it the same call.
 *
 * @throws TypeError when the input cannot be written as JSON
 */
export function cacheKey(cache: LlmCacheOptions, call: readonly string[]): string {
  if (cache.key !== undefined) return cache.key;
  let json: string;
  try {
    json = JSON.stringify([...call, cache.input], sortKeys);
  } catch {
    throw wrongUse('llmCall', '`cache.input` to be data that JSON can hold', cache.input);
  }
  return `hotspan:${createHash('sha256').update(json).digest('hex')}`;
}

/** The same fields in another order are the same input. */
function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One call through a cache. */
export interface CachedCall {
  readonly cache: LlmCacheOptions;
  readonly key: string;
  readonly span: Span;
  readonly clock: SpanClock;
  readonly signal: AbortSignal | undefined;
  /** Asks the model. An answer that cannot be kept has no `entry`. */
  readonly ask: () => Promise<{ readonly response: unknown; readonly entry?: CachedAnswer }>;
}

/** The answer from the cache, or from the model, and then the cache has it. */
export async function throughCache(call: CachedCall): Promise<unknown> {
  const { cache, key, signal } = call;
  let found = await lookUp(call);
  while (found === undefined && cache.share === true) {
    const pending = underWay.get(cache.store)?.get(key);
    if (pending === undefined) break;
    // When that request fails, one of those who waited makes its own.
    found = await untilAborted(() => pending, signal);
  }
  if (found === undefined) return miss(call);
  recordHit(call, found);
  return found.response;
}

async function lookUp({ cache, key, span, signal }: CachedCall): Promise<CachedAnswer | undefined> {
  try {
    const found = await untilAborted(() => cache.store.get(key), signal);
    return found !== null && typeof found === 'object' && 'response' in found ? found : undefined;
  } catch {
    signal?.throwIfAborted();
    span.setAttribute(HOTSPAN_WARNING, ['the cache of an LLM call could not be read']);
    return undefined;
  }
}

async function miss(call: CachedCall): Promise<unknown> {
  const { cache, key, span, ask } = call;
  span.setAttribute(HOTSPAN_CACHE_HIT, false);
  const asking = ask();
  if (cache.share === true) announce(cache.store, key, asking);
  const { response, entry } = await asking;
  if (entry !== undefined) keep(cache.store, key, entry);
  return response;
}

function announce(
  store: LlmCacheStore,
  key: string,
  asking: Promise<{ readonly entry?: CachedAnswer }>,
): void {
  const known = underWay.get(store) ?? new Map<string, Promise<CachedAnswer | undefined>>();
  underWay.set(store, known);
  const pending = asking.then(
    ({ entry }) => entry,
    () => undefined,
  );
  known.set(key, pending);
  void pending.then(() => known.delete(key));
}

function keep(store: LlmCacheStore, key: string, entry: CachedAnswer): void {
  const warn = () => diag.warn('hotspan: an answer could not be written to the cache');
  try {
    Promise.resolve(store.set(key, entry)).catch(warn);
  } catch {
    quietly(warn);
  }
}

function recordHit({ span, clock }: CachedCall, { seconds, costUsd }: CachedAnswer): void {
  quietly(() => {
    span.setAttributes({
      [HOTSPAN_CACHE_HIT]: true,
      ...(costUsd === undefined ? {} : { [HOTSPAN_CACHE_SAVED_COST]: costUsd }),
      [HOTSPAN_CACHE_SAVED_TIME]: Math.max(0, seconds - clock.elapsedSeconds()),
    });
  });
}
