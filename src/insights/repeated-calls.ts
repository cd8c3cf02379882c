import { formatSaving, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import { ByRow, type InsightRule } from './rule.js';

/** Inputs that are remembered; the oldest is forgotten first. */
const MAX_REMEMBERED = 10_000;
const MIN_REPEATS = 2;
const NANOS = 1e9;

interface Repeats {
  readonly id: number;
  /** Calls whose input is known. */
  calls: number;
  repeats: number;
  savedNanos: number;
  savedUsd: number;
}

/** The dearest of the calls with one input so far. */
interface Dearest {
  nanos: number;
  usd: number;
}

/**
 * Finds LLM calls that asked what an earlier one had asked. Of the calls with one input, a cache would
 * have saved all but the dearest.
 */
export function repeatedCalls(rowOf: RowOf): InsightRule {
  let nextId = 0;
  const newRepeats = (): Repeats => ({
    id: (nextId += 1),
    calls: 0,
    repeats: 0,
    savedNanos: 0,
    savedUsd: 0,
  });
  const rows = new ByRow(rowOf, newRepeats);
  /** By row and input. */
  const remembered = new Map<string, Dearest>();
  return {
    addTrace(trace) {
      for (const { record, criticalInsideNanos: nanos } of trace.modelCalls()) {
        const { inputHash, costUsd: usd = 0 } = record.facts;
        // A call that failed gave no answer that a cache could keep.
        if (inputHash === undefined || record.errorType !== undefined) continue;
        const row = rows.of(record);
        row.calls += 1;
        const key = `${row.id} ${inputHash}`;
        const dearest = remembered.get(key);
        if (dearest === undefined) {
          remembered.set(key, { nanos, usd });
          if (remembered.size > MAX_REMEMBERED) remembered.delete(firstKey(remembered));
          continue;
        }
        row.repeats += 1;
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
            `A cache saves up to ${formatSaving(savingSeconds, savingUsd)}`,
          evidence: { calls, repeats },
          savingSeconds,
          savingUsd,
        };
      }),
  };
}

function firstKey(map: ReadonlyMap<string, unknown>): string {
  const [key] = map.keys();
  return key!;
}
