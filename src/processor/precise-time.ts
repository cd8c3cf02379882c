import type { HrTime } from '@opentelemetry/api';
import { epochMillisOf, followSystemClock, MAX_DRIFT_MILLIS } from '../clock.js';
import type { SdkSpan } from './sdk-span.js';

/** How far the end of a span may be from the call that reports it, to be taken for the same moment. */
const SAME_MILLIS = 0.1;
/** Of hotspan's own spans; they are precise, and reported at once. */
const OWN_SCOPE = 'hotspan';

/** When a span started, on the monotonic clock. */
export interface PreciseStart {
  readonly monotonicMillis: number;
  /** Whether that is the moment at which the SDK reported it, and not a time that the caller set. */
  readonly isStamped: boolean;
}

/**
 * Whether a span that the SDK reports at this moment started at it, and not at a time that the caller
 * set.
 *
 * The SDK's own start time is `Date.now()`, floored to a millisecond. A start that is a whole
 * millisecond and just past is therefore taken for the present, which is known precisely: otherwise
 * a child would often seem to end after its parent. Any other was set by the caller, and stands.
 */
export function startsAt(span: SdkSpan, monotonicMillis: number): boolean {
  if (isOwn(span)) return true;
  if (span.startTime[1] % 1e6 !== 0) return false;
  if (isNear(span, monotonicMillis)) return true;
  followSystemClock();
  return isNear(span, monotonicMillis);
}

/** Whether a span was made by hotspan. */
export function isOwn(span: SdkSpan): boolean {
  return span.instrumentationScope?.name === OWN_SCOPE;
}

function isNear({ startTime }: SdkSpan, monotonicMillis: number): boolean {
  return Math.abs(epochMillisOf(monotonicMillis) - toMillis(startTime)) <= MAX_DRIFT_MILLIS;
}

/** When a span started that the SDK reports at this moment, if the caller set another; as above. */
export function startSetByCaller({ startTime }: SdkSpan, monotonicMillis: number): number {
  followSystemClock();
  return monotonicMillis - (epochMillisOf(monotonicMillis) - toMillis(startTime));
}

/** How long a span says that it took, in milliseconds. */
function durationMillis({ startTime, endTime }: SdkSpan): number {
  return (endTime[0] - startTime[0]) * 1e3 + (endTime[1] - startTime[1]) / 1e6;
}

/**
 * Start and end of a span whose end the SDK reports at `present`, on the monotonic clock, in
 * milliseconds.
 *
 * The end is the start and the duration that the span reports, whose clock is monotonic; or the
 * present, when that is the same but for what the calls take, or but for the fraction of a
 * millisecond that `span.end(Date.now())` loses. A duration that would end after the present says
 * that the start was not the moment of the call after all: the span was written when it was over.
 */
export function preciseInterval(
  span: SdkSpan,
  start: PreciseStart,
  present: number,
): readonly [startMillis: number, endMillis: number] {
  const duration = durationMillis(span);
  const end = start.monotonicMillis + duration;
  if (start.isStamped && end > present + SAME_MILLIS) return [present - duration, present];
  if (start.isStamped && present - end <= SAME_MILLIS) return [start.monotonicMillis, present];
  // When start and end are both floored, their difference is as right as it can be.
  const isStartPrecise = start.isStamped || span.startTime[1] % 1e6 !== 0;
  const isNow = isStartPrecise && span.endTime[1] % 1e6 === 0 && isFloor(span.endTime, present);
  return [start.monotonicMillis, isNow ? present : end];
}

/** Whether it is the present in whole milliseconds. */
function isFloor(time: HrTime, monotonicMillis: number): boolean {
  followSystemClock();
  const lost = epochMillisOf(monotonicMillis) - toMillis(time);
  return lost >= 0 && lost < 1;
}

function toMillis(time: HrTime): number {
  return time[0] * 1e3 + time[1] / 1e6;
}
