import { mergeCallPaths } from '../pictures/merge-paths.js';
import { TimelineSteps } from '../pictures/timeline.js';
import type { EntryPoint, Pictures } from '../summary.js';
import { mergeTraces } from './merge-traces.js';

/** As if one process had drawn all. */
export function mergePictures(
  all: readonly Pictures[],
  entryPoints: readonly EntryPoint[] | undefined,
): Pictures {
  const steps = new TimelineSteps();
  const timelines = all.flatMap(({ timeline }) => timeline ?? []);
  for (const timeline of timelines.sort((a, b) => b.stepSeconds - a.stepSeconds)) {
    steps.addTimeline(timeline);
  }
  return {
    callPaths: mergeCallPaths(all.map(({ callPaths }) => callPaths)),
    ...mergeTraces(all, entryPoints),
    ...steps.fields(),
  };
}
