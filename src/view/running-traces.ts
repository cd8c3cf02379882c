import { Largest } from '../bounded.js';
import type { RunningTrace, RunningTraces } from '../page-data.js';
import type { CollectedTrace } from '../readers/collected-trace.js';
import { rowNameOf } from '../trace/row-names.js';

type Records = CollectedTrace['records'];

const MAX_LISTED = 20;

/**
 * Finds the traces whose local root has not come. Returns `undefined` if there is none.
 *
 * @param traces each with how many rounds ago it got its last span
 */
export function runningTracesOf(
  traces: Iterable<readonly [CollectedTrace, number]>,
  roundSeconds: number,
): RunningTraces | undefined {
  const longest = new Largest<RunningTrace>(MAX_LISTED, ({ seconds }) => seconds);
  let count = 0;
  for (const [{ records, traceId }, quietRounds] of traces) {
    const last = lastStepOf(records);
    if (last === undefined) continue;
    count += 1;
    const { service } = last;
    const name = stepName(last);
    // Their clock may be any, so that only differences count.
    const seconds = extentNanosOf(records) / 1e9 + quietRounds * roundSeconds;
    longest.offer({ traceId, name, service, seconds, spans: records.length });
  }
  return count === 0 ? undefined : { count, longest: longest.list() };
}

/** Returns the span that ended last of those whose parent is to come; `undefined` if a root is there, or no parent is. */
function lastStepOf(records: Records): Records[number] | undefined {
  const ids = new Set(records.map(({ spanId }) => spanId));
  let last: Records[number] | undefined;
  for (const record of records) {
    const { parentSpanId, parentIsRemote, endNanos } = record;
    if (parentSpanId === undefined) return undefined;
    if (parentIsRemote || ids.has(parentSpanId)) continue;
    if (last === undefined || endNanos > last.endNanos) last = record;
  }
  return last;
}

/** What its row is called. The operation of an attempt has not come: hotspan names attempts after theirs. */
function stepName(record: Records[number]): string {
  const name = rowNameOf(record);
  return record.facts.attempt === undefined ? name : name.replace(/ attempt$/, '');
}

/** Times that are not numbers do not count. */
function extentNanosOf(records: Records): number {
  let from = Infinity;
  let to = -Infinity;
  for (const { startNanos, endNanos } of records) {
    if (startNanos < from) from = startNanos;
    if (endNanos > to) to = endNanos;
  }
  return Math.max(to - from, 0);
}
