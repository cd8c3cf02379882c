import type { CallPath } from '../pictures.js';
import { boxesBelow, type PathBox } from '../trace/path-box.js';
import { DrawnPaths } from './drawn-paths.js';

const NANOS = 1e9;

/** Adds up what several summaries have of the same paths; slow and typical times are weighted by the calls behind them. */
export function mergeCallPaths(lists: readonly (readonly CallPath[])[]): CallPath[] {
  const drawn = new DrawnPaths();
  /** The calls of entry points whose slow and typical times are known. */
  const compared = new Map<PathBox, number>();
  for (const list of lists) addList(drawn, list, compared);
  const entries = new Map<PathBox, PathBox>();
  for (const box of boxesBelow(drawn.top)) {
    const entry = entries.get(box.above!) ?? box;
    entries.set(box, entry);
    const calls = compared.get(entry) ?? 1;
    box.slowNanos /= calls;
    box.typicalNanos /= calls;
  }
  return drawn.list();
}

function addList(
  drawn: DrawnPaths,
  list: readonly CallPath[],
  compared: Map<PathBox, number>,
): void {
  const boxes: PathBox[] = [];
  /** The place of the entry point that each path begins with. */
  const entries: number[] = [];
  const seen = new Set<number>();
  for (const [at, path] of list.entries()) {
    // A parent that comes later, in a list that something else wrote, is none.
    const above = boxes[path.parent ?? -1];
    const entry = entries[path.parent ?? -1] ?? at;
    const box = drawn.boxIn(above ?? drawn.top, path, path.means);
    boxes[at] = box;
    entries[at] = entry;
    const weight = Math.max(1, list[entry]!.calls);
    box.calls += path.calls;
    box.selfNanos += path.selfSeconds * NANOS;
    box.criticalNanos += path.criticalSeconds * NANOS;
    box.usd += path.costUsd ?? 0;
    box.slowNanos += (path.slowSeconds ?? 0) * weight * NANOS;
    box.typicalNanos += (path.typicalSeconds ?? 0) * weight * NANOS;
    if (path.slowSeconds === undefined || seen.has(entry)) continue;
    seen.add(entry);
    const entryBox = boxes[entry]!;
    compared.set(entryBox, (compared.get(entryBox) ?? 0) + weight);
  }
}
