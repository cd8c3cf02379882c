import type { HrTime } from '@opentelemetry/api';
import { rememberReading } from '../clock-reading.js';

/** How far the two clocks may drift apart before the monotonic one is set anew. */
const MAX_DRIFT_MILLIS = 10;

/** How long the clocks are taken to agree when they did: to read both costs as much as all else here. */
const CHECK_MILLIS = 10;

/** The monotonic clock's zero, in milliseconds since the epoch. */
let origin = performance.timeOrigin;
let checkedMillis = -Infinity;

/**
 * Start and end of one span, more precise than the SDK's own start time, which is floored to a
 * millisecond: with it a child often seems to end after its parent.
 */
export interface SpanClock {
  readonly start: HrTime;
  /** Whether the span is to stay open when its work is done. */
  isHeld: boolean;
  /** Since the start. */
  elapsedSeconds(): number;
  /** The present, never before `start` and never moved by a correction of the system's clock. */
  now(): HrTime;
  /** Takes the present for the end of the span, whatever is still to be done before it can end. */
  stop(): void;
  /** When {@link stop} was called; else the present. */
  end(): HrTime;
}

/** Reads the start of a span. */
export function startClock(): SpanClock {
  const monotonic = performance.now();
  if (Math.abs(monotonic - checkedMillis) > CHECK_MILLIS) followSystemClock(monotonic);
  return new MonotonicClock(origin, monotonic);
}

/** When it was set, or the machine slept: spans of other sources follow it, so must ours. */
function followSystemClock(monotonic: number): void {
  checkedMillis = monotonic;
  const drift = Date.now() - (origin + monotonic);
  if (Math.abs(drift) > MAX_DRIFT_MILLIS) origin += drift;
}

class MonotonicClock implements SpanClock {
  readonly #origin: number;
  readonly #startMillis: number;
  readonly start: HrTime;
  isHeld = false;
  #end: HrTime | undefined = undefined;

  constructor(originEpochMillis: number, startMillis: number) {
    this.#origin = originEpochMillis;
    this.#startMillis = startMillis;
    this.start = toHrTime(originEpochMillis, startMillis);
  }

  elapsedSeconds(): number {
    return (performance.now() - this.#startMillis) / 1000;
  }

  now(): HrTime {
    return toHrTime(this.#origin, performance.now());
  }

  stop(): void {
    this.#end ??= this.now();
  }

  end(): HrTime {
    return this.#end ?? this.now();
  }
}

function toHrTime(originEpochMillis: number, monotonicMillis: number): HrTime {
  const epochMillis = originEpochMillis + monotonicMillis;
  const seconds = Math.trunc(epochMillis / 1000);
  const nanos = Math.round((epochMillis - seconds * 1000) * 1e6);
  const time: HrTime = nanos < 1e9 ? [seconds, nanos] : [seconds + 1, 0];
  rememberReading(time, monotonicMillis);
  return time;
}
