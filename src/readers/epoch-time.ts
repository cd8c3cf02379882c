/** The digits of a nanosecond within its second. */
const NANO_DIGITS = 9;
/** Those of the largest 64-bit number. */
const MAX_DIGITS = 20;
const MAX_NANOS = 2 ** 64;

const YEAR_2000_SECONDS = 946_684_800;
const YEAR_2100_SECONDS = 4_102_444_800;
const PER_SECOND = { seconds: 1, milliseconds: 1e3, microseconds: 1e6, nanoseconds: 1e9 } as const;

/**
 * Returns the nanoseconds from `originSeconds` to a time in nanoseconds since the epoch, which is a
 * string of digits or a number; NaN for anything else. Exact for strings within 104 days of the origin:
 * a double cannot hold nanoseconds since the epoch, but it can hold those of a trace.
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

export interface TimeFormat {
  readonly unit: 'nanoseconds' | 'microseconds';
  /** Returns the nanoseconds from an origin to a time; NaN for what is no time. */
  readonly nanosSince: (originSeconds: number, time: unknown) => number;
}

/** Times as OTLP has them: nanoseconds, and 0 where a time is unknown. */
export const OTLP_TIME: TimeFormat = {
  unit: 'nanoseconds',
  nanosSince: (origin, time) => (time === 0 || time === '0' ? NaN : nanosSince(origin, time)),
};

export const JAEGER_TIME: TimeFormat = {
  unit: 'microseconds',
  nanosSince: (origin, micros) => ((micros as number) - origin * 1e6) * 1e3,
};

/** Reads microseconds, also from a text; NaN for what is no time. */
export function micros(value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number < MAX_NANOS ? number : NaN;
}

/** A whole second since the epoch, within one second of a time; NaN for what is no time. */
export function originFor(time: unknown, format: TimeFormat = OTLP_TIME): number {
  return Math.floor(format.nanosSince(0, time) / 1e9);
}

/**
 * Describes a time, in seconds since the epoch, that seems to have been written in another unit than
 * `unit`. Returns undefined for times from the years 2000 to 2100, and for NaN.
 */
export function oddityOf(
  what: 'start' | 'end',
  seconds: number,
  unit: TimeFormat['unit'],
): string | undefined {
  if (Number.isNaN(seconds) || isOfThisCentury(seconds)) return undefined;
  const value = seconds * PER_SECOND[unit];
  const found = Object.entries(PER_SECOND).find(([, per]) => isOfThisCentury(value / per));
  const year = seconds < YEAR_2000_SECONDS ? 'before the year 2000' : 'after the year 2100';
  const hint =
    found &&
    `it looks like ${found[0]} where ${unit} were expected, so the durations may be wrong too`;
  return `the ${what} of a span is ${year}: ${hint ?? `expected ${unit} since 1970`}`;
}

function isOfThisCentury(seconds: number): boolean {
  return seconds >= YEAR_2000_SECONDS && seconds < YEAR_2100_SECONDS;
}
