import { sortInSlices, type Sliced } from '../trace/slices.js';

/** The `parent` of what has none. */
export const NO_PARENT = -1;

/**
 * Chooses at most `limit` of some spans, those that took longest. A span that is kept has its parents, so one counts
 * at least as much as the longest inside it. O(n log n), no recursion.
 *
 * @param nanos how long each took, parents before their children
 * @param parents the place of each one's parent
 * @returns their places, in order
 */
export function* longestSpans(
  nanos: ArrayLike<number>,
  parents: ArrayLike<number>,
  limit: number,
): Sliced<number[]> {
  const places: number[] = [];
  for (let at = 0; at < nanos.length; at += 1) places.push(at);
  if (places.length <= limit) return places;
  yield;
  const weights = Float64Array.from(nanos);
  for (let at = places.length - 1; at >= 0; at -= 1) {
    const parent = parents[at]!;
    if (parent !== NO_PARENT) weights[parent] = Math.max(weights[parent]!, weights[at]!);
  }
  yield;
  const longest = yield* sortInSlices(places, (a, b) => weights[b]! - weights[a]! || a - b);
  return longest.slice(0, limit).sort((a, b) => a - b);
}
