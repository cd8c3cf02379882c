import { Quantiles } from '../durations.js';
import { formatCount, formatSeconds, plural } from '../format.js';
import type { Bottleneck } from '../summary.js';
import { keyOfRow, type RowName, type RowOf } from '../trace/row-names.js';
import { FirstTraces, type ColdTraces } from './first-traces.js';
import type { Finding, Totals } from './finding.js';
import { ByRow, NANOS, quoted, type InsightRule } from './rule.js';
import { titleOf } from './titles.js';

/** Calls of a row when all is warm. */
const MIN_WARM = 10;
/** The cold traces take so many times as long as others, of which the row is such a share. */
const MIN_SLOWER = 2;
const MIN_SHARE_OF_TRACE = 0.3;
/** A program that has just begun runs its code slowly: less is not worth a word. */
const MIN_SECONDS = 0.1;
/** No other call took more than this share of the first one's time. */
const MAX_OTHER = 0.5;

/** Finds what the first traces of a process wait for, and no others. */
export function coldStart(rowOf: RowOf): InsightRule {
  const entryPoints = new ByRow(rowOf, () => new FirstTraces());
  return {
    addEvery({ roots }, originEpochMillis) {
      for (const root of roots) entryPoints.of(root.record).add(root, originEpochMillis);
    },
    findings({ rows }: Totals) {
      const byKey = new Map(rows.map((row) => [keyOfRow(row), row]));
      return entryPoints.states().flatMap(([entry, traces]) => {
        const cold = traces.cold();
        const all = byKey.get(keyOfRow(entry));
        if (cold === undefined || all === undefined || !areSlow(cold, all)) return [];
        return cold.rows.flatMap((part) => {
          const row = byKey.get(keyOfRow(part.row));
          return (row && findingOf(cold, entry, part, row)) ?? [];
        });
      });
    },
  };
}

function areSlow({ traces, nanos }: ColdTraces, { calls, totalSeconds }: Bottleneck): boolean {
  const warm = calls - traces;
  const coldSeconds = nanos / NANOS;
  if (warm < MIN_WARM) return false;
  return coldSeconds / traces >= (MIN_SLOWER * (totalSeconds - coldSeconds)) / warm;
}

function findingOf(
  { traces, nanos, isTold }: ColdTraces,
  entry: RowName,
  { row, calls, criticalNanos, longestNanos }: ColdTraces['rows'][number],
  { criticalSeconds, durations, ...all }: Bottleneck,
): Finding | undefined {
  const warm = all.calls - calls;
  // What no later trace does, such as opening a connection, is only done when all is cold.
  const isOnce = warm === 0;
  if (!isOnce && warm < MIN_WARM) return undefined;
  const coldSeconds = criticalNanos / NANOS;
  const usualSeconds = isOnce ? 0 : Math.max(0, criticalSeconds - coldSeconds) / warm;
  const savingSeconds = coldSeconds - calls * usualSeconds;
  if (savingSeconds < Math.max(traces * MIN_SECONDS, (MIN_SHARE_OF_TRACE * nanos) / NANOS)) {
    return undefined;
  }
  // Without a word of the platform, it may be one of those that are slow now and then.
  const isAlone =
    isOnce ||
    (durations !== undefined &&
      Quantiles.fromJson(durations).at(1 - (calls + 0.5) / all.calls) <= MAX_OTHER * longestNanos);
  if (!isTold && !isAlone) return undefined;
  const where = isTold
    ? `the ${plural(traces, 'cold start')} of ${quoted(entry.name)}. Keep instances warm, or do less in it`
    : `the first ${traces === 1 ? '' : `${formatCount(traces)} `}of ${quoted(entry.name)}. Do it when the ` +
      'process starts, before the first request';
  const message =
    `${quoted(row.name)} took ${formatSeconds(coldSeconds / calls)} per call, ` +
    `${isOnce ? 'and only' : `and later ${formatSeconds(usualSeconds)},`} in ${where}: saves up to ${formatSeconds(savingSeconds)}`;
  const evidence = { traces, calls, coldSeconds, usualSeconds };
  return {
    kind: 'cold-start',
    segment: row.name,
    service: row.service,
    message,
    ...(isTold ? { title: titleOf('cold-start: instances', row.name) } : {}),
    evidence,
    savingSeconds,
  };
}
