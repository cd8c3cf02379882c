import { formatSeconds, plural } from '../format.js';
import { Quantiles } from '../durations.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { BySegment, quoted, type Finding, type InsightSource } from './finding.js';

/** Attempts that succeeded: with fewer p99 is not known. */
const MIN_SUCCESSES = 50;
/** The timeout is at least so many times p99 to be far above it. */
const FAR_ABOVE = 10;
/** So many times p99 would still be generous. */
const GENEROUS = 3;
/** Attempts in all, timeouts among them, and their share, for a timeout that is too short. */
const MIN_ATTEMPTS = 20;
const MIN_TIMEOUTS = 3;
const MAX_TIMEOUT_SHARE = 0.05;
/** p95 of those that succeeded is at least this share of the timeout: others were cut off near their end. */
const NEAR = 0.5;
const NANOS = 1e9;

class Attempts {
  timeoutSeconds = 0;
  count = 0;
  timeouts = 0;
  /** Of those that took all the time they had. */
  timedOutNanos = 0;
  timedOutCriticalNanos = 0;
  readonly succeeded = new Quantiles();
}

/** Timeouts that are far longer than what succeeds needs, or cut off what might have succeeded. */
export class Timeouts implements InsightSource {
  readonly #segments: BySegment<Attempts>;

  constructor(rowOf: RowOf) {
    this.#segments = new BySegment(rowOf, () => new Attempts());
  }

  /** Adds an attempt. One without a known limit, or that its caller gave up, tells nothing. */
  add({ record, operation, criticalInsideNanos }: SpanNode): void {
    const { timeoutSeconds = 0, outcome } = record.facts.attempt ?? {};
    if (timeoutSeconds === 0 || outcome === 'aborted') return;
    const attempts = this.#segments.of(operation, timeoutSeconds);
    attempts.timeoutSeconds = timeoutSeconds;
    attempts.count += 1;
    const nanos = record.endNanos - record.startNanos;
    if (outcome === 'success') attempts.succeeded.add(nanos);
    if (outcome !== 'timeout') return;
    attempts.timeouts += 1;
    attempts.timedOutNanos += nanos;
    attempts.timedOutCriticalNanos += criticalInsideNanos;
  }

  /** One for each segment and timeout with enough to tell of. */
  findings(): Finding[] {
    return this.#segments.list().flatMap(({ segment, service, state }) => {
      const about = { kind: 'timeout', segment, service } as const;
      return tooLong(about, state) ?? tooShort(about, state) ?? [];
    });
  }
}

type About = Pick<Finding, 'kind' | 'segment' | 'service'>;

function tooLong(about: About, attempts: Attempts): Finding | undefined {
  const { timeoutSeconds, timeouts, timedOutCriticalNanos, succeeded } = attempts;
  if (timeouts === 0 || succeeded.count < MIN_SUCCESSES) return undefined;
  const p99Seconds = succeeded.at(0.99) / NANOS;
  if (timeoutSeconds < FAR_ABOVE * p99Seconds) return undefined;
  // Nothing that succeeded would have been cut off.
  const enoughSeconds = Math.max(GENEROUS * p99Seconds, succeeded.max / NANOS);
  const saved = Math.max(0, timedOutCriticalNanos / NANOS - timeouts * enoughSeconds);
  return {
    ...about,
    message:
      `${plural(timeouts, 'attempt')} of ${quoted(about.segment)} hung until the timeout of ` +
      `${formatSeconds(timeoutSeconds)}, far above the p99 of those that succeeded ` +
      `(${formatSeconds(p99Seconds)}): one of ${formatSeconds(enoughSeconds)} would have ended them ` +
      `${formatSeconds(saved)} earlier`,
    evidence: { ...figures(attempts), p99Seconds, enoughSeconds },
    savingSeconds: saved,
  };
}

function tooShort(about: About, attempts: Attempts): Finding | undefined {
  const { timeoutSeconds, timeouts, count, timedOutNanos, timedOutCriticalNanos } = attempts;
  if (count < MIN_ATTEMPTS || timeouts < MIN_TIMEOUTS) return undefined;
  if (timeouts <= MAX_TIMEOUT_SHARE * count) return undefined;
  const p95Seconds = attempts.succeeded.at(0.95) / NANOS;
  if (p95Seconds < NEAR * timeoutSeconds) return undefined;
  return {
    ...about,
    message:
      `${timeouts} of ${plural(count, 'attempt')} of ${quoted(about.segment)} were cut off by the ` +
      `timeout of ${formatSeconds(timeoutSeconds)}, and those that succeeded came near it (p95 ` +
      `${formatSeconds(p95Seconds)}): it is below the p95 of what they need. ` +
      `${formatSeconds(timedOutNanos / NANOS)} went into attempts that were cut off`,
    evidence: { ...figures(attempts), p95Seconds, timedOutSeconds: timedOutNanos / NANOS },
    atStakeSeconds: timedOutCriticalNanos / NANOS,
  };
}

function figures({ timeoutSeconds, count, timeouts }: Attempts) {
  return { timeoutSeconds, attempts: count, timeouts };
}
