import type { HrTime } from '@opentelemetry/api';

/** How far the two clocks may drift apart before the monotonic one is set anew. */
const MAX_DRIFT_MILLIS = 10;

/** The monotonic clock's zero, in milliseconds since the epoch. */
let origin = performance.timeOrigin;

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
  // The system's clock was set, or the machine slept: spans of other sources follow it, so must ours.
  const drift = Date.now() - (origin + monotonic);
  if (Math.abs(drift) > MAX_DRIFT_MILLIS) origin += drift;
  return new MonotonicClock(origin, monotonic);
}

class MonotonicClock implements SpanClock {
  readonly #origin: number;
  readonly #startMillis: number;
  readonly start: HrTime;
  isHeld = false;
  #end: HrTime | undefined;

  constructor(originEpochMillis: number, startMillis: number) {
    this.#origin = originEpochMillis;
    this.#startMillis = startMillis;
    this.start = toHrTime(originEpochMillis + startMillis);
  }

  elapsedSeconds(): number {
    return (performance.now() - this.#startMillis) / 1000;
  }

  now(): HrTime {
    return toHrTime(this.#origin + performance.now());
  }

  stop(): void {
    this.#end ??= this.now();
  }

  end(): HrTime {
    return this.#end ?? this.now();
  }
}

function toHrTime(epochMillis: number): HrTime {
  const seconds = Math.trunc(epochMillis / 1000);
  const nanos = Math.round((epochMillis - seconds * 1000) * 1e6);
  return nanos < 1e9 ? [seconds, nanos] : [seconds + 1, 0];
}
