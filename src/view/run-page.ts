import { Ranking } from '../ranking/ranking.js';
import type { RunFolder } from '../run/run-folder.js';
import { summaryOfRun } from '../run/run-summary.js';
import type { Summary } from '../summary.js';

/** Returns the summary of what the processes of a run have left so far. */
export function summarySoFar(folder: RunFolder): Summary {
  // That they have left no last one says nothing while they run.
  const found = summaryOfRun({ summaries: folder.read().summaries, unfinished: [] });
  return found ?? new Ranking().toSummary({ nowEpochMillis: Date.now() });
}
