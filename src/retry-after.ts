/** Statuses of 4xx that say "not now" rather than "never". */
const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** A header of OpenAI, Anthropic and servers that speak like them. */
export const SHOULD_RETRY = 'x-should-retry';

/** Returns what a server says by {@link SHOULD_RETRY}, whatever the status; nothing if it says neither. */
export function toldToRetry(value: string | null | undefined): boolean | undefined {
  return value === 'true' || value === 'false' ? value === 'true' : undefined;
}

/** `true` for a status of HTTP after which clients send a request again. */
export function isTransientStatus(status: number): boolean {
  return TRANSIENT.has(status) || status >= 500;
}

/**
 * Reads the milliseconds of a `Retry-After` header (RFC 9110, 10.2.3): seconds, or an HTTP date. Returns
 * `undefined` for none, or a time that has passed, which is no permission to come back at once.
 */
export function parseRetryAfter(
  value: string | undefined,
  nowEpochMillis: number,
): number | undefined {
  if (value === undefined) return undefined;
  // An HTTP date begins with the day of the week; Date.parse accepts much else.
  const date = /^\s*[A-Z][a-z]+,? /.test(value) ? Date.parse(value) : Number.NaN;
  const isSeconds = /^\s*\d+(\.\d+)?\s*$/.test(value);
  const millis = isSeconds ? Number.parseFloat(value) * 1000 : date - nowEpochMillis;
  return millis > 0 ? millis : undefined;
}
