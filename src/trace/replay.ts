import { backoffNanos, NamedSiblings } from './known-waits.js';
import { toleranceOf, type CriticalPathOptions } from './critical-path.js';
import { waitedForNodes } from './replayed-nodes.js';
import { forEachInSlices, SLICE, sortInSlices, type Sliced } from './slices.js';
import { findSlots, SlotTimes } from './slots.js';
import type { SpanNode, TraceTree } from './trace-tree.js';

const NONE = -1;

/**
 * A trace that can be run again with some of its work faster or slower.
 *
 * Spans do not say what started them, so that is taken from the order of events. Children that
 * started after one of them ended, and before the next did, waited for it, and for those that ended
 * since the last start before that. Their parent's end waited for all of them. The gaps are the
 * parent's own work.
 *
 *     parent  ├───────────────────────┤
 *     a         ├────┤
 *     b         ├───────┤
 *     c                   ├────┤              waited for a and b
 *     d                     ├────┤            so did d
 *     e                         ├──┤          waited for c
 *
 * In a replay every child starts when the last of those it waited for has ended, and then as much
 * later as it did. So the sections of the critical path are the longest way through the replay as well,
 * and what is made faster beside them changes nothing.
 *
 * Of a child that outlives its parent only those sections are run again that explain the parent's
 * gaps, each by itself; or all of it up to the parent's end, where no other child ended beside it.
 *
 * Building it is O(n log n), in slices; a replay is O(n). No recursion.
 */
export class Replay {
  readonly #arrays: ReturnType<typeof arraysFor>;
  /** Of the tasks of limiters. */
  readonly #slots = new Map<number, SlotTimes>();
  #eventCount = 0;
  /** The siblings that spans waited for by name; most tell nothing of that. */
  readonly #named = new Map<number, readonly number[]>();

  private constructor(
    /** How many spans are run again: those that something waited for. */
    readonly size: number,
    private readonly roots: number,
    private readonly tolerance: number,
  ) {
    this.#arrays = arraysFor(size);
  }

  /**
   * `rowOf` returns the number, from 0, of the row that the own work of an analyzed span counts for, `timerRowOf` that of
   * the backoff before an attempt: by default none, since faster work does not shorten it.
   */
  static *of(
    tree: TraceTree,
    rowOf: (node: SpanNode) => number,
    options: CriticalPathOptions = {},
    timerRowOf?: (node: SpanNode) => number,
  ): Sliced<Replay> {
    const { nodes, firstChild, sections } = yield* waitedForNodes(tree, options);
    const replay = new Replay(nodes.length, tree.roots.length, toleranceOf(options));
    const { rows, timerRows, workAtEnd, firstEvent } = replay.#arrays;
    let looked = 0;
    for (let index = 0; index < nodes.length; index += 1) {
      const node = nodes[index]!;
      rows[index] = rowOf(node);
      timerRows[index] = timerRowOf === undefined ? NONE : timerRowOf(node);
      const first = firstChild[index]!;
      const until = firstChild[index + 1]!;
      const lastEnd =
        until > first
          ? yield* replay.#planChildren(node, nodes.slice(first, until), first, sections.has(node))
          : node.startNanos;
      workAtEnd[index] = node.endNanos - lastEnd;
      firstEvent[index + 1] = replay.#eventCount;
      looked += 1 + until - first;
      if (looked < SLICE) continue;
      looked = 0;
      yield;
    }
    return replay;
  }

  get hasLimiter(): boolean {
    return this.#slots.size > 0;
  }

  /** Returns how long the local roots take together when the own work of `row` takes `factor` times as long. */
  totalNanos(row = NONE, factor = 1): number {
    const { rows, end } = this.#arrays;
    for (let index = this.size - 1; index >= 0; index -= 1) {
      this.#replayChildren(index, rows[index] === row ? factor : 1, row, factor);
    }
    let total = 0;
    for (let root = 0; root < this.roots; root += 1) total += end[root]!;
    return total;
  }

  /**
   * Returns the critical time of each row, by its number, in the replay that {@link totalNanos} ran last, for the
   * same change. Walks back along its critical path, as `walkCriticalPath` does, on the times of the replay.
   */
  *criticalNanos(): Sliced<Map<number, number>> {
    const { rows, start, end } = this.#arrays;
    const found = new Map<number, number>();
    for (let root = 0; root < this.roots; root += 1) {
      const stack = [yield* this.#frameOf(root, end[root]!)];
      for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
        const { index, left } = frame;
        while (left.length > 0 && end[left.at(-1)!]! > frame.cursor + this.tolerance) left.pop();
        const child = left.pop();
        const until = child === undefined ? 0 : Math.min(end[child]!, frame.cursor);
        const own = rows[index]!;
        if (until < frame.cursor) found.set(own, (found.get(own) ?? 0) + frame.cursor - until);
        if (child === undefined) {
          stack.pop();
          continue;
        }
        frame.cursor = Math.min(until, start[child]!);
        if (until > start[child]!) stack.push(yield* this.#frameOf(child, until - start[child]!));
      }
    }
    return found;
  }

  *#frameOf(index: number, cursor: number): Sliced<Frame> {
    const { end, firstEvent, events } = this.#arrays;
    const children: number[] = [];
    for (let at = firstEvent[index]!; at < firstEvent[index + 1]!; at += 1) {
      if (events[at]! >= 0) children.push(events[at]!);
    }
    const left = yield* sortInSlices(children, (a, b) => end[a]! - end[b]!);
    return { index, cursor, left };
  }

