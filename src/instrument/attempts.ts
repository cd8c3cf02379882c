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
  HOTSPAN_ATTEMPT_TIMEOUT,
  type AttemptOutcome,
} from '../semconv.js';
import { holdSpan, inSpan, quietly, type EndSpan } from './in-span.js';
import { currentSpending } from './limits.js';
import { isTransient, retryAfterMillis } from './transient.js';
import { Cancellation, untilAborted, wait, type Timeout } from './wait.js';

/** How often, how long and when something is tried. */
export interface AttemptOptions {
  /** All tries, the first included. */
  readonly maxAttempts?: number | undefined;
  /**
   * For each attempt. The signal is aborted and the attempt fails. Where an attempt gives a stream,
   * each wait for an item of it may take as long. Default: no limit.
   */
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

/** What an operation does at the turns of its attempts. Nothing of it may throw. */
export interface AttemptHooks<T> {
  /** Runs before a failed attempt's span ends. */
  readonly onFailure?: (
    error: unknown,
    attemptSpan: Span,
    outcome: AttemptOutcome,
  ) => void | Promise<void>;
  /** Runs before the wait for the next attempt. */
  readonly onRetry?: (error: unknown, nextAttempt: number) => void;
  /** Gets what an attempt gave, while it can still be kept open. What it returns comes out. */
  readonly onValue?: (value: T, attempt: OpenAttempt) => T;
}

/** A successful attempt whose span has not ended yet. */
export interface OpenAttempt {
  readonly span: Span;
  /** Keeps the attempt open: it ends when the function is called that this returns. */
  hold(): (outcome: AttemptOutcome, failure?: { readonly error: unknown }) => void;
  /** Runs work that belongs to the attempt: under its time limit and the caller's signal. */
  run<R>(work: () => R | PromiseLike<R>): Promise<R>;
  /** The time limit, or the reason of the caller's signal, when that has stopped the attempt. */
  stopped(): { readonly error: unknown } | undefined;
  /** The outcome that an error of {@link run} stands for. */
  outcomeOf(error: unknown): AttemptOutcome;
}

/**
 * Runs the attempts of the operation `span`, each in a child span, until one succeeds.
 *
 * @throws the last attempt's error, the same object; the signal's reason when it was aborted;
 *   LimitExceededError when a budget of the run is used up
 */
export async function runAttempts<T>(
  name: string,
  options: AttemptOptions & { readonly maxAttempts: number },
  span: Span,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
  hooks: AttemptHooks<T> = {},
): Promise<T> {
  const { maxAttempts, signal } = options;
  const spending = currentSpending();
  span.setAttribute(HOTSPAN_ATTEMPT_MAX, maxAttempts);
  let attempt = 0;
  let backoffMillis = 0;
  let lastError: unknown;
  try {
    for (;;) {
      signal?.throwIfAborted();
      spending?.startAttempt(lastError);
      attempt += 1;
      try {
        const at = { name, attempt, backoffMillis, span, options };
        return await oneAttempt(at, fn, hooks);
      } catch (error) {
        if (signal?.aborted === true || attempt >= maxAttempts) throw error;
        if (!(await decide(options, error, attempt))) throw error;
        const delay = delayMillis(error, attempt, options);
        if (delay === undefined) throw error;
        // Not after a wait for nothing.
        spending?.requireBudget(error, delay);
        lastError = error;
        backoffMillis = delay;
      }
      hooks.onRetry?.(lastError, attempt + 1);
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

interface AttemptAt {
  readonly name: string;
  readonly attempt: number;
  readonly backoffMillis: number;
  readonly span: Span;
  readonly options: AttemptOptions;
}

function oneAttempt<T>(
  at: AttemptAt,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
  hooks: AttemptHooks<T>,
): Promise<T> {
  const { name, attempt, backoffMillis, span } = at;
  const { timeoutMillis } = at.options;
  const attributes: Attributes = {
    [HOTSPAN_ATTEMPT_NUMBER]: attempt,
    [HOTSPAN_ATTEMPT_BACKOFF]: backoffMillis / 1000,
    ...(timeoutMillis === undefined ? {} : { [HOTSPAN_ATTEMPT_TIMEOUT]: timeoutMillis / 1000 }),
  };
  // What an attempt runs counts to its operation.
  const start = { attributes, cpuProfile: false };
  return inSpan(`${name} attempt`, start, async (attemptSpan, clock) => {
    const running = new RunningAttempt(at, attemptSpan, () => holdSpan(attemptSpan, clock));
    try {
      const value = await running.run((signal) => fn({ signal, attempt, span }));
      return hooks.onValue === undefined ? value : hooks.onValue(value, running);
    } catch (error) {
      const outcome = running.outcomeOf(error);
      running.setOutcome(outcome);
      await hooks.onFailure?.(error, attemptSpan, outcome);
      throw error;
    } finally {
      running.settle();
    }
  });
}

class RunningAttempt implements OpenAttempt {
  readonly span: Span;
  readonly #cancellation: Cancellation;
  readonly #at: AttemptAt;
  readonly #holdSpan: () => EndSpan;
  /** Of the call; a stream may be read in another run. */
  readonly #spending = currentSpending();
  #timedOut: AttemptTimeoutError | undefined;
  #isHeld = false;
  #outcome: AttemptOutcome | undefined;

  constructor(at: AttemptAt, span: Span, holdSpan: () => EndSpan) {
    this.#at = at;
    this.span = span;
    this.#holdSpan = holdSpan;
    this.#cancellation = new Cancellation(at.options.signal);
  }

  run<R>(work: (signal: AbortSignal) => R | PromiseLike<R>): Promise<R> {
    return this.#cancellation.run(work, this.#timeout());
  }

  hold(): (outcome: AttemptOutcome, failure?: { readonly error: unknown }) => void {
    this.#isHeld = true;
    const end = this.#holdSpan();
    return (outcome, failure) => {
      this.#cancellation.release();
      this.setOutcome(outcome);
      end(failure);
    };
  }

  stopped(): { readonly error: unknown } | undefined {
    const { signal } = this.#cancellation;
    return signal.aborted ? { error: signal.reason as unknown } : undefined;
  }

  outcomeOf(error: unknown): AttemptOutcome {
    // By identity: the error may be one of an inner operation, or not let itself be asked.
    if (this.#timedOut !== undefined && error === this.#timedOut) return 'timeout';
    return this.#at.options.signal?.aborted === true ? 'aborted' : 'error';
  }

  setOutcome(outcome: AttemptOutcome): void {
    this.#outcome = outcome;
    this.span.setAttribute(HOTSPAN_ATTEMPT_OUTCOME, outcome);
  }

  /** The end of an attempt that nobody keeps open. */
  settle(): void {
    if (this.#isHeld) return;
    this.#cancellation.release();
    if (this.#outcome === undefined) this.setOutcome('success');
  }

  /** The attempt's own limit, or what is left of the run's time. */
  #timeout(): Timeout | undefined {
    const { name, attempt, options } = this.#at;
    const millis = options.timeoutMillis;
    const left = this.#spending?.timeLeft();
    if (millis === undefined || (left !== undefined && left.millis < millis)) return left;
    const error = () => (this.#timedOut = new AttemptTimeoutError(name, attempt, millis));
    return { millis, error };
  }
}

/** The wait before the next attempt; undefined when the server asks for more than is allowed. */
function delayMillis(error: unknown, attempt: number, options: AttemptOptions): number | undefined {
  let asked: number | undefined;
  quietly(() => {
    asked = retryAfterMillis(error, Date.now());
  });
  if (asked !== undefined) {
    return asked <= (options.maxRetryAfterMillis ?? 60_000) ? Math.ceil(asked) : undefined;
  }
  const full = Math.min(
    // 2 ** 30 is more than any wait can be, and still a number to multiply with.
    (options.backoffMillis ?? 500) * 2 ** Math.min(attempt - 1, 30),
    options.maxBackoffMillis ?? 10_000,
  );
  // Timers know whole milliseconds.
  return Math.round(full / 2 + (Math.random() * full) / 2);
}
