import { formatCount, formatSeconds } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import { ByRow, NANOS, quoted, type InsightRule } from './rule.js';
import { Shown } from './shown.js';
import { titleOf } from './titles.js';

const MIN_CALLS = 3;
/** Of the time of the streams. */
const MIN_READER_SHARE = 0.2;
/** The rows that models wait for are few. */
const MAX_NAMES = 8;

class Streams extends Shown {
  calls = 0;
  allNanos = 0;
  readerNanos = 0;
  /** What would be gone if model and reader worked side by side. */
  overlapNanos = 0;
  readonly byName = new Map<string, number>();

  addWork(name: string, nanos: number): void {
    if (this.byName.size >= MAX_NAMES && !this.byName.has(name)) return;
    this.byName.set(name, (this.byName.get(name) ?? 0) + nanos);
  }
}

/** Finds streamed LLM calls whose model waits for the code that reads them. */
export function slowReader(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Streams());
  return {
    looksAt: 'calls',
    addTrace({ calls, tree }) {
      if (tree.streams === undefined) return;
      for (const call of calls) {
        const { record } = call;
        const { turnsNanos } = record.facts.stream ?? {};
        if (turnsNanos === undefined) continue;
        let readerNanos = 0;
        let sourceNanos = 0;
        turnsNanos.forEach((nanos, at) => {
          if (at % 2 === 1) readerNanos += nanos;
          else if (at > 0) sourceNanos += nanos;
        });
        const row = rows.of(record);
        row.calls += 1;
        row.show(call);
        row.allNanos += record.endNanos - record.startNanos;
        row.readerNanos += readerNanos;
        row.overlapNanos += Math.min(readerNanos, sourceNanos);
      }
      for (const { waiting, cause, nanos } of tree.streamWaits ?? []) {
        const { operation } = waiting;
        const isOfCall = operation.facts.llmCall !== undefined && cause.operation !== operation;
        if (isOfCall) rows.of(operation).addWork(rowOf(cause.operation).name, nanos);
      }
    },
    findings: () =>
      rows.findings(
        'slow-reader',
        ({ calls, allNanos, readerNanos, overlapNanos, byName }, name, row) => {
          if (calls < MIN_CALLS || readerNanos < MIN_READER_SHARE * allNanos) return undefined;
          const readerSeconds = readerNanos / NANOS;
          const savingSeconds = overlapNanos / NANOS;
          const [worker] = [...byName].sort(([, a], [, b]) => b - a);
          const isAhead = overlapNanos < 0.1 * readerNanos;
          const work = worker === undefined ? 'what its reader does' : quoted(worker[0]);
          return {
            message:
              `${formatCount(calls)} streams of ${name} waited ${formatSeconds(readerSeconds)} for their reader` +
              `${worker === undefined ? '' : `, most of it for ${work}`}. ` +
              (isAhead
                ? `The items are there before they are asked for: make ${work} faster, or do it for several items at a time`
                : 'Read the next item while this one is handled: ' +
                  `saves up to ${formatSeconds(savingSeconds)}`),
            ...(isAhead ? { title: titleOf('slow-reader: always behind', row.name) } : {}),
            evidence: { calls, readerSeconds, streamSeconds: allNanos / NANOS },
            ...(isAhead ? { atStakeSeconds: readerSeconds } : { savingSeconds }),
          };
        },
      ),
  };
}
