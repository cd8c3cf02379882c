import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { diag, type Span } from '@opentelemetry/api';
import {
  LimitExceededError,
  requireFunction,
  requireName,
  requireOptions,
  wrongUse,
} from '../errors.js';
import {
  HOTSPAN_CACHE_HIT,
  HOTSPAN_CACHE_SAVED_COST,
  HOTSPAN_CACHE_SAVED_TIME,
} from '../semconv.js';
import type { SpanClock } from '../instrument/clock.js';
import { quietly } from '../instrument/in-span.js';
import { currentSpending } from '../instrument/limits.js';
import { untilAborted } from '../instrument/wait.js';
import { addWarnings } from '../instrument/warnings.js';

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
  /**
   * Nothing is ever taken out of it: a `Map` grows without end, and hands out the same object again,
   * which is not to be changed. Failures and streams are not kept; what a `check` around the call does
   * not accept is.
   */
  readonly store: LlmCacheStore;
  /**
   * What the model is asked, as data that JSON can hold. Only a hash of it, with provider, model and
   * operation, is the key.
   */
  readonly input?: unknown;
  /** A key of one's own, in place of that hash. */
  readonly key?: string | undefined;
  /** Whether the same calls at the same time wait for one request. Default false. */
  readonly share?: boolean | undefined;
}

/** The answer to a request that others wait for; undefined when it failed, or cannot be kept. */
type SharedAnswer = Promise<CachedAnswer | undefined>;

/** Requests that others wait for, by store and key. */
const underWay = new WeakMap<LlmCacheStore, Map<string, SharedAnswer>>();

/** The requests that this async context is a part of. */
const asking = new AsyncLocalStorage<ReadonlySet<SharedAnswer>>();

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
  try {
    return `hotspan:${hashOf(call, cache.input)}`;
  } catch {
    throw wrongUse('llmCall', '`cache.input` to be data that JSON can hold', cache.input);
  }
}

/**
 * SHA-256 of a call and its input, in hex: the same for the same input, whatever the order of its
 * fields.
 *
 * @param call provider, model and operation
 * @throws TypeError when the input cannot be written as JSON
 */
export function hashOf(call: readonly string[], input: unknown): string {
  const json = JSON.stringify([...call, input], sortKeys);
  return createHash('sha256').update(json).digest('hex');
}

/**
 * The same fields in another order are the same input. What JSON would leave out or write as something
 * else (a Map, a promise, NaN) is none: different calls would look the same.
 */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError('not a JSON number');
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError('not JSON');
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    if (value.includes(undefined)) throw new TypeError('not JSON');
    return value;
  }
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  if (!isPlain && entries.length === 0) throw new TypeError('not plain data');
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One call through a cache. */
export interface CachedCall {
  readonly cache: LlmCacheOptions;
  readonly key: string;
  readonly span: Span;
  readonly clock: SpanClock;
  readonly signal: AbortSignal | undefined;
  /** How long the store, or the request of another, is waited for. */
  readonly timeoutMillis: number | undefined;
  /** Asks the model. An answer that cannot be kept has no `entry`. */
  readonly ask: () => Promise<{ readonly response: unknown; readonly entry?: CachedAnswer }>;
}

/** The answer from the cache, or from the model, and then the cache has it. */
export async function throughCache(call: CachedCall): Promise<unknown> {
  let found = await lookUp(call);
  if (found === undefined) {
    // Not a moment between looking and announcing: those who come at once would all miss one another.
    const pending = underWayElsewhere(call);
    if (pending !== undefined) found = await answerOfAnother(call, pending);
  }
  if (found === undefined) return miss(call);
  recordHit(call, found);
  return found.response;
}

async function lookUp(call: CachedCall): Promise<CachedAnswer | undefined> {
  const { cache, key, span } = call;
  try {
    const found = await inTime(call, () => cache.store.get(key));
    return found !== null && typeof found === 'object' && 'response' in found ? found : undefined;
  } catch (error) {
    throwIfStopped(call, error);
    addWarnings(span, ['the cache of an LLM call could not be read']);
    return undefined;
  }
}

/** The same call under way. One inside the call that it would wait for would wait for ever. */
function underWayElsewhere({ cache, key }: CachedCall): SharedAnswer | undefined {
  const pending = cache.share === true ? underWay.get(cache.store)?.get(key) : undefined;
  return pending !== undefined && asking.getStore()?.has(pending) === true ? undefined : pending;
}

/** What the same call will have answered. When it fails, each that waited asks by itself. */
async function answerOfAnother(
  call: CachedCall,
  pending: SharedAnswer,
): Promise<CachedAnswer | undefined> {
  try {
    return await inTime(call, () => pending);
  } catch (error) {
    throwIfStopped(call, error);
    return undefined;
  }
}

/** Thrown where the caller's patience with the cache is at its end: the model is asked then. */
const TOO_SLOW = new Error('the cache took longer than an attempt may');

function inTime<T>(
  { signal, timeoutMillis }: CachedCall,
  work: () => T | PromiseLike<T>,
): Promise<T> {
  const left = currentSpending()?.timeLeft();
  const own =
    timeoutMillis === undefined ? undefined : { millis: timeoutMillis, error: () => TOO_SLOW };
  const isLeftLess = left !== undefined && (own === undefined || left.millis < own.millis);
  return untilAborted(work, signal, isLeftLess ? left : own);
}

function throwIfStopped({ signal }: CachedCall, error: unknown): void {
  signal?.throwIfAborted();
  if (error instanceof LimitExceededError) throw error;
}

async function miss(call: CachedCall): Promise<unknown> {
  const { cache, key, span, ask } = call;
  span.setAttribute(HOTSPAN_CACHE_HIT, false);
  const { response, entry } = await (cache.share === true
    ? announce(cache.store, key, ask)
    : ask());
  if (entry !== undefined) keep(cache.store, key, entry);
  return response;
}

/** Asks, and lets others wait for the answer. */
function announce(
  store: LlmCacheStore,
  key: string,
  ask: CachedCall['ask'],
): ReturnType<CachedCall['ask']> {
  const known = underWay.get(store) ?? new Map<string, SharedAnswer>();
  underWay.set(store, known);
  let answer: (entry: CachedAnswer | undefined) => void = () => undefined;
  const pending = new Promise<CachedAnswer | undefined>((resolve) => (answer = resolve));
  known.set(key, pending);
  const done = (entry: CachedAnswer | undefined) => {
    if (known.get(key) === pending) known.delete(key);
    answer(entry);
  };
  const outer = asking.getStore() ?? new Set();
  const asked = asking.run(new Set([...outer, pending]), ask);
  asked.then(
    ({ entry }) => done(entry),
    () => done(undefined),
  );
  return asked;
}

function keep(store: LlmCacheStore, key: string, entry: CachedAnswer): void {
  const warn = () =>
    quietly(() => diag.warn('hotspan: an answer could not be written to the cache'));
  try {
    Promise.resolve(store.set(key, entry)).catch(warn);
  } catch {
    warn();
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
