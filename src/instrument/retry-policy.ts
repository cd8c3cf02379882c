import { AttemptTimeoutError, LimitExceededError } from '../errors.js';
import { fields, pick } from '../fields.js';
import { isTransientStatus, parseRetryAfter, SHOULD_RETRY, toldToRetry } from '../retry-after.js';
import type { AttemptOptions } from './attempts.js';

/** Errors of the language itself are mistakes in the code. */
const MISTAKES = [TypeError, RangeError, ReferenceError, SyntaxError];

/** `openai` and `@anthropic-ai/sdk` have a class for an abort, and one of them does not set the name. */
const ABORT_NAMES: readonly unknown[] = ['AbortError', 'APIUserAbortError'];

/** The default of `shouldRetry`. Never throws. */
export function isTransient(error: unknown): boolean {
  try {
    if (error instanceof AttemptTimeoutError) return true;
    if (error instanceof LimitExceededError) return false;
    const told = toldToRetry(headerOf(error, SHOULD_RETRY));
    if (told !== undefined) return told;
    const { status, statusCode, response } = fields(error);
    const code = [status, statusCode, fields(response).status].find((it) => typeof it === 'number');
    if (code !== undefined && code >= 400 && code < 500) return isTransientStatus(code);
    if (!(error instanceof Error)) return true;
    const className = (error.constructor as { name?: unknown } | undefined)?.name;
    if (ABORT_NAMES.includes(error.name) || ABORT_NAMES.includes(className)) return false;
    // `fetch` throws a TypeError with a cause when the network fails.
    return error.cause !== undefined || !MISTAKES.some((mistake) => error instanceof mistake);
  } catch {
    return false;
  }
}

/** `undefined` when the server asks for a longer wait than allowed. */
export function delayMillis(
  error: unknown,
  attempt: number,
  options: AttemptOptions,
): number | undefined {
  const asked = retryAfterMillis(error);
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

function retryAfterMillis(error: unknown): number | undefined {
  try {
    const millis = Number.parseFloat(headerOf(error, 'retry-after-ms') ?? '');
    return millis > 0 ? millis : parseRetryAfter(headerOf(error, 'retry-after'), Date.now());
  } catch {
    return undefined;
  }
}

/** Where clients keep the headers of the answer that an error is about. */
const HEADERS = [
  ['headers'],
  ['responseHeaders'],
  ['response', 'headers'],
  ['rawResponse', 'headers'],
  ['$response', 'headers'],
];

function headerOf(error: unknown, name: string): string | undefined {
  for (const path of HEADERS) {
    const value = headerIn(pick(error, path), name);
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return undefined;
}

/** In `Headers`, a `Map` or a plain object, whose names may be written in any case. */
function headerIn(headers: unknown, name: string): unknown {
  const { get } = fields(headers);
  const value: unknown =
    typeof get === 'function' ? Reflect.apply(get, headers, [name]) : undefined;
  if (value != null) return value;
  const entries = headers instanceof Map ? [...headers] : Object.entries(fields(headers));
  return entries.find(([key]) => String(key).toLowerCase() === name)?.[1] as unknown;
}
