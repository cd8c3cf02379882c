import { Quantiles } from '../durations.js';
import { asBadInput, BadInputError } from '../errors.js';
import { aName, atLeast, checkOptions, required, type Shape } from '../options.js';
import { Ranking } from '../ranking/ranking.js';
import { quantileSeconds } from '../ranking/row.js';
import { findRow } from '../summaries/find-row.js';
import { defined } from '../sums.js';
import type { WhatIfLatency, WhatIfResult } from '../what-if-result.js';
import { groupOf } from '../trace/facts-reader.js';
import { standsFor } from '../trace/numbered-names.js';
import type { SpanRecord } from '../trace/span-record.js';
import { durationsIf } from '../trace/what-if.js';
import { requireOneStdin } from './byte-source.js';
import { requireEntry } from './choice.js';
import { TRACE_OPTIONS, type ReadOptions } from './read-options.js';
import { readSources } from './read-sources.js';
import type { TraceSink } from './trace-collector.js';

const NANOS = 1e9;

/** What becomes faster or slower in {@link whatIf}, and which traces to read. */
export interface WhatIfOptions extends Omit<ReadOptions, 'rankBy' | 'by'> {
  /** The name of the row, as a summary has it; `service/name` where several services have that name. */
  readonly row: string;
  /** What the row's own time is multiplied by: 0.5 is twice as fast. Default 0: it takes no time. */
  readonly factor?: number | undefined;
}

const OPTIONS: Shape<WhatIfOptions> = {
  ...TRACE_OPTIONS,
  row: required(aName),
  factor: atLeast(0),
};

/**
 * Predicts how much less time traces would take if one row were faster. Replays every trace with the own
 * work of the row scaled by `factor` and the order of events kept: what waited for the row starts earlier,
 * and a parallel branch that takes over limits the saving.
 *
 * Own work is the time of a span that is in none of its children. Attempts, and the spans inside an LLM
 * call, are part of their operation.
 *
 * The prediction is exact where the order of events determines what the program does. It cannot see races,
 * timeouts, or work that waits for a free slot: docs/accuracy.md shows how far off it gets there.
 *
 * ```ts
 * import { whatIf } from 'hotspan/report';
 *
 * const ask = async (file: string) => {
 *   const { savingSecondsPerTrace } = await whatIf(file, { row: 'rerank', factor: 0.5 });
 *   console.log(`twice as fast, rerank would save ${savingSecondsPerTrace} s in each trace`);
 * };
 * ```
 *
 * @param sources files or addresses of traces, as for `readSummary`; no saved summaries
 * @throws BadInputError (rejects) with one line, when a source cannot be read or is a saved summary, or
 *   when there is no such row, or more than one
 * @throws TypeError (rejects) when an option is wrong
 */
export async function whatIf(
  sources: string | readonly string[],
  options: WhatIfOptions,
): Promise<WhatIfResult> {
  checkOptions('whatIf', options, OPTIONS);
  const { row, factor = 0, maxRows, fold, entry, groupName, ...choice } = options;
  const list = [sources].flat();
  requireOneStdin(list);
  const ranking: Ranking = new Ranking({
    groupName: groupOf(groupName),
    ...defined({ maxRows, fold, entry }),
    durationsOf: (tree, given) =>
      durationsIf(tree, isChanged, factor, { ...given, ...defined({ fold }) }),
  });
  const isChanged = (record: SpanRecord) => {
    const { name, service } = ranking.rowOf(record);
    return standsFor(row, name) || standsFor(row, `${service}/${name}`);
  };
  const sink: TraceSink = {
    addTrace: (all, context) => ranking.addTrace(all, context),
    addOutside: (record, operation, why) => ranking.addOutside(record, operation, why),
    warn: (text, times) => ranking.warn(text, times),
  };
  const { unread } = await readSources(
    list,
    { ...choice, groupName },
    sink,
    async (where, { close }) => {
      await close();
      throw new BadInputError(`${where}: expected traces, but it is a saved summary`);
    },
  );
  requireEntry(ranking, list, entry);
  const summary = ranking.toSummary({ nowEpochMillis: choice.nowEpochMillis ?? Date.now() });
  const { name, service } = asBadInput(RangeError, () => findRow(summary.bottlenecks, row));
  const before = latencyOf(summary.latency);
  const { durations, totalNanos } = ranking.changed() ?? {
    durations: new Quantiles(),
    totalNanos: 0,
  };
  const after = latencyOf({ totalSeconds: totalNanos / NANOS, ...quantileSeconds(durations) });
  const traces = summary.latency.count;
  const savingSeconds = before.totalSeconds - after.totalSeconds;
  return {
    ...{ schemaVersion: 1, row: { name, service }, factor, traces, before, after, savingSeconds },
    savingSecondsPerTrace: savingSeconds / traces,
    savingShare: before.totalSeconds > 0 ? savingSeconds / before.totalSeconds : 0,
    ...defined({ unread }),
    warnings: summary.warnings,
  };
}

function latencyOf(latency: WhatIfLatency): WhatIfLatency {
  const { totalSeconds, p50Seconds, p95Seconds, p99Seconds, maxSeconds } = latency;
  return { totalSeconds, p50Seconds, p95Seconds, p99Seconds, maxSeconds };
}
