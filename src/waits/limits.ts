import { groupBy } from '../bounded.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { isWithin } from './ends.js';
import type { HeldTrace } from './held-trace.js';
import { firstPlace, someOf } from './lists.js';
import type { Stretch } from './stretches.js';

/** Waits of a row that show whether it waits for a slot. */
const MIN_WAITS = 8;
const MAX_LOOKED_AT = 64;
/** Of these: so often as many others work when a wait ends, and the one that waited then does what they do. */
const MIN_SHARE = 0.8;
/** So seldom more work at a time: by errors of the clocks. */
const MAX_MORE = 0.1;

/** Tells waits for one of some slots: whenever one of a row's ends, as many work as at any time. */
export function findSlotsOfWaits(
  waits: ReadonlyMap<SpanNode, readonly Stretch[]>,
  all: readonly HeldTrace[],
): void {
  const ended = [...waits.values()].flat().filter((wait) => wait.cause !== undefined);
  for (const [, own] of groupBy(ended, ({ node }) => node.row)) {
    if (own.length < MIN_WAITS) continue;
    const slots = slotsOf(own, all);
    for (const wait of own) wait.slots ??= slots;
  }
}

function slotsOf(waits: readonly Stretch[], all: readonly HeldTrace[]): number | undefined {
  const work = workOf(waits, all);
  const starts = Float64Array.from(work, ([start]) => start).sort();
  const ends = Float64Array.from(work, ([, end]) => end).sort();
  // The one that gives its slot back has it until then.
  const openAt = (moment: number) =>
    firstPlace(starts, (start) => start >= moment) - firstPlace(ends, (end) => end >= moment);
  const looked = someOf(waits, MAX_LOOKED_AT);
  const counts = looked.filter(doesTheSame).map(({ cause }) => openAt(cause!.atNanos));
  const [slots, same] = [...groupBy(counts, (count) => count)].sort(byTimes)[0] ?? [0, []];
  if (slots < 2 || same.length < MIN_SHARE * looked.length) return undefined;
  const more = work.filter(([start, end]) => openAt((start + end) / 2) > slots);
  return more.length <= MAX_MORE * work.length ? slots : undefined;
}

type Times = readonly [count: number, times: readonly number[]];

function byTimes([, a]: Times, [, b]: Times): number {
  return b.length - a.length;
}

/** When those that have a slot work: from the end of their wait on, or, where a span only waits, after it. */
function workOf(
  waits: readonly Stretch[],
  all: readonly HeldTrace[],
): (readonly [startNanos: number, endNanos: number])[] {
  const { row, children } = waits[0]!.node;
  const worker = children.length > 0 ? row : waits[0]!.cause!.node.row;
  const since = new Map(waits.map(({ node, endNanos }) => [node, endNanos]));
  return all.flatMap(({ nodes, originNanos }) =>
    nodes
      .filter((node) => node.row === worker)
      .map((node) => {
        const end = originNanos + (node.outlives ? node.record.endNanos : node.endNanos);
        return [since.get(node) ?? originNanos + node.startNanos, end] as const;
      }),
  );
}

/** `true` if the one that waited then does what it waited for: it was no answer that it waited for, but a slot. */
function doesTheSame({ node, cause }: Stretch): boolean {
  const { node: other } = cause!;
  if (isWithin(node, other) || isWithin(other, node)) return false;
  if (node.row === other.row) return true;
  const inside = node.children.length > 0 ? node : node.parent;
  return (
    inside?.children.some(
      ({ row, startNanos }) => row === other.row && startNanos >= node.startNanos,
    ) === true
  );
}
