/** Reads the milliseconds of a `Retry-After` header (RFC 9110, 10.2.3): seconds, or an HTTP date. */
export function parseRetryAfter(
  value: string | undefined,
  nowEpochMillis: number,
): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number.parseFloat(value) * 1000;
  // An HTTP date begins with the day of the week; Date.parse accepts much else.
  const date = /^\s*[A-Z][a-z]+,? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowEpochMillis);
}
