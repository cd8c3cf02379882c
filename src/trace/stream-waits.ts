import { getOrMake } from '../bounded.js';
import { walkCriticalPath, type CriticalPathOptions } from './critical-path.js';
import type { Sliced } from './slices.js';
import { CopiedNode, splitInSlices } from './split-streams.js';
import type { SpanNode, TraceTree } from './trace-tree.js';
import { WaitSection } from './wait-section.js';

/** Critical time in which a span only waited for another: a stream for its reader, or the reader for the stream. */
export interface StreamWait {
  readonly waiting: SpanNode;
  readonly cause: SpanNode;
  nanos: number;
}

interface Section {
  readonly node: SpanNode;
  readonly startNanos: number;
  readonly endNanos: number;
}

/** Adds the critical times of a trace that has streams, and says who waited for whom. */
export function* addTimesOfStreams(tree: TraceTree, options: CriticalPathOptions): Sliced {
  const before = pathOf(tree, options);
  yield;
  const split = yield* splitInSlices(tree);
  yield;
  const after = pathOf(split, options);
  yield;
  for (const { node, startNanos, endNanos } of after) node.criticalNanos += endNanos - startNanos;
  tree.streamWaits = compare(before, after);
}

function pathOf({ roots }: TraceTree, options: CriticalPathOptions): Section[] {
  return roots.flatMap((root) => {
    const path: Section[] = [];
    const visit = (found: SpanNode, startNanos: number, endNanos: number) => {
      const node = found instanceof WaitSection ? found.cause! : found;
      path.push({
        node: node instanceof CopiedNode ? node.original : node,
        startNanos,
        endNanos,
      });
    };
    walkCriticalPath(root, visit, options);
    return path.sort((a, b) => a.startNanos - b.startNanos);
  });
}

/** Both paths tile the same time. */
function compare(before: readonly Section[], after: readonly Section[]): StreamWait[] {
  const waits = new Map<SpanNode, Map<SpanNode, StreamWait>>();
  let next = 0;
  for (const { node: waiting, startNanos, endNanos } of before) {
    let at = startNanos;
    while (at < endNanos && next < after.length) {
      const { node: cause, endNanos: end } = after[next]!;
      const until = Math.min(endNanos, end);
      if (cause !== waiting && until > at) {
        const byCause = getOrMake(waits, waiting, () => new Map<SpanNode, StreamWait>());
        getOrMake(byCause, cause, () => ({ waiting, cause, nanos: 0 })).nanos += until - at;
      }
      at = until;
      if (end <= until) next += 1;
    }
  }
  return [...waits.values()].flatMap((byCause) => [...byCause.values()]);
}
