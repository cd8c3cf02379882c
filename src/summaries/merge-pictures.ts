import { mergeCallPaths } from '../pictures/merge-paths.js';
import type { EntryPoint, Pictures } from '../summary.js';
import { mergeTraces } from './merge-traces.js';

/** As if one process had drawn all. */
export function mergePictures(
  all: readonly Pictures[],
  entryPoints: readonly EntryPoint[] | undefined,
): Pictures {
  return {
    callPaths: mergeCallPaths(all.map(({ callPaths }) => callPaths)),
    ...mergeTraces(all, entryPoints),
  };
}
