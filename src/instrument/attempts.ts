import type { Attributes, Span } from '@opentelemetry/api';
import {
  AttemptTimeoutError,
  requireCount,
  requireFunction,
  requireNumber,
  requirePositive,
  wrongUse,
} from '../errors.js';
import {
  HOTSPAN_ATTEMPT_BACKOFF,
  HOTSPAN_ATTEMPT_COUNT,
  HOTSPAN_ATTEMPT_MAX,
  HOTSPAN_ATTEMPT_NUMBER,
  HOTSPAN_ATTEMPT_OUTCOME,
  type AttemptOutcome,
} from '../semconv.js';
import { inSpan, quietly } from './in-span.js';
import { isTransient, retryAfterMillis } from './transient.js';
import { untilAborted, wait, withSignal } from './wait.js';

/** How often, how long and when something is tried. */
export interface AttemptOptions {
  /** All tries, the first included. */
  readonly maxAttempts?: number | undefined;
  /** For each attempt. The signal is aborted and the attempt fails. Default: no limit. */
  readonly timeoutMillis?: number | undefined;
  /**
   * The longest wait before the second attempt; it doubles from attempt to attempt. Half of each wait
   * is random, so that clients that failed together do not come back together. Default 500: 0.25 to
   * 0.5 s, then 0.5 to 1 s.
   */
  readonly backoffMillis?: number | undefined;
  /** No wait is longer, except where the server asks for it. Default 10,000. */
  readonly maxBackoffMillis?: number | undefined;
  /**
   * When the server asks for a longer wait (`Retry-After`), no further attempt is made; a shorter one
   * is respected in place of the backoff. Default 60,000.
   */
  readonly maxRetryAfterMillis?: number | undefined;
  /**
   * Decides whether an error is tried again. Not called after the last attempt, nor after an abort by
   * `signal`. What it throws comes out instead of the error. Default: everything but what is known to
   * be permanent, which is a status of 4xx other than 408, 409, 425 and 429, an abort, and a
   * `TypeError` or its kin without a `cause`.
   */
  readonly shouldRetry?:
    | ((error: unknown, context: { readonly attempt: number }) => boolean | Promise<boolean>)
    | undefined;
  /** Stops everything at once, also in a backoff, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What the function of an attempt gets. */
export interface AttemptContext {
  /** Aborted when the attempt's time is up, or together with the caller's signal. */
  readonly signal: AbortSignal;
  /** From 1. */
  readonly attempt: number;
  /** The span of the operation, which holds all the attempts. */
  readonly span: Span;
}

/** The names of {@link AttemptOptions}. */
export const ATTEMPT_OPTIONS = [
  'maxAttempts',
  'timeoutMillis',
  'backoffMillis',
  'maxBackoffMillis',
  'maxRetryAfterMillis',
  'shouldRetry',
  'signal',
] as const;

/** Throws on wrong options. */
export function checkAttempts(where: string, options: AttemptOptions): void {
  requireCount(where, '`maxAttempts`', options.maxAttempts);
  requirePositive(where, '`timeoutMillis`', options.timeoutMillis);
  requireNumber(where, '`backoffMillis`', options.backoffMillis, 0);
  requireNumber(where, '`maxBackoffMillis`', options.maxBackoffMillis, 0);
  requireNumber(where, '`maxRetryAfterMillis`', options.maxRetryAfterMillis, 0);
  if (options.shouldRetry !== undefined) {
    requireFunction(where, '`shouldRetry`', options.shouldRetry);
  }
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw wrongUse(where, '`signal` to be an AbortSignal', options.signal);
  }
}

/** What runs before a failed attempt's span ends. Must not throw. */
type OnFailure = (error: unknown, attemptSpan: Span) => void | Promise<void>;

/**
 * Runs the attempts of the operation `span`, each in a child span, until one succeeds.
 *
 * @throws the last attempt's error, the same object; the signal's reason when it was aborted
 */
export async function runAttempts<T>(
  name: string,
  options: AttemptOptions & { readonly maxAttempts: number },
  span: Span,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
  onFailure?: OnFailure,
): Promise<T> {
  const { maxAttempts, signal } = options;
  span.setAttribute(HOTSPAN_ATTEMPT_MAX, maxAttempts);
  let attempt = 0;
  let backoffMillis = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      attempt += 1;
      try {
        return await oneAttempt(name, options, { attempt, backoffMillis, span }, fn, onFailure);
      } catch (error) {
        if (signal?.aborted === true || attempt >= maxAttempts) throw error;
        if (!(await decide(options, error, attempt))) throw error;
        const delay = delayMillis(error, attempt, options);
        if (delay === undefined) throw error;
        backoffMillis = delay;
      }
      await wait(backoffMillis, signal);
    }
  } finally {
    span.setAttribute(HOTSPAN_ATTEMPT_COUNT, attempt);
  }
}

/** Asks whether to try again; an abort does not wait for the answer. */
function decide(options: AttemptOptions, error: unknown, attempt: number): Promise<boolean> {
  const { shouldRetry, signal } = options;
  if (shouldRetry === undefined) return Promise.resolve(isTransient(error));
  return untilAborted(() => shouldRetry(error, { attempt }), signal);
}

function oneAttempt<T>(
  name: string,
  options: AttemptOptions,
  at: { attempt: number; backoffMillis: number; span: Span },
  fn: (context: AttemptContext) => T | PromiseLike<T>,
  onFailure: OnFailure | undefined,
): Promise<T> {
  const { attempt, backoffMillis, span } = at;
  const attributes: Attributes = {
    [HOTSPAN_ATTEMPT_NUMBER]: attempt,
    [HOTSPAN_ATTEMPT_BACKOFF]: backoffMillis / 1000,
  };
  return inSpan(`${name} attempt`, { attributes }, async (attemptSpan) => {
    const { timeoutMillis, signal: outer } = options;
    let timedOut: AttemptTimeoutError | undefined;
    const timeout =
      timeoutMillis === undefined
        ? undefined
        : {
            millis: timeoutMillis,
            error: () => (timedOut = new AttemptTimeoutError(name, attempt, timeoutMillis)),
          };
    const end = (outcome: AttemptOutcome) =>
      attemptSpan.setAttribute(HOTSPAN_ATTEMPT_OUTCOME, outcome);
    try {
      const run = (signal: AbortSignal) => fn({ signal, attempt, span });
      const value = await withSignal(run, timeout, outer);
      end('success');
      return value;
    } catch (error) {
      // By identity: the error may be one of an inner operation, or not let itself be asked.
      if (timedOut !== undefined && error === timedOut) end('timeout');
      else end(outer?.aborted === true ? 'aborted' : 'error');
      await onFailure?.(error, attemptSpan);
      throw error;
    }
  });
}

/** The wait before the next attempt; undefined when the server asks for more than is allowed. */
function delayMillis(error: unknown, attempt: number, options: AttemptOptions): number | undefined {
  let asked: number | undefined;
  quietly(() => {
    asked = retryAfterMillis(error, Date.now());
  });
  if (asked !== undefined) {
    return asked <= (options.maxRetryAfterMillis ?? 60_000) ? asked : undefined;
  }
  const full = Math.min(
    // 2 ** 30 is more than any wait can be, and still a number to multiply with.
    (options.backoffMillis ?? 500) * 2 ** Math.min(attempt - 1, 30),
    options.maxBackoffMillis ?? 10_000,
  );
  return full / 2 + (Math.random() * full) / 2;
}
