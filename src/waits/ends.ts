import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import { forEachInSlices, sortInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import type { HeldTrace } from './held-trace.js';
import { firstPlace } from './lists.js';
import type { Stretch } from './stretches.js';

/** The end of a span. */
export interface End {
  readonly node: SpanNode;
  readonly trace: HeldTrace;
  readonly atNanos: number;
}

/** What ends that little after a stretch may have ended it as well: some give back what they held within their span. */
const MAX_SLACK_NANOS = 1e6;
/** The slack as a share of the stretch, and of the time between two ends of the row. */
const SLACK_SHARE = 0.005;
const SLACK_SHARE_OF_ENDS = 0.02;

/** So many one after another that cannot have ended a stretch, and none is looked for. */
const MAX_RELATED = 32;

/** The ends of spans of a row around the end of a stretch. */
export interface Around {
  /** The last in it, or just after it. */
  readonly last: End;
  /** From the last to the end of the stretch, and from there to the next; at most the stretch's length. */
  readonly gapNanos: number;
  readonly nextNanos: number;
}

/** The ends of all spans of some traces, by row and in order. */
export class Ends {
  private constructor(private readonly byRow: ReadonlyMap<RowName, readonly End[]>) {}

  static *of(traces: readonly HeldTrace[]): Sliced<Ends> {
    const byRow = new Map<RowName, End[]>();
    for (const trace of traces) {
      yield* forEachInSlices(trace.nodes.length, (at) => {
        const node = trace.nodes[at]!;
        const { row } = node;
        // What is told of a stream is known to wait for nothing else.
        if (row === undefined || node.stillRunning || node instanceof WaitSection) return;
        const nanos = node.outlives ? node.record.endNanos : node.endNanos;
        const atNanos = trace.originNanos + nanos;
        getOrMake(byRow, row, () => []).push({ node, trace, atNanos });
      });
    }
    yield;
    for (const [row, ends] of byRow) {
      byRow.set(row, yield* sortInSlices(ends, (a, b) => a.atNanos - b.atNanos));
    }
    return new Ends(byRow);
  }

  rows(): IterableIterator<RowName> {
    return this.byRow.keys();
  }

  /** Returns `undefined` if no span of the row ended in the stretch. */
  around(stretch: Stretch, row: RowName): Around | undefined {
    const ends = this.byRow.get(row) ?? [];
    const { startNanos, endNanos } = stretch;
    const length = endNanos - startNanos;
    const first = firstPlace(ends, ({ atNanos }) => atNanos > endNanos);
    const before = nextOf(ends, first - 1, -1, stretch);
    const after = nextOf(ends, first, 1, stretch);
    const last = before && before.atNanos > startNanos ? before : undefined;
    const gap = endNanos - (last?.atNanos ?? startNanos);
    const next = Math.min(length, (after?.atNanos ?? Infinity) - endNanos);
    const slack = Math.min(SLACK_SHARE * length, SLACK_SHARE_OF_ENDS * (gap + next));
    if (after !== undefined && next < Math.min(slack, MAX_SLACK_NANOS, gap)) {
      return { last: after, gapNanos: 0, nextNanos: length };
    }
    return last && { last, gapNanos: gap, nextNanos: next };
  }
}

/** The nearest end from a place on that is not of a span in line with the stretch's. */
function nextOf(
  ends: readonly End[],
  from: number,
  step: number,
  stretch: Stretch,
): End | undefined {
  for (let at = from; Math.abs(at - from) < MAX_RELATED; at += step) {
    const end = ends[at];
    if (end === undefined || !isRelated(stretch, end)) return end;
  }
  return undefined;
}

/** `true` if one of them is inside the other: they wait for each other anyway. */
function isRelated({ trace, node }: Stretch, end: End): boolean {
  if (trace !== end.trace) return false;
  return isWithin(node, end.node) || isWithin(end.node, node);
}

export function isWithin(inner: SpanNode, outer: SpanNode): boolean {
  for (let at: SpanNode | undefined = inner; at !== undefined; at = at.parent) {
    if (at === outer) return true;
  }
  return false;
}
