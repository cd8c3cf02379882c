import type { HrTime } from '@opentelemetry/api';
import type { SdkSpan } from './sdk-span.js';

/** The SDK calls processors this soon after it read the clock, unless the machine is very busy. */
const NEAR_MILLIS = 2;
/** How far the end of a span may be from the call that reports it, to be taken for the same moment. */
const SAME_MILLIS = 0.1;
/** The monotonic clock's zero, in milliseconds since the epoch. */
const TIME_ORIGIN = performance.timeOrigin;
/** Of hotspan's own spans; they are precise, and reported at once. */
const OWN_SCOPE = 'hotspan';

/** The two clocks, read at the same moment. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly epochMillis: number;
  /** Milliseconds on the monotonic clock, with a fraction. */
  readonly monotonicMillis: number;
}

/** The present on both clocks; with a fraction on both, unless the system's clock was set since. */
export function readClocks(): Moment {
  const monotonicMillis = performance.now();
  const precise = TIME_ORIGIN + monotonicMillis;
  const system = Date.now();
  const epochMillis = Math.abs(precise - system) <= NEAR_MILLIS ? precise : system;
  return { epochMillis, monotonicMillis };
}

/** When a span started, on the monotonic clock. */
export interface PreciseStart {
  readonly monotonicMillis: number;
  /** Whether that is the moment at which the SDK reported it, and not a time that the caller set. */
  readonly isStamped: boolean;
}

/**
 * When a span started that the SDK reports `now`.
 *
 * The SDK's own start time is `Date.now()`, floored to a millisecond. A start that is a whole
 * millisecond and just past is therefore taken for the present, which is known precisely: otherwise
 * a child would often seem to end after its parent. Any other was set by the caller, and stands.
 */
export function preciseStart(span: SdkSpan, now: Moment): PreciseStart {
  const ago = now.epochMillis - toMillis(span.startTime);
  const bySdk = span.startTime[1] % 1e6 === 0 && Math.abs(ago) <= NEAR_MILLIS;
  const isStamped = bySdk || span.instrumentationScope?.name === OWN_SCOPE;
  const monotonicMillis = isStamped ? now.monotonicMillis : now.monotonicMillis - ago;
  return { monotonicMillis, isStamped };
}

/**
 * Start and end of a span whose end the SDK reports `now`, on the monotonic clock, in milliseconds.
 *
 * The end is the start and the duration that the span reports, whose clock is monotonic; or the
 * present, when that is the same but for what the calls take, or but for the fraction of a
 * millisecond that `span.end(Date.now())` loses. A duration that would end after the present says
 * that the start was not the moment of the call after all: the span was written when it was over.
 */
export function preciseInterval(
  span: SdkSpan,
  start: PreciseStart,
  now: Moment,
): readonly [startMillis: number, endMillis: number] {
  const present = now.monotonicMillis;
  const duration = toMillis(span.endTime) - toMillis(span.startTime);
  const end = start.monotonicMillis + duration;
  if (start.isStamped && end > present + SAME_MILLIS) return [present - duration, present];
  const lost = now.epochMillis - toMillis(span.endTime);
  // When start and end are both floored, their difference is as right as it can be.
  const isStartPrecise = start.isStamped || span.startTime[1] % 1e6 !== 0;
  const isFloored = isStartPrecise && span.endTime[1] % 1e6 === 0 && lost >= 0 && lost < 1;
  const isNow = isFloored || (start.isStamped && present - end <= SAME_MILLIS);
  return [start.monotonicMillis, isNow ? present : end];
}

function toMillis(time: HrTime): number {
  return time[0] * 1e3 + time[1] / 1e6;
}
