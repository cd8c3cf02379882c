/**
 * Thrown by an attempt that took longer than its `timeoutMillis`; also the `reason` of the attempt's
 * signal. Its `name` is `TimeoutError`, as for `AbortSignal.timeout()`.
 */
export class AttemptTimeoutError extends Error {
  override readonly name = 'TimeoutError';
  /** The time limit, in milliseconds. */
  readonly timeoutMillis: number;

  constructor(operation: string, attempt: number, timeoutMillis: number) {
    super(`${operation}: attempt ${attempt} took longer than ${timeoutMillis} ms`);
    this.timeoutMillis = timeoutMillis;
  }
}

/** The name of a limit of a run. */
export type LimitName = 'maxAttempts' | 'maxCostUsd' | 'maxMillis';

/**
 * Thrown when a run has reached one of its limits: instead of the next attempt, and by an attempt that
 * is still running when the time is up. Its `cause` is the error of the attempt before, if there was one.
 */
export class LimitExceededError extends Error {
  override readonly name = 'LimitExceededError';

  /** @param waitMillis the wait before the next attempt, when that alone is too long */
  constructor(
    /** The limit that was reached. */
    readonly limit: LimitName,
    /** The value of the limit: a count, USD or milliseconds. */
    readonly allowed: number,
    /** How much the run had used by then. */
    readonly spent: RunSpending,
    cause?: unknown,
    waitMillis = 0,
  ) {
    const { attempts, costUsd, millis } = spent;
    const cost = costUsd === undefined ? '' : ` for $${Number(costUsd.toPrecision(3))}`;
    const used = `${attempts} attempt${attempts === 1 ? '' : 's'}${cost} in ${Math.round(millis)} ms`;
    const what = waitMillis > 0 ? `leaves no time to wait ${waitMillis} ms` : 'is reached';
    const options = cause === undefined ? {} : { cause };
    super(`the limit ${limit} of ${allowed} ${what}: ${used}`, options);
  }
}

/** How much a run has used of what its limits allow. */
export interface RunSpending {
  /** How many attempts all operations of the run have started. */
  readonly attempts: number;
  /** Cost of the run's LLM calls, in USD; absent while no call has a known price. */
  readonly costUsd?: number;
  /** Milliseconds since the run started. */
  readonly millis: number;
}

/** Thrown by an attempt whose result the `check` of its step rejected. The step may try again. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';

  constructor(step: string, reason: string | undefined) {
    super(`${step}: ${reason ?? 'the check rejected the result'}`);
  }
}

/** Characters that control a terminal, or hide, reverse or break a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Input that cannot be used: a file, an address, an option of the command. Its message is one line
 * that says where the problem is, what was expected, and what was found.
 */
export class BadInputError extends Error {
  override readonly name: string = 'BadInputError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(UNPRINTABLE, ' '), options);
  }
}

/** Runs `fn`, which throws such an error for something that the user has written. */
export function asBadInput<T>(kind: typeof TypeError | typeof RangeError, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw error instanceof kind ? new BadInputError(error.message) : error;
  }
}

function describeValue(value: unknown): string {
  if (value === '') return '""';
  if (Array.isArray(value)) return 'an array';
  if (value !== null && typeof value === 'object') return 'an object';
  // Its value may be a key or a prompt.
  return /^[sf]/.test(typeof value) ? `a ${typeof value}` : String(value);
}

export function wrongUse(where: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${where}: expected ${expected}, got ${describeValue(value)}`);
}

export function requireName(where: string, what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') {
    throw wrongUse(where, `${what} to be a non-empty string`, value);
  }
}

export function requireFunction(where: string, what: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongUse(where, `${what} to be a function`, value);
}
