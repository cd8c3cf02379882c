import type { HrTime } from '@opentelemetry/api';

/**
 * The SDK's own start time is `Date.now()`, floored to a millisecond. A reported time this close to
 * the moment of the call is therefore taken to be that moment, which is known precisely; any other
 * was set by the caller, and stands.
 */
const NEAR_MILLIS = 2;

/** The two clocks, read at the same moment. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly epochMillis: number;
  /** Milliseconds on the monotonic clock, with a fraction. */
  readonly monotonicMillis: number;
}

/** The present on both clocks. */
export function readClocks(): Moment {
  return { epochMillis: Date.now(), monotonicMillis: performance.now() };
}

/**
 * The time that the SDK reported in a call made at `now`, in nanoseconds relative to `origin`.
 * Monotonic where the SDK stamped the span itself, so that clock corrections and floored start times
 * do not make a child seem to end after its parent.
 */
export function preciseNanos(reported: HrTime, now: Moment, origin: Moment): number {
  const reportedMillis = reported[0] * 1e3 + reported[1] / 1e6;
  if (Math.abs(reportedMillis - now.epochMillis) <= NEAR_MILLIS) {
    return Math.round((now.monotonicMillis - origin.monotonicMillis) * 1e6);
  }
  return Math.round((reportedMillis - origin.epochMillis) * 1e6);
}
