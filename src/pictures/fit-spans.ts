import type { PictureSpan } from '../pictures.js';
import { defined } from '../sums.js';
import { runAtOnce } from '../trace/slices.js';
import { longestSpans, NO_PARENT } from './longest-spans.js';

/** The most spans of all traces of a summary: about a megabyte of JSON. */
export const MAX_SPANS_DRAWN = 5_000;

interface WithSpans {
  readonly spans: readonly PictureSpan[];
  readonly leftOut?: number;
}

/** Leaves out the shortest spans of the largest traces, so that all have at most `most` together. */
export function fitSpans<T extends WithSpans>(traces: readonly T[], most = MAX_SPANS_DRAWN): T[] {
  const limit = limitOf(
    traces.map(({ spans }) => spans.length),
    most,
  );
  return traces.map((trace) => cut(trace, limit));
}

/** Small traces leave room to the others. */
function limitOf(sizes: readonly number[], most: number): number {
  let left = most;
  let limit = Infinity;
  sizes
    .toSorted((a, b) => a - b)
    .forEach((size, at) => {
      const share = Math.floor(left / (sizes.length - at));
      if (size > share) limit = Math.min(limit, share);
      left -= Math.min(size, share);
    });
  return limit;
}

function cut<T extends WithSpans>(trace: T, limit: number): T {
  const { spans, leftOut = 0 } = trace;
  if (spans.length <= limit) return trace;
  const seconds = spans.map(({ startSeconds, endSeconds }) => endSeconds - startSeconds);
  const parents = spans.map(({ parent = NO_PARENT }) => parent);
  const kept = runAtOnce(longestSpans(seconds, parents, limit));
  const places = new Map(kept.map((from, to) => [from, to]));
  const placeOf = (at = NO_PARENT) => places.get(at);
  const moved = kept.map((at) => {
    const { parent, waits, ...span } = spans[at]!;
    const movedWaits = waits?.map(({ by, ...wait }) => ({
      ...wait,
      ...defined({ by: placeOf(by) }),
    }));
    return { ...span, ...defined({ parent: placeOf(parent), waits: movedWaits }) };
  });
  return { ...trace, spans: moved, leftOut: leftOut + spans.length - kept.length };
}
