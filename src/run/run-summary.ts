import { mergeSummaries } from '../summaries/merge-summaries.js';
import type { Summary } from '../summary.js';
import type { Left } from './run-folder.js';

/** What to say when there is no summary. */
export const NOTHING_TRACED = 'nothing was traced: no HTTP, no model call, no segment';

function hasSpans({ spans, traces, running }: Summary): boolean {
  const { analyzed, late, dropped } = spans;
  return analyzed + late + dropped + traces.evicted + (running?.count ?? 0) > 0;
}

/**
 * Returns one summary of all processes and threads of a run. Package managers and other wrappers trace
 * nothing: where others do, nothing is told of them. `undefined` if none has anything to tell.
 */
export function summaryOfRun(left: Left): Summary | undefined {
  const ranked = left.summaries.filter(hasSpans);
  const saying = left.summaries.filter(({ warnings }) => warnings.length > 0);
  const summaries = ranked.length > 0 ? ranked : saying;
  if (summaries.length === 0) return undefined;
  const merged = summaries.length === 1 ? summaries[0]! : mergeSummaries(summaries);
  const count = left.unfinished.length;
  if (count === 0) return merged;
  const who = count === 1 ? '1 process or thread' : `${count} processes or threads`;
  const lost = `${who} left no last summary: what they did at the end, after the last one, is missing`;
  return { ...merged, warnings: [...merged.warnings, lost] };
}
