import type { Attributes } from '@opentelemetry/api';
import { requireFunction, requireName, requireObject, requireOptions } from '../errors.js';
import {
  ATTEMPT_OPTIONS,
  checkAttempts,
  runAttempts,
  type AttemptContext,
  type AttemptOptions,
} from './attempts.js';
import { inSpan } from './in-span.js';
import { splitArguments } from './segment.js';

/** Options of {@link retry}; `maxAttempts` is 3 by default. */
export interface RetryOptions extends AttemptOptions {
  /** Attributes of the operation's span. */
  readonly attributes?: Attributes | undefined;
}

/**
 * Runs `fn` until it succeeds, each attempt a child span of the operation's span, with exponential
 * backoff between them. An error that a later attempt made good leaves the operation's span without
 * an error.
 *
 * A timed-out attempt fails at once, also when `fn` does not heed its signal; what it answers later
 * is ignored.
 *
 * ```ts
 * import { retry } from 'hotspan';
 *
 * const page = await retry(
 *   'load page',
 *   { maxAttempts: 3, timeoutMillis: 2_000, backoffMillis: 10 },
 *   async ({ attempt, signal }) => {
 *     signal.throwIfAborted();
 *     if (attempt === 1) throw new Error('try again');
 *     return 'page';
 *   },
 * );
 * ```
 *
 * @returns what the first successful attempt returned
 * @throws TypeError on wrong arguments, at the call. Later the last attempt's error, the same object
 *   ({@link AttemptTimeoutError} after a timeout), or the reason of `signal` when it was aborted
 */
export function retry<T>(
  name: string,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
): Promise<T>;
export function retry<T>(
  name: string,
  options: RetryOptions,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
): Promise<T>;
export function retry<T>(
  name: string,
  optionsOrFn: RetryOptions | ((context: AttemptContext) => T | PromiseLike<T>),
  maybeFn?: (context: AttemptContext) => T | PromiseLike<T>,
): Promise<T> {
  const { options = {}, fn } = splitArguments<
    RetryOptions | undefined,
    (context: AttemptContext) => T | PromiseLike<T>
  >(optionsOrFn, maybeFn);
  requireName('retry', '`name`', name);
  requireFunction('retry', '`fn`', fn);
  requireOptions('retry', options, [...ATTEMPT_OPTIONS, 'attributes']);
  requireObject('retry', '`attributes`', options.attributes);
  checkAttempts('retry', options);
  const { maxAttempts = 3, attributes } = options;
  return inSpan(name, { attributes }, (span) =>
    runAttempts(name, { ...options, maxAttempts }, span, fn),
  );
}
