import type { Summary } from '../summary.js';
import { pathLabel, requirePictures, stacksOf } from './frames.js';

const MICROS = 1e6;

/**
 * Prints the critical time of all traces as folded stacks, the format of Brendan Gregg's flamegraph.pl: a line for each
 * call path, with its microseconds.
 */
export function toFolded(summary: Summary): string {
  const { callPaths } = requirePictures(summary);
  // Semicolons part the frames, and the last space the figure.
  const stacks = stacksOf(callPaths, (path) => pathLabel(path).replaceAll(';', ','));
  const lines = callPaths.flatMap(({ criticalSeconds }, at) => {
    const micros = Math.round(criticalSeconds * MICROS);
    return micros > 0 ? `${stacks[at]!.join(';')} ${micros}\n` : [];
  });
  return lines.join('');
}
