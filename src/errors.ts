/**
 * Thrown by an attempt that took longer than its `timeoutMillis`. Its `name` is `TimeoutError`, as
 * for `AbortSignal.timeout()`, and it is also the `reason` of the attempt's signal.
 */
export class AttemptTimeoutError extends Error {
  override readonly name = 'TimeoutError';
  /** The limit that was exceeded, in milliseconds. */
  readonly timeoutMillis: number;

  constructor(operation: string, attempt: number, timeoutMillis: number) {
    super(`${operation}: attempt ${attempt} took longer than ${timeoutMillis} ms`);
    this.timeoutMillis = timeoutMillis;
  }
}

/** Which budget of a run was used up. */
export type LimitName = 'maxAttempts' | 'maxCostUsd' | 'maxMillis';

/**
 * Thrown instead of a further attempt when a budget of the run is used up, and in place of an attempt
 * that was still running when its time was. Its `cause` is the error of the attempt before, if any.
 */
export class LimitExceededError extends Error {
  override readonly name = 'LimitExceededError';
  /** The budget that is used up. */
  readonly limit: LimitName;
  /** What was allowed: a count, USD or milliseconds. */
  readonly allowed: number;
  /** How far the run got. */
  readonly spent: RunSpending;

  /** @param waitMillis for which there is no time any more, before another attempt */
  constructor(
    limit: LimitName,
    allowed: number,
    spent: RunSpending,
    cause?: unknown,
    waitMillis = 0,
  ) {
    const { attempts, costUsd, millis } = spent;
    const cost = costUsd === undefined ? '' : ` for $${Number(costUsd.toPrecision(3))}`;
    const got = `${attempts} attempt${attempts === 1 ? '' : 's'}${cost} in ${Math.round(millis)} ms`;
    const used = waitMillis > 0 ? `has no room for a wait of ${waitMillis} ms` : 'is used up';
    super(`${limit} of ${allowed} ${used}: ${got}`, cause === undefined ? {} : { cause });
    this.limit = limit;
    this.allowed = allowed;
    this.spent = spent;
  }
}

/** What a run has used of its budgets. */
export interface RunSpending {
  /** Attempts that were started, of all operations of the run. */
  readonly attempts: number;
  /** Of the LLM calls whose price is known; absent when there is none. */
  readonly costUsd?: number;
  /** Since its start. */
  readonly millis: number;
}

/** Thrown in an attempt whose result the `check` of its step did not accept; it is tried again. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';

  constructor(step: string, reason: string | undefined) {
    super(`${step}: ${reason ?? 'the check did not accept the result'}`);
  }
}

/** What a terminal would take for a command, or what hides, turns around or breaks a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Input from outside that cannot be used: a file, an address, an option of the command. Its message is
 * one line for the user, with where it was found, what was expected and what was there instead.
 */
export class BadInputError extends Error {
  override readonly name: string = 'BadInputError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(UNPRINTABLE, ' '), options);
  }
}

/** Names a value for an error message, without printing what may be private or long. */
function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (value === null || typeof value !== 'object') {
    return typeof value === 'function' ? 'a function' : String(value);
  }
  return Array.isArray(value) ? 'an array' : 'an object';
}

/** The error for wrong use, thrown at the call: `where: expected what, got value`. */
export function wrongUse(where: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${where}: expected ${expected}, got ${describeValue(value)}`);
}

/** Throws unless `value` is a string with something in it. */
export function requireName(where: string, what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') {
    throw wrongUse(where, `${what} to be a non-empty string`, value);
  }
}

/** Throws unless `value` is a function. */
export function requireFunction(where: string, what: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongUse(where, `${what} to be a function`, value);
}

/** Throws unless `value` is absent, or a finite number of at least `min`. */
export function requireNumber(where: string, what: string, value: unknown, min: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min) {
    throw wrongUse(where, `${what} to be a number of at least ${min}`, value);
  }
}

/** Throws unless `value` is absent, or a positive finite number. */
export function requirePositive(where: string, what: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw wrongUse(where, `${what} to be a positive number`, value);
  }
}

/** Throws unless `value` is absent, or a whole number of at least 1. */
export function requireCount(where: string, what: string, value: unknown): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw wrongUse(where, `${what} to be a whole number of at least 1`, value);
  }
}

/** Throws unless `value` is absent, or an object and no array. */
export function requireObject(where: string, what: string, value: unknown): void {
  if (value === undefined) return;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw wrongUse(where, `${what} to be an object`, value);
  }
}

/** Throws unless `value` is absent, or an object and no array; and when it has a key that is not `known`. */
export function requireOptions(where: string, value: unknown, known: readonly string[]): void {
  requireObject(where, 'the options', value);
  for (const key in value as object | undefined) {
    if (known.includes(key) || !Object.hasOwn(value as object, key)) continue;
    throw new TypeError(`${where}: unknown option "${key}", expected one of: ${known.join(', ')}`);
  }
}
