import type { Attributes, Span } from '@opentelemetry/api';
import { AttemptTimeoutError } from '../errors.js';
import { aCount, aFunction, aPositiveNumber, aSignal, atLeast, type Shape } from '../options.js';
import * as semconv from '../semconv.js';
import { Cancellation, shorter, untilAborted, wait } from './cancellation.js';
import type { SpanClock } from './clock.js';
import { holdSpan, inSpan, type EndSpan, type Failure } from './in-span.js';
import { currentSpending } from './limits.js';
import { delayMillis, isTransient } from './retry-policy.js';

/** How often, how long and when an operation is tried. */
export interface AttemptOptions {
  /** The most attempts to make, including the first. */
  readonly maxAttempts?: number | undefined;
  /**
   * The time limit of each attempt, in milliseconds. When it is up, the attempt fails and its signal is
   * aborted. If the attempt returns a stream, the limit applies to each item of it. Default: no limit.
   */
  readonly timeoutMillis?: number | undefined;
  /**
   * The longest wait before the second attempt, in milliseconds; it doubles with every attempt. Half of
   * each wait is random, so that clients that failed together do not come back together. Default 500:
   * 0.25 to 0.5 s, then 0.5 to 1 s.
   */
  readonly backoffMillis?: number | undefined;
  /** The longest wait before any attempt, unless the server asks for more. Default 10,000. */
  readonly maxBackoffMillis?: number | undefined;
  /**
   * The longest wait that a server may ask for with `Retry-After`, in milliseconds. A shorter one replaces
   * the backoff; a longer one ends the attempts. Default 60,000.
   */
  readonly maxRetryAfterMillis?: number | undefined;
  /**
   * Decides whether to try again after an error. Not called after the last attempt or an abort by
   * `signal`. An error that it throws replaces the attempt's.
   *
   * Default: what the server says by the header `x-should-retry` (`true` or `false`), else retry, except
   * after a status of 4xx (other than 408, 409, 425 and 429), an abort, or a `TypeError`, `RangeError`,
   * `ReferenceError` or `SyntaxError` without a `cause`.
   */
  readonly shouldRetry?:
    | ((error: unknown, context: { readonly attempt: number }) => boolean | Promise<boolean>)
    | undefined;
  /** Stops the attempts and the waits between them at once, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The argument of an attempt's function. */
export interface AttemptContext {
  /** Aborted when the attempt's time is up, or together with the caller's signal. */
  readonly signal: AbortSignal;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  /** The span of the operation, which contains all its attempts. */
  readonly span: Span;
}

export const RETRY_POLICY: Shape<Omit<AttemptOptions, 'signal'>> = {
  maxAttempts: aCount,
  timeoutMillis: aPositiveNumber,
  backoffMillis: atLeast(0),
  maxBackoffMillis: atLeast(0),
  maxRetryAfterMillis: atLeast(0),
  shouldRetry: aFunction,
};

export const ATTEMPT_OPTIONS: Shape<AttemptOptions> = { ...RETRY_POLICY, signal: aSignal };

export type AttemptFunction<T> = (context: AttemptContext) => T | PromiseLike<T>;

/** Callbacks of an operation for its attempts. They must not throw. */
export interface AttemptHooks<T> {
  /** Runs before a failed attempt's span ends. */
  readonly onFailure?: (error: unknown, attempt: Attempt) => void | Promise<void>;
  /** Runs before the wait for the next attempt. */
  readonly onRetry?: (error: unknown, nextAttempt: number) => void;
  /** Sees the value of a successful attempt, and may keep the attempt open. */
  readonly onValue?: (value: T, attempt: Attempt) => void;
}

/** Runs the attempts of the operation `span`, each in a child span, until one succeeds. */
export async function runAttempts<T>(
  name: string,
  policy: AttemptOptions,
  span: Span,
  fn: AttemptFunction<T>,
  hooks: AttemptHooks<T> = {},
): Promise<T> {
  const { maxAttempts = 1, signal, shouldRetry = isTransient } = policy;
  const spending = currentSpending();
  span.setAttribute(semconv.HOTSPAN_ATTEMPT_MAX, maxAttempts);
  let attempt = 0;
  let backoffMillis = 0;
  let lastError: unknown;
  try {
    for (;;) {
      signal?.throwIfAborted();
      spending?.startAttempt(lastError);
      attempt += 1;
      const number = attempt;
      const work = (own: Attempt) => fn(new OwnContext(number, span, own));
      try {
        return await oneAttempt({ name, number, policy, backoffMillis }, work, hooks);
      } catch (error) {
        if (signal?.aborted === true || attempt >= maxAttempts) throw error;
        const ask = () => shouldRetry(error, { attempt });
        if (!(await untilAborted(ask, signal, spending?.timeLeft(error)))) throw error;
        const delay = delayMillis(error, attempt, policy);
        if (delay === undefined) throw error;
        // Before the wait, which would be for nothing.
        spending?.check(error, delay);
        lastError = error;
        backoffMillis = delay;
      }
      hooks.onRetry?.(lastError, attempt + 1);
      await wait(backoffMillis, signal);
    }
  } finally {
    span.setAttribute(semconv.HOTSPAN_ATTEMPT_COUNT, attempt);
  }
}

/**
 * Makes the signal when it is asked for. A class: V8 makes a hidden class of its own for every object that is
 * written with a getter, which doubled the time and filled the memory until the next full collection.
 */
class OwnContext implements AttemptContext {
  readonly #own: Attempt;

