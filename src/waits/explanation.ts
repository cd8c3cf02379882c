import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { isWithin, type End } from './ends.js';
import type { HeldTrace } from './held-trace.js';
import type { Stretch } from './stretches.js';

/** How many waits explain each other, and how deep spans are looked into. */
const MAX_LEVELS = 60;
/** For all waits of some traces together. Beyond it a wait is that for the row that ended it. */
const MAX_STEPS = 200_000;

/** Who worked while a span waited: for each row one of its spans, and how long. */
export interface Explained {
  readonly byRow: Map<RowName, { readonly node: SpanNode; nanos: number }>;
  idleNanos: number;
  /** What is before this is not explained. */
  sinceNanos: number;
}

/**
 * Explains waits: a wait is the critical path of the span that ended it, walked back to the wait's start. Before
 * that span's start it is what its parent did, and before that its parent's parent; before the start of a trace,
 * what that waited for. What of it was a wait is explained in turn.
 *
 *     doc 1  summarize ├──────────┤
 *     doc 2  (waits)   ├──────────┤ summarize ├───────┤
 *     doc 3  (waits)   ├──────────────────────────────┤ summarize ├──────┤
 *     explained         summarize   summarize
 */
export class Explanation {
  #steps = 0;
  readonly #open = new Set<SpanNode>();

  /**
   * @param stretches in which spans waited
   * @param starts of local roots, and what they waited for: a worker begins the next job when one is done
   */
  constructor(
    private readonly stretches: ReadonlyMap<SpanNode, readonly Stretch[]>,
    private readonly starts: ReadonlyMap<SpanNode, Stretch>,
  ) {}

  of(stretch: Stretch): Explained {
    const found: Explained = { byRow: new Map(), idleNanos: 0, sinceNanos: stretch.endNanos };
    const { cause, idleSinceNanos } = stretch;
    if (idleSinceNanos !== undefined) {
      found.idleNanos = stretch.endNanos - idleSinceNanos;
      found.sinceNanos = idleSinceNanos;
    }
    if (cause === undefined) return found;
    const until = Math.min(cause.atNanos, stretch.endNanos);
    this.#open.add(stretch.node);
    found.sinceNanos = this.#lead(cause, stretch.startNanos, until, stretch.node, found, 0);
    this.#open.delete(stretch.node);
    return found;
  }

  /** What led to an end, back to `from`. Returns since when that is known. */
  #lead(
    end: End,
    from: number,
    until: number,
    waiting: SpanNode,
    found: Explained,
    level: number,
  ): number {
    let since = until;
    let last = end;
    while (this.#steps++ < MAX_STEPS) {
      const { node, trace } = last;
      let before: End | undefined = undefined;
      for (let at: SpanNode | undefined = node; at !== undefined; at = at.parent) {
        if (since <= from) return since;
        if (isWithin(waiting, at)) {
          return this.#beside(at, trace, from, since, waiting, found, level);
        }
        this.#inside(at, trace, from, since, found, level + 1);
        since = Math.min(since, Math.max(from, trace.originNanos + at.startNanos));
        if (at.parent === undefined) before = this.starts.get(at)?.cause;
      }
      if (before === undefined || before.atNanos <= from) break;
      charge(found, node, since - before.atNanos);
      since = Math.min(since, before.atNanos);
      last = before;
    }
    return since;
  }

  /** What the children of a span did, without the one that waits, as long as there were some. */
  #beside(
    node: SpanNode,
    trace: HeldTrace,
    from: number,
    until: number,
    waiting: SpanNode,
    found: Explained,
    level: number,
  ): number {
    const origin = trace.originNanos;
    let since = until;
    for (const child of node.children) {
      const end = Math.min(origin + child.endNanos, since);
      if (since <= from || end <= from + trace.toleranceNanos) break;
      if (isTooLate(child, since, trace) || isWithin(waiting, child)) continue;
      charge(found, node, since - end);
      this.#inside(child, trace, from, end, found, level + 1);
      since = Math.max(from, origin + child.startNanos);
    }
    return since;
  }

  /** The critical path of a span between two moments, the latest first. */
  #inside(
    node: SpanNode,
    trace: HeldTrace,
    from: number,
    until: number,
    found: Explained,
    level: number,
  ): void {
    const origin = trace.originNanos;
    const low = Math.max(from, origin + node.startNanos);
    let cursor = Math.min(until, origin + node.endNanos);
    if (level > MAX_LEVELS) {
      charge(found, node, cursor - low);
      return;
    }
    for (const child of node.children) {
      if (cursor <= low) return;
      this.#steps += 1;
      if (isTooLate(child, cursor, trace)) continue;
      const end = Math.min(origin + child.endNanos, cursor);
      if (end <= low) break;
      this.#own(node, end, cursor, found, level);
      this.#inside(child, trace, low, end, found, level + 1);
      cursor = Math.max(low, origin + child.startNanos);
    }
    this.#own(node, low, cursor, found, level);
  }

  #own(node: SpanNode, from: number, until: number, found: Explained, level: number): void {
    if (until <= from) return;
    const stretch = this.stretches.get(node)?.find(({ startNanos, endNanos }) => {
      return startNanos < until && endNanos > from;
    });
    if (stretch?.idleSinceNanos !== undefined) {
      found.idleNanos += until - from;
      return;
    }
    const { cause } = stretch ?? {};
    const isTooMuch = level > MAX_LEVELS || this.#steps > MAX_STEPS;
    if (stretch === undefined || cause === undefined || isTooMuch || this.#open.has(node)) {
      charge(found, node, until - from);
      return;
    }
    this.#open.add(node);
    const end = Math.max(from, Math.min(until, cause.atNanos));
    charge(found, node, until - end);
    const start = Math.max(from, stretch.startNanos);
    const since = this.#lead(cause, start, end, node, found, level + 1);
    charge(found, node, Math.min(since, end) - from);
    this.#open.delete(node);
  }
}

/** `true` if a child cannot have led to what happened at a moment. */
function isTooLate(child: SpanNode, nanos: number, trace: HeldTrace): boolean {
  if (!child.waitedFor || child.outlives) return true;
  const { originNanos, toleranceNanos } = trace;
  return originNanos + child.endNanos > nanos + toleranceNanos;
}

function charge({ byRow }: Explained, node: SpanNode, nanos: number): void {
  if (nanos > 0 && node.row !== undefined)
    getOrMake(byRow, node.row, () => ({ node, nanos: 0 })).nanos += nanos;
}
