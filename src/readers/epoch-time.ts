/** The digits of a nanosecond within its second. */
const NANO_DIGITS = 9;
/** Those of the largest 64-bit number. */
const MAX_DIGITS = 20;
const MAX_NANOS = 2 ** 64;

const YEAR_2000_SECONDS = 946_684_800;
const YEAR_2100_SECONDS = 4_102_444_800;

/**
 * Nanoseconds from `originSeconds` to a time that is given in nanoseconds since the epoch, as a string
 * of digits or a number. Exact for strings within 104 days of the origin: a double holds no nanoseconds
 * since the epoch, but it holds those of a trace.
 *
 * @returns NaN for what is no such time
 */
export function nanosSince(originSeconds: number, time: unknown): number {
  if (typeof time === 'number') {
    return time >= 0 && time < MAX_NANOS ? time - originSeconds * 1e9 : NaN;
  }
  if (typeof time !== 'string' || time === '' || time.length > MAX_DIGITS) return NaN;
  const split = time.length - NANO_DIGITS;
  let seconds = 0;
  let nanos = 0;
  for (let at = 0; at < time.length; at += 1) {
    const digit = time.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return NaN;
    if (at < split) seconds = seconds * 10 + digit;
    else nanos = nanos * 10 + digit;
  }
  return (seconds - originSeconds) * 1e9 + nanos;
}

/**
 * A whole second since the epoch to count from, at most one away from a time in nanoseconds; NaN for
 * what is no such time.
 */
export function originFor(time: unknown): number {
  return Math.floor(nanosSince(0, time) / 1e9);
}

/**
 * Says what is odd about the start or the end of a span, which is a number of `unit` since the epoch: mostly it was
 * written in another unit.
 *
 * @returns undefined for times from the years 2000 to 2100
 */
export function oddityOf(
  what: 'start' | 'end',
  seconds: number,
  unit: 'nanoseconds' | 'microseconds',
): string | undefined {
  if (seconds >= YEAR_2000_SECONDS && seconds < YEAR_2100_SECONDS) return undefined;
  const value = seconds * (unit === 'nanoseconds' ? 1e9 : 1e6);
  const looksLike = UNITS.find(({ perSecond }) => {
    const inUnit = value / perSecond;
    return inUnit >= YEAR_2000_SECONDS && inUnit < YEAR_2100_SECONDS;
  });
  const year = seconds < YEAR_2000_SECONDS ? 'before the year 2000' : 'after the year 2100';
  const hint =
    looksLike === undefined
      ? `expected ${unit} since 1970`
      : `it looks like ${looksLike.name} where ${unit} were expected, so the durations may be wrong too`;
  return `the ${what} of a span is ${year}: ${hint}`;
}

const UNITS = [
  { name: 'seconds', perSecond: 1 },
  { name: 'milliseconds', perSecond: 1e3 },
  { name: 'microseconds', perSecond: 1e6 },
  { name: 'nanoseconds', perSecond: 1e9 },
] as const;