  constructor(
    readonly attempt: number,
    readonly span: Span,
    own: Attempt,
  ) {
    this.#own = own;
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }
}

interface AttemptOf {
  readonly name: string;
  readonly number: number;
  readonly policy: AttemptOptions;
  readonly backoffMillis: number;
}

function oneAttempt<T>(
  of: AttemptOf,
  work: (attempt: Attempt) => T | PromiseLike<T>,
  { onValue, onFailure }: AttemptHooks<T>,
): Promise<T> {
  const { timeoutMillis } = of.policy;
  const attributes: Attributes = {
    [semconv.HOTSPAN_ATTEMPT_NUMBER]: of.number,
    [semconv.HOTSPAN_ATTEMPT_BACKOFF]: of.backoffMillis / 1000,
  };
  if (timeoutMillis !== undefined) {
    attributes[semconv.HOTSPAN_ATTEMPT_TIMEOUT] = timeoutMillis / 1000;
  }
  // A CPU profile of what an attempt runs belongs to its operation.
  const start = { attributes, cpuProfile: false };
  return inSpan(`${of.name} attempt`, start, async (span, clock) => {
    const attempt = new Attempt(of, span, clock);
    try {
      const value = await attempt.run(() => work(attempt));
      onValue?.(value, attempt);
      if (!clock.isHeld) attempt.settle('success');
      return value;
    } catch (error) {
      attempt.settle(attempt.outcomeOf(error));
      await onFailure?.(error, attempt);
      throw error;
    }
  });
}

/** One attempt, while it runs and while a stream that it returned is read. */
export class Attempt {
  readonly #cancellation: Cancellation;
  /** Remembered, since a stream may be read in another run. */
  readonly #spending = currentSpending();
  #timedOut: AttemptTimeoutError | undefined;

  constructor(
    private readonly of: AttemptOf,
    readonly span: Span,
    private readonly clock: SpanClock,
  ) {
    this.#cancellation = new Cancellation(of.policy.signal);
  }

  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  /** Runs work under the time limits of the attempt and of the run, and the caller's signal. */
  run<R>(work: () => R | PromiseLike<R>): Promise<R> {
    const { name, number, policy } = this.of;
    const { timeoutMillis: millis = Infinity } = policy;
    const error = () => (this.#timedOut = new AttemptTimeoutError(name, number, millis));
    const own = millis === Infinity ? undefined : { millis, error };
    return this.#cancellation.run(work, shorter(own, this.#spending?.timeLeft()));
  }

  hold(): EndSpan {
    this.#cancellation.rest();
    const end = holdSpan(this.span, this.clock);
    return (failure) => {
      this.settle(failure === undefined ? 'success' : this.outcomeOf(failure.error));
      end(failure);
    };
  }

  /** The error of whatever stopped the attempt from outside. */
  stopped(): Failure | undefined {
    const { cancelled } = this.#cancellation;
    return cancelled && { error: cancelled.reason };
  }

  outcomeOf(error: unknown): semconv.AttemptOutcome {
    // By identity: the error may belong to an inner operation, or have getters that throw.
    if (this.#timedOut !== undefined && error === this.#timedOut) return 'timeout';
    return this.of.policy.signal?.aborted === true ? 'aborted' : 'error';
  }

  settle(outcome: semconv.AttemptOutcome): void {
    this.#cancellation.release();
    this.span.setAttribute(semconv.HOTSPAN_ATTEMPT_OUTCOME, outcome);
  }
}
