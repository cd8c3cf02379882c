import { AttemptTimeoutError, LimitExceededError } from '../errors.js';
import { fields } from '../fields.js';
import { parseRetryAfter } from '../retry-after.js';

/** Statuses of 4xx that say "not now" rather than "never". */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** Errors of the language itself are mistakes in the code: trying again makes no sense. */
const MISTAKES = [TypeError, RangeError, ReferenceError, SyntaxError];

/** What the clients of OpenAI and Anthropic throw when the caller took a request back. */
const CLIENTS_ABORT = 'APIUserAbortError';

/**
 * The default rule for what is tried again: everything but what is known to be permanent, which is a
 * status of 4xx other than 408, 409, 425 and 429, an abort, a used up limit, and an error of the
 * language itself (`TypeError` and its kin), unless it has a `cause`, as `fetch` gives it when the network fails.
 * An error that does not let itself be asked is not tried again. Never throws.
 */
export function isTransient(error: unknown): boolean {
  try {
    return mayPass(error);
  } catch {
    return false;
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof AttemptTimeoutError) return true;
  if (error instanceof LimitExceededError) return false;
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) return TRANSIENT_STATUSES.has(status);
  if (!(error instanceof Error)) return true;
  if (isAbort(error)) return false;
  return error.cause !== undefined || !MISTAKES.some((mistake) => error instanceof mistake);
}

/** `openai` and `@anthropic-ai/sdk` have a class of their own, and one of them does not set the name. */
function isAbort(error: Error): boolean {
  const { name: className } = Object(error.constructor) as { readonly name?: unknown };
  return error.name === 'AbortError' || [error.name, className].includes(CLIENTS_ABORT);
}

function statusOf(error: unknown): number | undefined {
  const { status, statusCode, response } = fields(error);
  const found = [status, statusCode, fields(response).status];
  return found.find((value) => typeof value === 'number');
}

/**
 * How long the server asked to wait before the next try, in milliseconds: `retry-after-ms`, or
 * `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), from the `headers` or `responseHeaders` of
 * the error, or the `headers` of its `response`. Undefined when it did not ask, or not in a form that can be read.
 *
 * @param nowEpochMillis the present, for dates
 */
export function retryAfterMillis(error: unknown, nowEpochMillis: number): number | undefined {
  const { headers, responseHeaders, response } = fields(error);
  const from = headers ?? responseHeaders ?? fields(response).headers;
  const millis = Number.parseFloat(header(from, 'retry-after-ms') ?? '');
  if (millis >= 0) return millis;
  return parseRetryAfter(header(from, 'retry-after'), nowEpochMillis);
}

function header(headers: unknown, name: string): string | undefined {
  const { get } = fields(headers);
  const value: unknown =
    typeof get === 'function'
      ? Reflect.apply(get, headers, [name])
      : Object.entries(fields(headers)).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
