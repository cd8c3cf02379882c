import { formatSaving, formatSeconds, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { attemptsOf, isFurtherAttempt, operationsOf, spentOn } from './retried-operations.js';
import { ByRow, NANOS, type InsightRule } from './rule.js';
import { Shown } from './shown.js';

/** Operations that failed in the end although they were retried. */
const MIN_FAILED = 3;

class Retries extends Shown {
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
    looksAt: 'attempts',
    addTrace({ attempts }) {
      for (const operation of operationsOf(attempts)) {
        addOperation(rows.of(operation.operation), operation);
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
              'fails, and give up at once'
            : `and recovered ${plural(recovered, 'time')}: retries took ${formatSeconds(futileSeconds)} ` +
              `where they did not help, ${formatSeconds(usefulSeconds)} where they did. Give up sooner`;
        return {
          message:
            `${name} failed ${plural(failed, 'time')} despite retries ${helped}: saves up to ` +
            formatSaving(savingSeconds, savingUsd),
          evidence: { failed, recovered, futileSeconds, usefulSeconds },
          savingSeconds,
          savingUsd,
        };
      }),
  };
}

function addOperation(retries: Retries, operation: SpanNode): void {
  const further = attemptsOf(operation).filter(isFurtherAttempt);
  if (further.length === 0) return;
  const spent = spentOn(further, further, operation);
  if (operation.record.errorType === undefined) {
    retries.recovered += 1;
    retries.usefulNanos += spent.nanos;
    return;
  }
  retries.failed += 1;
  retries.show(operation);
  retries.futileNanos += spent.nanos;
  retries.futileCriticalNanos += spent.criticalNanos;
  retries.futileUsd += spent.usd;
}
