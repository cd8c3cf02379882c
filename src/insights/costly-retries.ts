import { formatSaving, formatSeconds, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { ByRow, NANOS, type InsightRule } from './rule.js';

/** Operations that failed in the end although they were retried. */
const MIN_FAILED = 3;

class Retries {
  recovered = 0;
  failed = 0;
  /** In further attempts and the waits before them, where they led to a success. */
  usefulNanos = 0;
  /** Where they did not. */
  futileNanos = 0;
  futileCriticalNanos = 0;
  futileUsd = 0;
}

/** Finds operations that were retried and failed all the same. */
export function costlyRetries(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Retries());
  return {
    addTrace({ attempts }) {
      if (attempts.length === 0) return;
      const retried = attempts.filter(isFurtherAttempt).map(({ parent }) => parent);
      for (const operation of new Set(retried)) {
        if (operation !== undefined) addOperation(rows.of(operation.operation), operation);
      }
    },
    findings: () =>
      rows.findings('costly-retries', (retries, name) => {
        const { failed, recovered } = retries;
        if (failed < MIN_FAILED || retries.futileNanos <= retries.usefulNanos) return undefined;
        const futileSeconds = retries.futileNanos / NANOS;
        const usefulSeconds = retries.usefulNanos / NANOS;
        const savingSeconds = retries.futileCriticalNanos / NANOS;
        const savingUsd = retries.futileUsd > 0 ? retries.futileUsd : undefined;
        const helped =
          recovered === 0
            ? `and its retries never helped: they took ${formatSeconds(futileSeconds)}. Find out why it ` +
              'fails, and do not retry what fails again: giving up at once'
            : `and recovered ${plural(recovered, 'time')}: retries took ${formatSeconds(futileSeconds)} ` +
              `where they did not help, ${formatSeconds(usefulSeconds)} where they did. Giving up sooner`;
        return {
          message:
            `${name} failed ${plural(failed, 'time')} despite retries ${helped} saves up to ` +
            formatSaving(savingSeconds, savingUsd),
          evidence: { failed, recovered, futileSeconds, usefulSeconds },
          savingSeconds,
          savingUsd,
        };
      }),
  };
}

function isFurtherAttempt({ record, stillRunning }: SpanNode): boolean {
  return !stillRunning && (record.facts.attempt?.number ?? 0) > 1;
}

function addOperation(retries: Retries, operation: SpanNode): void {
  const further = operation.children.filter(isFurtherAttempt);
  // An operation that its caller gave up says nothing of retries.
  const isAborted = further.some(({ record }) => record.facts.attempt?.outcome === 'aborted');
  if (operation.stillRunning || isAborted) return;
  let nanos = 0;
  let critical = 0;
  let waited = 0;
  let usd = 0;
  for (const { record, criticalInsideNanos } of further) {
    nanos += record.endNanos - record.startNanos;
    critical += criticalInsideNanos;
    waited += (record.facts.attempt?.backoffSeconds ?? 0) * NANOS;
    usd += record.facts.costUsd ?? 0;
  }
  if (operation.record.errorType === undefined) {
    retries.recovered += 1;
    retries.usefulNanos += nanos + waited;
    return;
  }
  retries.failed += 1;
  retries.futileNanos += nanos + waited;
  // The waits are the operation's own time.
  retries.futileCriticalNanos += critical + Math.min(waited, operation.criticalNanos);
  retries.futileUsd += usd;
}
