import type { HrTime } from '@opentelemetry/api';

/**
 * How far the system clock may be from the monotonic one before it is followed. A smaller difference is
 * no correction: the system clock shows whole milliseconds, and one clock is read after the other.
 */
export const MAX_DRIFT_MILLIS = 2;

const TIME_ORIGIN = performance.timeOrigin;
/** The zero of the monotonic clock, in milliseconds since the epoch, as the system clock has it now. */
let originEpochMillis = TIME_ORIGIN;

type StampedTime = HrTime & { monotonicMillis?: number };

export function epochMillisOf(monotonicMillis: number): number {
  return originEpochMillis + monotonicMillis;
}

/** Follows the system clock if it was set, or if the machine slept, as spans of other sources do. */
export function followSystemClock(): void {
  if (isNear(readOrigin(), originEpochMillis)) return;
  // A process that was held up between the two readings sees no drift at the next try.
  const origin = readOrigin();
  // The first origin is more precise than one that is made from whole milliseconds.
  if (isNear(origin, TIME_ORIGIN)) originEpochMillis = TIME_ORIGIN;
  else if (!isNear(origin, originEpochMillis)) originEpochMillis = origin;
}

function readOrigin(): number {
  return Date.now() - performance.now();
}

function isNear(millis: number, other: number): boolean {
  return Math.abs(millis - other) <= MAX_DRIFT_MILLIS;
}

/**
 * Makes the time of a span, which keeps the reading that it was made from: the processor gets the same
 * object, and need not read the clock again, which would be a tenth of what a span costs.
 */
export function stampTime(originMillis: number, monotonicMillis: number): HrTime {
  const epochMillis = originMillis + monotonicMillis;
  const seconds = Math.trunc(epochMillis / 1000);
  const nanos = Math.round((epochMillis - seconds * 1000) * 1e6);
  const time: StampedTime = nanos < 1e9 ? [seconds, nanos] : [seconds + 1, 0];
  time.monotonicMillis = monotonicMillis;
  return time;
}

export function readingOf(time: HrTime): number | undefined {
  return (time as StampedTime).monotonicMillis;
}
