import { diag, type Span } from '@opentelemetry/api';
import { LimitExceededError, wrongUse } from '../errors.js';
import { fields, isObject } from '../fields.js';
import type { AttemptOptions } from '../instrument/attempts.js';
import { shorter, untilAborted } from '../instrument/cancellation.js';
import type { SpanClock } from '../instrument/clock.js';
import { addWarnings, quietly } from '../instrument/in-span.js';
import { currentSpending } from '../instrument/limits.js';
import { Scoped } from '../instrument/scoped.js';
import { aBoolean, aName, anything, aValue, required, type Shape } from '../options.js';
import * as semconv from '../semconv.js';
import { hashOf } from './call-hash.js';
import { isStream } from './follow-stream.js';

/** An entry of a cache. It is plain data if the response is. */
export interface CachedAnswer {
  /** The response that the function of the call returned. */
  readonly response: unknown;
  /** How many seconds it took, including retries. */
  readonly seconds: number;
  /** The cost in USD; absent when it is unknown. */
  readonly costUsd?: number;
}

/** A store of answers: a `Map`, or anything with its `get` and `set`, which may be async. */
export interface LlmCacheStore {
  /**
   * Returns the answer for a key, or nothing. If it throws, or takes longer than `timeoutMillis` (without
   * one, 5 seconds), the model is asked.
   */
  get(key: string): CachedAnswer | null | undefined | PromiseLike<CachedAnswer | null | undefined>;
  /** Stores an answer. The call does not wait for it. */
  set(key: string, answer: CachedAnswer): unknown;
}

/** How the answers of an `llmCall` are cached. Needs an `input` or a `key`. */
export interface LlmCacheOptions {
  /**
   * The store. hotspan never removes an entry: a `Map` grows without end, and returns the same object
   * again, which you must not change. Failures and streams are not stored. An answer that a step's `check`
   * rejects is.
   */
  readonly store: LlmCacheStore;
  /**
   * The input of the model, as JSON data. A hash of it with provider, model and operation becomes the key.
   */
  readonly input?: unknown;
  /** Your own key, instead of that hash. */
  readonly key?: string | undefined;
  /** `true` to let the same calls at the same time share one request. Default false. */
  readonly share?: boolean | undefined;
}

export const CACHE_OPTIONS: Shape<LlmCacheOptions> = {
  store: required(
    aValue('an object with the functions `get` and `set`', (store) => {
      const { get, set } = fields(store);
      return typeof get === 'function' && typeof set === 'function';
    }),
  ),
  input: anything,
  key: aName,
  share: aBoolean,
};

export function cacheKey({ key, input }: LlmCacheOptions, call: readonly string[]): string {
  if (key !== undefined) return key;
  if (input === undefined) {
    throw wrongUse('llmCall', '`cache` to have an `input` or a `key`', input);
  }
  try {
    return `hotspan:${hashOf(call, input)}`;
  } catch {
    throw wrongUse('llmCall', '`cache.input` to be JSON data', input);
  }
}

interface CachedCall extends Pick<AttemptOptions, 'signal' | 'timeoutMillis'> {
  readonly cache: LlmCacheOptions;
  readonly key: string;
  readonly span: Span;
  readonly clock: SpanClock;
  readonly ask: () => Promise<CachedAnswer>;
}

/** A request that other calls wait for. Its answer is undefined when it failed or is a stream. */
interface SharedRequest {
  answer?: Promise<CachedAnswer | undefined>;
}

/** A store whose server is away may wait for it without end. */
const MAX_LOOK_UP_MILLIS = 5_000;

const underWay = new WeakMap<LlmCacheStore, Map<string, SharedRequest>>();

const asking = new Scoped<ReadonlySet<SharedRequest>>();

export async function throughCache(call: CachedCall): Promise<unknown> {
  const { cache, key, span, ask } = call;
  const lookUpCall = { ...call, timeoutMillis: call.timeoutMillis ?? MAX_LOOK_UP_MILLIS };
  const warning = 'the cache of an LLM call could not be read';
  let found = await inTime(lookUpCall, () => lookUp(call), warning);
  // Without an `await` before it is announced: calls at the same time would all miss one another.
  const other = found === undefined ? sharedRequest(call) : undefined;
  if (other !== undefined) found = await inTime(call, () => other.answer);
  if (found !== undefined) {
    recordHit(call, found);
    return found.response;
  }
  span.setAttribute(semconv.HOTSPAN_CACHE_HIT, false);
  const answer = await (cache.share === true ? announce(call) : ask());
  if (!isStream(answer.response)) {
    new Promise((resolve) => resolve(cache.store.set(key, answer))).catch(() =>
      quietly(() => diag.warn('hotspan: an answer could not be written to the cache')),
    );
  }
  return answer.response;
}

/** Returns undefined after an error, or when the time is up. */
async function inTime<T>(
  { span, signal, timeoutMillis: millis }: CachedCall,
  work: () => T | PromiseLike<T>,
  warning?: string,
): Promise<T | undefined> {
  const own =
    millis === undefined ? undefined : { millis, error: () => new Error('the cache is too slow') };
  try {
    return await untilAborted(work, signal, shorter(own, currentSpending()?.timeLeft()));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LimitExceededError) throw error;
    if (warning !== undefined) addWarnings(span, [warning]);
    return undefined;
  }
}

async function lookUp({ cache, key }: CachedCall): Promise<CachedAnswer | undefined> {
  const found = await cache.store.get(key);
  return isObject(found) && 'response' in found ? found : undefined;
}

/** Finds the same call under way. A call inside that one must not wait for it: that would never end. */
function sharedRequest({ cache, key }: CachedCall): SharedRequest | undefined {
  const request = cache.share === true ? underWay.get(cache.store)?.get(key) : undefined;
  return request !== undefined && asking.get()?.has(request) === true ? undefined : request;
}

function announce({ cache, key, ask }: CachedCall): Promise<CachedAnswer> {
  const requests = underWay.get(cache.store) ?? new Map<string, SharedRequest>();
  underWay.set(cache.store, requests);
  const request: SharedRequest = {};
  requests.set(key, request);
  const answer = asking.run(new Set([...(asking.get() ?? []), request]), ask);
  const done = (found?: CachedAnswer) => {
    if (requests.get(key) === request) requests.delete(key);
    return isStream(found?.response) ? undefined : found;
  };
  request.answer = answer.then(done, () => done());
  return answer;
}

function recordHit({ span, clock }: CachedCall, { seconds, costUsd }: CachedAnswer): void {
  quietly(() => {
    span.setAttributes({
      [semconv.HOTSPAN_CACHE_HIT]: true,
      ...(costUsd === undefined ? {} : { [semconv.HOTSPAN_CACHE_SAVED_COST]: costUsd }),
      [semconv.HOTSPAN_CACHE_SAVED_TIME]: Math.max(0, seconds - clock.elapsedSeconds()),
    });
  });
}