  /** Finds what each child waited for, and returns when the last ended. Their numbers begin with `first`. */
  *#planChildren(
    node: SpanNode,
    children: readonly SpanNode[],
    first: number,
    hasSections: boolean,
  ): Sliced<number> {
    const { after, gapBefore, timerBefore, events } = this.#arrays;
    /** When the end of each can have led to the start of another, as on the critical path. */
    const releases = new Float64Array(children.length);
    const places: number[] = [];
    for (const [at, { startNanos, endNanos }] of children.entries()) {
      releases[at] = Math.max(endNanos - this.tolerance, startNanos);
      places.push(at);
    }
    if (children.length > SLICE) yield;
    // Of those released together the first to start is the first, as the children are in that order.
    const byRelease = (a: number, b: number) => releases[a]! - releases[b]! || a - b;
    const ends = yield* sortInSlices(places, byRelease);
    const named = new NamedSiblings(children);
    let lastOfAll = node.startNanos;
    let next = 0;
    let last = NONE;
    yield* forEachInSlices(children.length, (position) => {
      const { startNanos, endNanos } = children[position]!;
      for (; next < ends.length; next += 1) {
        const released = ends[next]!;
        const other = children[released]!;
        if (other.startNanos >= startNanos || releases[released]! > startNanos) break;
        if (last === NONE || endsLater(other, children[last]!)) last = released;
        events[this.#eventCount++] = ~(first + released);
      }
      after[first + position] = last === NONE ? NONE : first + last;
      let since = last === NONE ? node.startNanos : children[last]!.endNanos;
      const before = named.before(position);
      if (before !== undefined) {
        this.#named.set(
          first + position,
          before.map((other) => first + other),
        );
        since = before.reduce((end, at) => Math.max(end, children[at]!.endNanos), node.startNanos);
      }
      const gap = startNanos - since;
      const timer = Math.min(Math.max(gap, 0), backoffNanos(children[position]));
      timerBefore[first + position] = timer;
      gapBefore[first + position] = gap - timer;
      events[this.#eventCount++] = first + position;
      lastOfAll = Math.max(lastOfAll, endNanos);
    });
    if (children.length > SLICE) yield;
    // A limiter lets in whole spans: sections that follow each other only look like its tasks.
    const slots = hasSections ? [] : findSlots(children, this.tolerance);
    for (const { count, first: from, last: until } of slots) {
      const times = new SlotTimes(count, first + until);
      for (let at = from; at <= until; at += 1) this.#slots.set(first + at, times);
    }
    return lastOfAll;
  }

  /** Leaves in `end` how long a span takes; its parent's turn then adds its start. */
  #replayChildren(index: number, scale: number, row: number, factor: number): void {
    const { start, end, after, gapBefore, timerBefore, timerRows } = this.#arrays;
    const { workAtEnd, firstEvent, events } = this.#arrays;
    let latest = 0;
    /** When all that the next start waits for have ended. */
    let joined = 0;
    /** The latest of those that ended since the last start; negative when none did. */
    let ended = NONE;
    const until = firstEvent[index + 1]!;
    for (let at = firstEvent[index]!; at < until; at += 1) {
      const child = events[at]!;
      const slots = this.#slots.size > 0 ? this.#slots.get(child < 0 ? ~child : child) : undefined;
      if (child < 0) {
        ended = Math.max(ended, slots?.endOfAll ?? end[~child]!);
        continue;
      }
      if (ended >= 0) joined = ended;
      ended = NONE;
      const before = after[child]!;
      const gap = gapBefore[child]!;
      const named = this.#named.size === 0 ? undefined : this.#named.get(child);
      let begin = before === NONE ? joined : Math.max(joined, end[before]!);
      if (slots?.isFull === true) begin = slots.take();
      if (named !== undefined) begin = named.reduce((most, each) => Math.max(most, end[each]!), 0);
      const timer = timerBefore[child]!;
      begin += timerRows[child] === row ? timer * factor : timer;
      begin += gap > 0 ? gap * scale : gap;
      // Overlapping clocks must not put it before the one that it followed.
      if (named === undefined) begin = Math.max(begin, before === NONE ? 0 : start[before]!);
      start[child] = begin;
      end[child]! += begin;
      slots?.add(child, end[child]!);
      latest = Math.max(latest, end[child]!);
    }
    end[index] = latest + workAtEnd[index]! * scale;
  }
}

/** A span whose time before `cursor` is still to be explained, by those of its children that are `left`. */
interface Frame {
  readonly index: number;
  cursor: number;
  readonly left: number[];
}

/** With one entry for each span. */
function arraysFor(size: number) {
  return {
    rows: new Int32Array(size),
    /** What the backoff before its start counts for. */
    timerRows: new Int32Array(size),
    /** The parent's work before its start. Negative where clocks overlap. */
    gapBefore: new Float64Array(size),
    /** The backoff before an attempt, which takes its time however fast the work is. */
    timerBefore: new Float64Array(size),
    /** The sibling that ended last before its start. */
    after: new Int32Array(size),
    /** What it does itself after its last child, or all of it. */
    workAtEnd: new Float64Array(size),
    // Of the replay that runs, relative to the start of the parent.
    start: new Float64Array(size),
    end: new Float64Array(size),
    /** Where its children's events begin in `events`. */
    firstEvent: new Int32Array(size + 1),
    /** Starts (the child) and ends (its complement), in the order in which they happened. */
    events: new Int32Array(2 * size),
  };
}

function endsLater(a: SpanNode, b: SpanNode): boolean {
  return a.endNanos > b.endNanos || (a.endNanos === b.endNanos && a.startNanos < b.startNanos);
}
