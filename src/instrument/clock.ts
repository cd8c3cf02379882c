import type { HrTime } from '@opentelemetry/api';
import { epochMillisOf, followSystemClock, stampTime } from '../clock.js';

/** How long the clocks are taken to agree after a check, which costs as much as all else here. */
const CHECK_MILLIS = 10;

let checkedMillis = -Infinity;

export function startClock(): SpanClock {
  const startMillis = performance.now();
  if (Math.abs(startMillis - checkedMillis) > CHECK_MILLIS) {
    checkedMillis = startMillis;
    followSystemClock();
  }
  return new SpanClock(startMillis);
}

/**
 * Start and end of one span. The SDK floors its own start time to a millisecond, so that a child often
 * seems to end after its parent. A correction of the system clock does not move them apart.
 */
export class SpanClock {
  readonly #originMillis = epochMillisOf(0);
  #end: HrTime | undefined = undefined;
  readonly start: HrTime;
  isHeld = false;

  constructor(private readonly startMillis: number) {
    this.start = stampTime(this.#originMillis, startMillis);
  }

  elapsedSeconds(): number {
    return (performance.now() - this.startMillis) / 1000;
  }

  /** Until the end, or until now. */
  lengthSeconds(): number {
    const [seconds, nanos] = this.end();
    return seconds - this.start[0] + (nanos - this.start[1]) / 1e9;
  }

  now(): HrTime {
    return stampTime(this.#originMillis, performance.now());
  }

  /** Takes the present, or an earlier reading, for the end of the span, whatever has still to be done before it can end. */
  stop(millis = performance.now()): void {
    this.#end ??= stampTime(this.#originMillis, millis);
  }

  end(): HrTime {
    return this.#end ?? this.now();
  }
}
