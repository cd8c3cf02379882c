import { toleranceOf, walkCriticalPath, type CriticalPathOptions } from './critical-path.js';
import { forEachInSlices, SLICE, sortInSlices, type Sliced } from './slices.js';
import { SpanNode, type TraceTree } from './trace-tree.js';

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
 * Building it is O(n log n), in slices; a replay is O(n). No recursion, never throws.
 */
export class Replay {
  /** How many spans are run again: those that something waited for. */
  readonly size: number;
  readonly #roots: number;

  // One entry for each span.
  readonly #rows: Int32Array;
  /** The parent's work before its start. Negative where clocks overlap. */
  readonly #gapBefore: Float64Array;
  /** The sibling that ended last before its start. */
  readonly #after: Int32Array;
  /** What it does itself after its last child, or all of it. */
  readonly #workAtEnd: Float64Array;
  /** Where its children's events begin in {@link #events}. */
  readonly #firstEvent: Int32Array;
  // Of the replay that runs, relative to the start of the parent.
  readonly #start: Float64Array;
  readonly #end: Float64Array;

  /** Starts (the child) and ends (its complement), in the order in which they happened. */
  readonly #events: Int32Array;
  #eventCount = 0;

  private constructor(size: number, roots: number) {
    this.size = size;
    this.#roots = roots;
    this.#rows = new Int32Array(size);
    this.#gapBefore = new Float64Array(size);
    this.#after = new Int32Array(size);
    this.#workAtEnd = new Float64Array(size);
    this.#start = new Float64Array(size);
    this.#end = new Float64Array(size);
    this.#firstEvent = new Int32Array(size + 1);
    this.#events = new Int32Array(2 * size);
  }

  /**
   * Builds a replay of an analyzed trace.
   *
   * @param rowOf returns the number of the row that a span's own work counts for, from 0
   * @param options as the trace was analyzed with
   */
  static *of(
    tree: TraceTree,
    rowOf: (node: SpanNode) => number,
    options: CriticalPathOptions = {},
  ): Sliced<Replay> {
    const { nodes, firstChild } = yield* waitedForNodes(tree, options);
    const replay = new Replay(nodes.length, tree.roots.length);
    yield* forEachInSlices(nodes.length, (index) => {
      replay.#rows[index] = rowOf(nodes[index]!);
    });
    yield* replay.#plan(nodes, firstChild, toleranceOf(options));
    return replay;
  }

  *#plan(nodes: readonly SpanNode[], firstChild: readonly number[], tolerance: number): Sliced {
    for (let index = 0; index < nodes.length; index += 1) {
      const node = nodes[index]!;
      const first = firstChild[index]!;
      const until = firstChild[index + 1]!;
      const lastEnd =
        until > first
          ? yield* this.#planChildren(node, nodes.slice(first, until), first, tolerance)
          : node.startNanos;
      this.#workAtEnd[index] = node.endNanos - lastEnd;
      this.#firstEvent[index + 1] = this.#eventCount;
      if (index % SLICE === SLICE - 1) yield;
    }
  }

  /**
   * Returns how long the local roots take together, in nanoseconds, when the own work of `row` takes
   * `factor` times as long. Without a row: as long as they took.
   */
  totalNanos(row = NONE, factor = 1): number {
    for (let index = this.size - 1; index >= 0; index -= 1) {
      this.#replayChildren(index, this.#rows[index] === row ? factor : 1);
    }
    let total = 0;
    for (let root = 0; root < this.#roots; root += 1) total += this.#end[root]!;
    return total;
  }

  /**
   * Finds what each child waited for, and returns when the last of them ended. The children have the
   * numbers from `first` on, in the order of their starts.
   */
  *#planChildren(
    node: SpanNode,
    children: readonly SpanNode[],
    first: number,
    tolerance: number,
  ): Sliced<number> {
    const ends = yield* inOrderOfRelease(children, tolerance);
    let lastOfAll = node.startNanos;
    let next = 0;
    let last = NONE;
    yield* forEachInSlices(children.length, (position) => {
      const child = children[position]!;
      for (; next < ends.length; next += 1) {
        const released = ends[next]!;
        const other = children[released]!;
        if (!isReleased(other, child, tolerance)) break;
        if (last === NONE || endsLater(other, children[last]!)) last = released;
        this.#addEvent(~(first + released));
      }
      const since = last === NONE ? node.startNanos : children[last]!.endNanos;
      this.#after[first + position] = last === NONE ? NONE : first + last;
      this.#gapBefore[first + position] = child.startNanos - since;
      this.#addEvent(first + position);
      lastOfAll = Math.max(lastOfAll, child.endNanos);
    });
    return lastOfAll;
  }

  #addEvent(event: number): void {
    this.#events[this.#eventCount] = event;
    this.#eventCount += 1;
  }

  /** Leaves in `#end` how long a span takes; its parent's turn then adds its start. */
  #replayChildren(index: number, scale: number): void {
    const start = this.#start;
    const end = this.#end;
    let latest = 0;
    /** When all that the next start waits for have ended. */
    let joined = 0;
    /** The latest of those that ended since the last start; negative when none did. */
    let ended = NONE;
    const until = this.#firstEvent[index + 1]!;
    for (let at = this.#firstEvent[index]!; at < until; at += 1) {
      const child = this.#events[at]!;
      if (child < 0) {
        ended = Math.max(ended, end[~child]!);
        continue;
      }
      if (ended >= 0) {
        joined = ended;
        ended = NONE;
      }
      const after = this.#after[child]!;
      const gap = this.#gapBefore[child]!;
      let begin = after === NONE ? joined : Math.max(joined, end[after]!);
      begin += gap > 0 ? gap * scale : gap;
      // Overlapping clocks must not put it before the one that it followed.
      begin = Math.max(begin, after === NONE ? 0 : start[after]!);
      start[child] = begin;
      end[child]! += begin;
      latest = Math.max(latest, end[child]!);
    }
    end[index] = latest + this.#workAtEnd[index]! * scale;
  }
}

