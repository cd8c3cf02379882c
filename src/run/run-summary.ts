import { mergeSummaries } from '../summaries/merge-summaries.js';
import type { Summary } from '../summary.js';
import type { Left } from './run-folder.js';

/** Returns `true` if there is something to tell: package managers and other wrappers trace nothing. */
export function hasFindings({ spans, traces, running, warnings }: Summary): boolean {
  const { analyzed, late, dropped } = spans;
  const counts = [analyzed, late, dropped, ...Object.values(traces), running?.count ?? 0];
  return counts.some((count) => count > 0) || warnings.length > 0;
}

/** Returns one summary of all processes and threads of a run; `undefined` if none has anything to tell. */
export function summaryOfRun(left: Left): Summary | undefined {
  const summaries = left.summaries.filter(hasFindings);
  if (summaries.length === 0) return undefined;
  const merged = summaries.length === 1 ? summaries[0]! : mergeSummaries(summaries);
  const count = left.unfinished.length;
  if (count === 0) return merged;
  const who = count === 1 ? '1 process or thread' : `${count} processes or threads`;
  const lost = `${who} left no last summary: what they did at the end, after the last one, is missing`;
  return { ...merged, warnings: [...merged.warnings, lost] };
}
