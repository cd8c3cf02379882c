import { formatSaving, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import { ByRow, NANOS, type InsightRule } from './rule.js';
import { Shown } from './shown.js';

/** Inputs that are remembered; the oldest is forgotten first. */
const MAX_REMEMBERED = 10_000;
const MIN_REPEATS = 2;

class Repeats extends Shown {
  /** Calls whose input is known. */
  calls = 0;
  repeats = 0;
  savedNanos = 0;
  savedUsd = 0;

  constructor(readonly id: number) {
    super();
  }
}

/** Finds LLM calls with one input: a cache would have saved all but the dearest. */
export function repeatedCalls(rowOf: RowOf): InsightRule {
  let nextId = 0;
  const rows = new ByRow(rowOf, () => new Repeats((nextId += 1)));
  /** The dearest of the calls of one row and input so far. */
  const remembered = new Map<string, { nanos: number; usd: number }>();
  return {
    looksAt: 'calls',
    addTrace({ calls }) {
      for (const call of calls) {
        const { record, used, criticalInsideNanos: nanos } = call;
        const { inputHash } = record.facts;
        const { inputTokens, costUsd: usd = 0 } = used ?? {};
        // A call that failed gave no answer that a cache could keep.
        if (inputHash === undefined || record.errorType !== undefined) continue;
        const row = rows.of(record);
        row.calls += 1;
        // Other numbers of tokens are other inputs: not all of them may be recorded.
        const key = `${row.id} ${inputHash} ${inputTokens ?? ''}`;
        const dearest = remembered.get(key);
        if (dearest === undefined) {
          remembered.set(key, { nanos, usd });
          const [oldest] = remembered.keys();
          if (remembered.size > MAX_REMEMBERED) remembered.delete(oldest!);
          continue;
        }
        row.repeats += 1;
        row.show(call);
        // So the sum without its largest part grows, in whatever order the parts come.
        row.savedNanos += Math.min(nanos, dearest.nanos);
        row.savedUsd += Math.min(usd, dearest.usd);
        dearest.nanos = Math.max(nanos, dearest.nanos);
        dearest.usd = Math.max(usd, dearest.usd);
      }
    },
    findings: () =>
      rows.findings('repeated-calls', ({ calls, repeats, savedNanos, savedUsd }, name) => {
        if (repeats < MIN_REPEATS) return undefined;
        const savingSeconds = savedNanos / NANOS;
        const savingUsd = savedUsd > 0 ? savedUsd : undefined;
        return {
          message:
            `${repeats} of ${plural(calls, 'call')} of ${name} repeated the input of an earlier one. ` +
            `Cache the answers: saves up to ${formatSaving(savingSeconds, savingUsd)}`,
          evidence: { calls, repeats },
          savingSeconds,
          savingUsd,
        };
      }),
  };
}
