import type { Attributes } from '@opentelemetry/api';
import { anObject, type Shape } from '../options.js';
import {
  ATTEMPT_OPTIONS,
  runAttempts,
  type AttemptContext,
  type AttemptFunction,
  type AttemptOptions,
} from './attempts.js';
import { inSpan } from './in-span.js';
import { readArguments } from './segment.js';

/** Options of {@link retry}. `maxAttempts` is 3 by default. */
export interface RetryOptions extends AttemptOptions {
  /** Attributes of the operation's span. */
  readonly attributes?: Attributes | undefined;
}

const OPTIONS: Shape<RetryOptions> = { ...ATTEMPT_OPTIONS, attributes: anObject };

/**
 * Runs `fn` until it succeeds, and waits longer before each new attempt. The operation is one span, and
 * each attempt a child span of it. If a later attempt succeeds, the operation's span has no error.
 *
 * An attempt fails as soon as its time is up, even if `fn` ignores its signal. A later result of that
 * attempt is ignored.
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
 * @param name the name of the operation's span
 * @param fn the work; not called any more once `signal` is aborted or a limit of the run is reached
 * @returns the result of the first successful attempt
 * @throws TypeError at the call when an argument is wrong. Rejects with the last attempt's error, the
 *   same object ({@link AttemptTimeoutError} after a timeout), with the reason of `signal` when it was
 *   aborted, or with a {@link LimitExceededError}
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
  optionsOrFn: RetryOptions | AttemptFunction<T>,
  maybeFn?: AttemptFunction<T>,
): Promise<T> {
  const { options, fn } = readArguments('retry', name, OPTIONS, optionsOrFn, maybeFn);
  const { maxAttempts = 3, attributes } = options;
  return inSpan(name, { attributes }, (span) =>
    runAttempts(name, { ...options, maxAttempts }, span, fn),
  );
}
