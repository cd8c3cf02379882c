import { Quantiles } from '../durations.js';
import { formatSeconds, plural } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { attemptsOf, spentOn } from './retried-operations.js';
import { ByRow, NANOS, type InsightRule } from './rule.js';
import { Shown } from './shown.js';
import { titleOf } from './titles.js';

/** Attempts that succeeded: with fewer nobody knows what is usual. Below 100 their p99 is the longest. */
const MIN_SUCCESSES = 20;
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
/** So many times a timeout that is too short is worth a try. */
const ENOUGH = 2;

class Attempts extends Shown {
  timeoutSeconds = 0;
  count = 0;
  timeouts = 0;
  /** Of those that took all the time they had. */
  timedOutNanos = 0;
  timedOutCriticalNanos = 0;
  /** Of what operations did after their first attempt that was cut off: further attempts, and the waits before them. */
  afterCriticalNanos = 0;
  readonly succeeded = new Quantiles();
}

/** Finds timeouts that are far longer than a success needs, or that cut off what might have succeeded. */
export function timeout(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Attempts());
  return {
    looksAt: 'attempts',
    addTrace({ attempts: ended }) {
      const cutOff = new Set<SpanNode>();
      for (const attempt of ended) {
        const { record, operation, criticalInsideNanos } = attempt;
        const { timeoutSeconds = 0, outcome } = record.facts.attempt ?? {};
        // An attempt without a known limit, or that its caller gave up, tells nothing.
        if (timeoutSeconds === 0 || outcome === 'aborted') continue;
        const attempts = rows.of(operation, timeoutSeconds);
        const nanos = record.endNanos - record.startNanos;
        attempts.timeoutSeconds = timeoutSeconds;
        attempts.count += 1;
        if (outcome === 'success') attempts.succeeded.add(nanos);
        if (outcome !== 'timeout') continue;
        attempts.timeouts += 1;
        attempts.show(attempt);
        attempts.timedOutNanos += nanos;
        attempts.timedOutCriticalNanos += criticalInsideNanos;
        const { parent } = attempt;
        if (parent === undefined || cutOff.has(parent)) continue;
        cutOff.add(parent);
        attempts.afterCriticalNanos += criticalAfterFirst(parent);
      }
    },
    findings: () =>
      rows.findings(
        'timeout',
        (attempts, name, row) => tooLong(attempts, name) ?? tooShort(attempts, name, row),
      ),
  };
}

/** The operation's critical time after its first attempt that timed out: had that gone on and worked, none of it. */
function criticalAfterFirst(operation: SpanNode): number {
  const all = attemptsOf(operation);
  const first = all.findIndex(({ record }) => record.facts.attempt?.outcome === 'timeout');
  const after = all.slice(first + 1);
  return spentOn(after, after, operation).criticalNanos;
}

function tooLong(attempts: Attempts, name: string) {
  const { timeoutSeconds, count, timeouts, timedOutCriticalNanos, succeeded } = attempts;
  if (timeouts === 0 || succeeded.count < MIN_SUCCESSES) return undefined;
  const p99Seconds = succeeded.at(0.99) / NANOS;
  if (timeoutSeconds < FAR_ABOVE * p99Seconds) return undefined;
  // Nothing that succeeded would have been cut off.
  const enoughSeconds = Math.max(GENEROUS * p99Seconds, succeeded.max / NANOS);
  const saved = Math.max(0, timedOutCriticalNanos / NANOS - timeouts * enoughSeconds);
  return {
    message:
      `${plural(timeouts, 'attempt')} of ${name} hung until the timeout of ` +
      `${formatSeconds(timeoutSeconds)}, far above the p99 of successful attempts ` +
      `(${formatSeconds(p99Seconds)}). Set a timeout of ${formatSeconds(enoughSeconds)}: saves up to ` +
      formatSeconds(saved),
    evidence: { timeoutSeconds, attempts: count, timeouts, p99Seconds, enoughSeconds },
    savingSeconds: saved,
  };
}

function tooShort(attempts: Attempts, name: string, row: RowName) {
  const { timeoutSeconds, timeouts, count, timedOutNanos, timedOutCriticalNanos } = attempts;
  const { afterCriticalNanos } = attempts;
  if (count < MIN_ATTEMPTS || timeouts < MIN_TIMEOUTS) return undefined;
  if (timeouts <= MAX_TIMEOUT_SHARE * count) return undefined;
  const p95Seconds = attempts.succeeded.at(0.95) / NANOS;
  if (p95Seconds < NEAR * timeoutSeconds) return undefined;
  const timedOutSeconds = timedOutNanos / NANOS;
  const savingSeconds = afterCriticalNanos / NANOS;
  const saved =
    savingSeconds > 0
      ? `, and what was tried after them: up to ${formatSeconds(savingSeconds)} of waiting can be saved`
      : '';
  return {
    message:
      `The timeout of ${formatSeconds(timeoutSeconds)} cut off ${timeouts} of ` +
      `${plural(count, 'attempt')} of ${name}, and successful attempts came near it (p95 ` +
      `${formatSeconds(p95Seconds)}). Allow more time, such as ${formatSeconds(ENOUGH * timeoutSeconds)}. The ` +
      `attempts that it cut off took ${formatSeconds(timedOutSeconds)}${saved}`,
    title: titleOf('timeout: too short', row.name),
    evidence: { timeoutSeconds, attempts: count, timeouts, p95Seconds, timedOutSeconds },
    atStakeSeconds: timedOutCriticalNanos / NANOS,
    ...(savingSeconds > 0 ? { savingSeconds } : {}),
  };
}
