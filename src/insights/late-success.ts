import { formatCount, formatSaving, formatSeconds, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { attemptsOf, isFurtherAttempt, operationsOf, spentOn } from './retried-operations.js';
import { ByRow, NANOS, type InsightRule } from './rule.js';
import { Shown } from './shown.js';
import { titleOf } from './titles.js';

/** Operations that worked when they were tried again, and their share of all. */
const MIN_RECOVERED = 8;
const MIN_SHARE = 0.3;
/** Of what made attempts fail, so much is of one kind. */
const MOST = 0.5;
const LIMITED = /429|rate.?limit|too.?many|throttl|quota|overload|exhausted/i;

class Recovered extends Shown {
  operations = 0;
  recovered = 0;
  /** Attempts that failed before the one that worked. */
  failures = 0;
  limited = 0;
  timeouts = 0;
  nanos = 0;
  criticalNanos = 0;
  usd = 0;
}

/** Finds operations that often work only when they are tried again. */
export function lateSuccess(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Recovered());
  return {
    looksAt: 'attempts',
    addTrace({ attempts }) {
      for (const operation of operationsOf(attempts)) {
        addOperation(rows.of(operation.operation), operation);
      }
    },
    findings: () =>
      rows.findings('costly-retries', (found, name, row) => {
        const { operations, recovered, failures } = found;
        if (recovered < MIN_RECOVERED || recovered < MIN_SHARE * operations) return undefined;
        const failedSeconds = found.nanos / NANOS;
        const savingSeconds = found.criticalNanos / NANOS;
        const savingUsd = found.usd > 0 ? found.usd : undefined;
        return {
          message:
            `${name} worked only when it was tried again in ${formatCount(recovered)} of ` +
            `${plural(operations, 'call')}, after ${plural(failures, 'failure')}. ${adviceOn(found)}: saves up ` +
            `to ${formatSaving(savingSeconds, savingUsd)}`,
          title: titleOf('costly-retries: late success', row.name),
          evidence: { operations, recovered, failures, failedSeconds },
          savingSeconds,
          savingUsd,
        };
      }),
  };
}

function adviceOn({ recovered, failures, limited, timeouts, nanos }: Recovered): string {
  if (limited >= MOST * failures) {
    return 'The errors tell of too many calls: send fewer at a time, or spread them';
  }
  if (timeouts >= MOST * failures) return 'Most attempts timed out: allow them more time';
  if (failures < 1.5 * recovered) return 'Find out why the first attempt fails';
  const wait = formatSeconds(nanos / NANOS / recovered);
  return `Find out why, or wait ${wait} before the first retry`;
}

function addOperation(found: Recovered, operation: SpanNode): void {
  const attempts = attemptsOf(operation);
  const failed = attempts.slice(0, -1);
  found.operations += 1;
  if (failed.length === 0 || operation.record.errorType !== undefined) return;
  const { nanos, criticalNanos, usd } = spentOn(
    failed,
    attempts.filter(isFurtherAttempt),
    operation,
  );
  found.recovered += 1;
  found.show(operation);
  found.nanos += nanos;
  found.criticalNanos += criticalNanos;
  found.usd += usd;
  for (const { record } of failed) {
    found.failures += 1;
    if (LIMITED.test(record.errorType ?? '')) found.limited += 1;
    else if (record.facts.attempt?.outcome === 'timeout') found.timeouts += 1;
  }
}
