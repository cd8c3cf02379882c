import type { HrTime } from '@opentelemetry/api';
import { epochMillisOf, followSystemClock, MAX_DRIFT_MILLIS, readingOf } from '../clock.js';
import { scopeOf, type SdkSpan } from './sdk-span.js';

/** How far the end of a span may be from the call that reports it, to be taken for the same moment. */
const SAME_MILLIS = 0.1;

/** Private to the SDK, but the same in 2.x and 3.x. Where they are not there, hotspan reads the clock. */
interface SdkReading {
  readonly _startTimeProvided?: unknown;
  readonly _performanceStartTime?: unknown;
}

/**
 * Returns the reading of the monotonic clock that a start time was made from, by `segment` or by the SDK;
 * `undefined` if the caller set the time. To read the clock again would be a tenth of what a span costs.
 */
export function startReadingOf(span: SdkSpan): number | undefined {
  const reading = readingOf(span.startTime);
  if (reading !== undefined) return reading;
  const { _startTimeProvided, _performanceStartTime } = span as SdkReading;
  if (_startTimeProvided !== false || typeof _performanceStartTime !== 'number') return undefined;
  return isNear(span, _performanceStartTime) ? _performanceStartTime : undefined;
}

/** Spans of hotspan's own are precise, and reported at once. */
function isOwn(span: SdkSpan): boolean {
  return scopeOf(span) === 'hotspan';
}

/**
 * Returns when a span started that the SDK reports at `present`, on the monotonic clock. The SDK's own start time is `Date.now()`, floored to a millisecond. A start that is a whole
 * millisecond and just past is therefore taken for the present, which is known precisely: otherwise
 * a child would often seem to end after its parent. Any other was set by the caller, and stands.
 */
export function startOf(span: SdkSpan, present: number): number {
  if (isOwn(span)) return present;
  const isFloored = span.startTime[1] % 1e6 === 0;
  if (isFloored && isNear(span, present)) return present;
  followSystemClock();
  if (isFloored && isNear(span, present)) return present;
  return present - millisSince(span.startTime, present);
}

function isNear({ startTime }: SdkSpan, present: number): boolean {
  return Math.abs(millisSince(startTime, present)) <= MAX_DRIFT_MILLIS;
}

/**
 * Returns start and end of a span whose end the SDK reports at `present`, on the monotonic clock.
 *
 * The end is the start and the duration that the span reports, whose clock is monotonic; or the
 * present, when that is the same but for what the calls take, or but for the fraction of a
 * millisecond that `span.end(Date.now())` loses. A duration that would end after the present says
 * that the start was not the moment of the call after all: the span was written when it was over.
 *
 * @param isStamped `true` if the span started when the SDK reported it, not at a time of the caller's
 */
export function preciseInterval(
  { startTime, endTime }: SdkSpan,
  startMillis: number,
  isStamped: boolean,
  present: number,
): readonly [startMillis: number, endMillis: number] {
  const duration = (endTime[0] - startTime[0]) * 1e3 + (endTime[1] - startTime[1]) / 1e6;
  const end = startMillis + duration;
  if (isStamped && end > present + SAME_MILLIS) return [present - duration, present];
  if (isStamped && present - end <= SAME_MILLIS) return [startMillis, present];
  // When start and end are both floored, their difference is as right as it can be.
  const isStartPrecise = isStamped || startTime[1] % 1e6 !== 0;
  if (!isStartPrecise || endTime[1] % 1e6 !== 0) return [startMillis, end];
  followSystemClock();
  const lost = millisSince(endTime, present);
  return [startMillis, lost >= 0 && lost < 1 ? present : end];
}

/** An error of the clock that the analysis overlooks. */
const SHORT_MILLIS = 0.01;

/**
 * Returns the end of a span without a reading of the clock, where it is the one that {@link preciseInterval}
 * returns but for some microseconds; `undefined` elsewhere. The caller may have set the end to any time, but
 * not to one that is much later than the present, if it is hardly later than a moment that is past.
 *
 * @param pastMillis a moment that is past, on the monotonic clock
 */
export function endOfShort(
  { startTime, endTime }: SdkSpan,
  startMillis: number,
  pastMillis: number,
): number | undefined {
  const nanos = (endTime[0] - startTime[0]) * 1e9 + (endTime[1] - startTime[1]);
  const end = startMillis + nanos / 1e6;
  // A whole millisecond may have lost a fraction.
  const isPrecise = nanos >= 0 && endTime[1] % 1e6 !== 0;
  return isPrecise && end <= pastMillis + SHORT_MILLIS ? end : undefined;
}

function millisSince(time: HrTime, present: number): number {
  return epochMillisOf(present) - (time[0] * 1e3 + time[1] / 1e6);
}
