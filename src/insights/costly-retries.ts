import { formatSeconds, plural, formatSaving } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { BySegment, quoted, type Finding, type InsightSource } from './finding.js';

/** Operations that failed in the end although they were retried. */
const MIN_FAILED = 3;
const NANOS = 1e9;

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

/** Operations that were retried and failed all the same. */
export class CostlyRetries implements InsightSource {
  readonly #segments: BySegment<Retries>;

  constructor(rowOf: RowOf) {
    this.#segments = new BySegment(rowOf, () => new Retries());
  }

  /** Adds an operation with its attempts among its children. */
  add(operation: SpanNode): void {
    const further = operation.children.filter(
      ({ record, stillRunning }) => !stillRunning && (record.facts.attempt?.number ?? 0) > 1,
    );
    // What its caller gave up says nothing of retries.
    if (further.length === 0 || further.some(isAborted) || operation.stillRunning) return;
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
    const retries = this.#segments.of(operation.operation);
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

  /** One for each segment with enough to tell of. */
  findings(): Finding[] {
    return this.#segments
      .list()
      .filter(({ state }) => state.failed >= MIN_FAILED && state.futileNanos > state.usefulNanos)
      .map(({ segment, service, state }) => {
        const seconds = state.futileCriticalNanos / NANOS;
        const usd = state.futileUsd > 0 ? state.futileUsd : undefined;
        const futile = formatSeconds(state.futileNanos / NANOS);
        const useful = formatSeconds(state.usefulNanos / NANOS);
        return {
          kind: 'costly-retries',
          segment,
          service,
          message:
            `${quoted(segment)} failed ${plural(state.failed, 'time')} although it was retried, and ` +
            `recovered ${plural(state.recovered, 'time')}: retries took ${futile} where they did not ` +
            `help, ${useful} where they did; without the former up to ${formatSaving(seconds, usd)} would ` +
            `have been saved`,
          evidence: {
            failed: state.failed,
            recovered: state.recovered,
            futileSeconds: state.futileNanos / NANOS,
            usefulSeconds: state.usefulNanos / NANOS,
          },
          savingSeconds: seconds,
          ...(usd === undefined ? {} : { savingUsd: usd }),
        };
      });
  }
}

function isAborted({ record }: SpanNode): boolean {
  return record.facts.attempt?.outcome === 'aborted';
}