/** The spans to run again: parents before children, those of one parent by their starts. */
interface Replayed {
  readonly nodes: readonly SpanNode[];
  /** Of every node: where its children begin in `nodes`; they end where the next node's begin. */
  readonly firstChild: readonly number[];
}

function* waitedForNodes(tree: TraceTree, options: CriticalPathOptions): Sliced<Replayed> {
  const tolerance = toleranceOf(options);
  const sections = sectionsBeside(tree, options);
  const nodes = [...tree.roots];
  const firstChild: number[] = [];
  // The list grows while it is walked.
  for (const node of nodes) {
    firstChild.push(nodes.length);
    if (node.children.length > 0) {
      const children = node.children.filter((child) => isWaitedFor(child, tolerance));
      for (const section of sections.get(node) ?? []) children.push(section);
      for (const child of yield* sortInSlices(children, byStart)) nodes.push(child);
    }
    if (firstChild.length % SLICE === 0) yield;
  }
  firstChild.push(nodes.length);
  return { nodes, firstChild };
}

function byStart(a: SpanNode, b: SpanNode): number {
  return a.startNanos - b.startNanos;
}

/** Checks whether the end of the parent, or the start of a sibling, may have waited for the whole span. */
function isWaitedFor(node: SpanNode, tolerance: number): boolean {
  if (!node.outlives || !node.waitedFor) return node.waitedFor;
  const parent = node.parent!;
  if (parent.outlivedBy !== node) return false;
  return !parent.children.some(
    (other) => other.waitedFor && !other.outlives && other.endNanos > node.startNanos + tolerance,
  );
}

/** Returns, by parent, what spans that outlive it explain of its gaps, as children of it. */
function sectionsBeside(tree: TraceTree, options: CriticalPathOptions): Map<SpanNode, SpanNode[]> {
  const sections = new Map<SpanNode, SpanNode[]>();
  if (!tree.nodes.some(({ outlivedBy }) => outlivedBy !== undefined)) return sections;
  const tolerance = toleranceOf(options);
  /** In whose gaps a span is, with all below it. */
  const hosts = new Map<SpanNode, SpanNode>();
  for (const node of tree.nodes) {
    const { parent } = node;
    if (parent === undefined) continue;
    const isBeside = parent.outlivedBy === node && !isWaitedFor(node, tolerance);
    const host = hosts.get(parent) ?? (isBeside ? parent : undefined);
    if (host !== undefined) hosts.set(node, host);
  }
  if (hosts.size === 0) return sections;
  for (const root of tree.roots) {
    walkCriticalPath(
      root,
      (node, startNanos, endNanos) => {
        const host = hosts.get(node);
        if (host === undefined) return;
        const section = sectionOf(node, startNanos, endNanos);
        const others = sections.get(host);
        if (others === undefined) sections.set(host, [section]);
        else others.push(section);
      },
      options,
    );
  }
  return sections;
}

/** A stretch of a span as a span of its own. */
function sectionOf(node: SpanNode, startNanos: number, endNanos: number): SpanNode {
  const section = new SpanNode(node.record);
  section.operation = node.operation;
  section.parent = node.parent;
  section.startNanos = startNanos;
  section.endNanos = endNanos;
  section.criticalNanos = endNanos - startNanos;
  return section;
}

/** Returns the positions of the children in the order in which starts can be due to their ends. */
function* inOrderOfRelease(children: readonly SpanNode[], tolerance: number): Sliced<number[]> {
  const releases = Float64Array.from(children, (child) => releaseOf(child, tolerance));
  // Of those released together the first to start is the first, as the children are in that order.
  return yield* sortInSlices([...children.keys()], (a, b) => releases[a]! - releases[b]! || a - b);
}

/** Checks whether the start of `child` can be due to the end of `other`, as on the critical path. */
function isReleased(other: SpanNode, child: SpanNode, tolerance: number): boolean {
  const isBefore = other.startNanos < child.startNanos;
  return isBefore && releaseOf(other, tolerance) <= child.startNanos;
}

function releaseOf({ startNanos, endNanos }: SpanNode, tolerance: number): number {
  return Math.max(endNanos - tolerance, startNanos);
}

function endsLater(a: SpanNode, b: SpanNode): boolean {
  return a.endNanos > b.endNanos || (a.endNanos === b.endNanos && a.startNanos < b.startNanos);
}
