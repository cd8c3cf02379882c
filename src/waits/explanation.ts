import { getOrMake } from '../bounded.js';
import { sumOf } from '../sums.js';
import type { RowName } from '../trace/row-names.js';
import type { Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { isWithin, type End } from './ends.js';
import type { HeldTrace } from './held-trace.js';
import { firstPlace } from './lists.js';
import type { Stretch } from './stretches.js';

/**
 * So many spans are looked at for one wait, with those that others led to, and on average for all; what was before them
 * is not explained. Some 3 are usual. Without a limit, waits that lead to each other take for ever.
 */
const MAX_STEPS = 10_000;
const MAX_STEPS_ON_AVERAGE = 100;
/** In a slice. */
const STEPS_OF_SLICE = 20_000;
/** So many waits that ended at one time are explained by each other. */
const MAX_LEVELS = 60;

/** Who worked while a span waited: for each row one of its spans, and how long. */
interface Worked {
  readonly byRow: Map<RowName, { readonly node: SpanNode; nanos: number }>;
  idleNanos: number;
}

interface Explained extends Worked {
  /** What is before this is not explained. */
  readonly sinceNanos: number;
  /** `true` if it led back to itself, or too far: what others waited for it is told another way. */
  readonly isPart: boolean;
}

/**
 * Explains waits: a wait is the critical path of the span that ended it, walked back to the wait's start. Before
 * that span's start it is what its parent did, and before that its parent's parent; before the start of a trace,
 * what that waited for. What of it was a wait has been explained before, since it ended earlier.
 *
 *     doc 1  summarize ├──────────┤
 *     doc 2  (waits)   ├──────────┤ summarize ├───────┤
 *     doc 3  (waits)   ├──────────────────────────────┤ summarize ├──────┤
 *     explained         summarize   summarize
 */
export class Explanation {
  #steps = 0;
  /** At so many steps the wait at hand has had its share. */
  #mostSteps = 0;
  readonly #mostOfAll: number;
  #level = 0;
  #isPart = false;
  readonly #open = new Set<Stretch>();
  readonly #known = new Map<Stretch, Explained>();

  /**
   * @param stretches in which spans waited, by their starts
   * @param starts of local roots, and what they waited for: a worker begins the next job when one is done
   */
  constructor(
    private readonly stretches: ReadonlyMap<SpanNode, readonly Stretch[]>,
    private readonly starts: ReadonlyMap<SpanNode, Stretch>,
  ) {
    const waits = sumOf([...stretches.values()], ({ length }) => length) ?? 0;
    this.#mostOfAll = MAX_STEPS + MAX_STEPS_ON_AVERAGE * waits;
  }

  /** Explains all waits, those that ended first before the others, so that each is a short way to the last one. */
  *all(): Sliced {
    const waits = [...this.stretches.values()].flat();
    waits.sort((a, b) => a.endNanos - b.endNanos);
    yield;
    let until = STEPS_OF_SLICE;
    for (const wait of waits) {
      this.of(wait);
      if (this.#steps < until) continue;
      until = this.#steps + STEPS_OF_SLICE;
      yield;
    }
  }

  /** Returns `undefined` for a wait that is being explained. */
  of(stretch: Stretch): Explained | undefined {
    const known = this.#known.get(stretch);
    if (known !== undefined && (this.#level === 0 || !known.isPart)) return known;
    if (this.#open.has(stretch) || this.#level >= MAX_LEVELS) {
      this.#isPart = true;
      return undefined;
    }
    if (this.#level === 0) this.#mostSteps = Math.min(this.#steps + MAX_STEPS, this.#mostOfAll);
    this.#level += 1;
    this.#open.add(stretch);
    const { node, cause, idleSinceNanos, startNanos, endNanos } = stretch;
    let sinceNanos = idleSinceNanos ?? endNanos;
    const found: Worked = { byRow: new Map(), idleNanos: endNanos - sinceNanos };
    if (cause !== undefined)
      sinceNanos = this.#walk(cause, startNanos, untilOf(stretch, cause), node, found);
    this.#open.delete(stretch);
    this.#level -= 1;
    const explained = { ...found, sinceNanos, isPart: this.#isPart };
    if (this.#level > 0 && this.#isPart) return explained;
    this.#isPart = false;
    this.#known.set(stretch, explained);
    return explained;
  }

  /** What led to an end, back to `from`. Returns since when that is known. */
  #walk(end: End, from: number, until: number, waiting: SpanNode, found: Worked): number {
    let { node: last, trace } = end;
    let node = last;
    let at = until;
    let isAround = isWithin(waiting, node);
    while (at > from) {
      if (this.#steps >= this.#mostSteps) {
        this.#isPart = true;
        return at;
      }
      this.#steps += 1;
      const { originNanos: origin, toleranceNanos } = trace;
      const least = isAround ? from + toleranceNanos : Math.max(from, origin + node.startNanos);
      const child = this.#childBefore(node, trace, at, isAround ? waiting : undefined);
      const end = child === undefined ? -Infinity : Math.min(at, origin + child.endNanos);
      if (child !== undefined && end > least) {
        if (isAround) charge(found, node, at - end);
        else this.#own(node, end, at, found);
        [node, at, isAround] = [child, end, false];
        continue;
      }
      // Only its other children tell what the span did that is around the one that waits.
      if (isAround) return at;
      this.#own(node, least, at, found);
      at = Math.min(at, least);
      if (node.parent !== undefined) {
        node = node.parent;
        isAround = isWithin(waiting, node);
        continue;
      }
      const before = this.starts.get(node)?.cause;
      if (before === undefined || before.atNanos <= from) return at;
      charge(found, last, at - before.atNanos);
      at = Math.min(at, before.atNanos);
      ({ node, trace } = before);
      last = node;
      isAround = isWithin(waiting, node);
    }
    return at;
  }

  /** The child that ended last before a moment, and can have led to what happened then. */
  #childBefore(
    { children }: SpanNode,
    { originNanos, toleranceNanos }: HeldTrace,
    atNanos: number,
    waiting: SpanNode | undefined,
  ): SpanNode | undefined {
    const at = atNanos - originNanos;
    let place = firstPlace(children, ({ endNanos }) => endNanos <= at + toleranceNanos);
    for (; place < children.length; place += 1) {
      this.#steps += 1;
      const child = children[place]!;
      if (!child.waitedFor || child.outlives || child.startNanos >= at) continue;
      if (waiting === undefined || !isWithin(waiting, child)) return child;
    }
    return undefined;
  }

  /** What a span did itself between two moments, or others while it waited. */
  #own(node: SpanNode, from: number, until: number, found: Worked): void {
    if (until <= from) return;
    const own = this.stretches.get(node) ?? [];
    const stretch = own[firstPlace(own, ({ endNanos }) => endNanos > from)];
    const isWait = stretch !== undefined && stretch.startNanos < until;
    if (isWait && stretch.idleSinceNanos !== undefined) {
      found.idleNanos += until - from;
      return;
    }
    const cause = isWait ? stretch.cause : undefined;
    const known = cause && this.of(stretch!);
    if (known === undefined) {
      charge(found, node, until - from);
      return;
    }
    const end = Math.max(from, Math.min(until, untilOf(stretch!, cause!)));
    const start = Math.max(from, stretch!.startNanos);
    charge(found, node, until - end);
    let since = Math.max(from, Math.min(end, known.sinceNanos));
    const share = (end - since) / (untilOf(stretch!, cause!) - known.sinceNanos);
    if (share < 1 && this.#level < MAX_LEVELS) {
      this.#level += 1;
      since = this.#walk(cause!, start, end, node, found);
      this.#level -= 1;
    } else if (share > 0) {
      // Of long chains, a part of a wait is explained as all of it is.
      this.#steps += known.byRow.size;
      for (const worked of known.byRow.values()) charge(found, worked.node, share * worked.nanos);
      found.idleNanos += share * known.idleNanos;
    }
    charge(found, node, since - from);
  }
}

function untilOf({ endNanos }: Stretch, { atNanos }: End): number {
  return Math.min(atNanos, endNanos);
}

function charge({ byRow }: Worked, node: SpanNode, nanos: number): void {
  if (nanos > 0 && node.row !== undefined)
    getOrMake(byRow, node.row, () => ({ node, nanos: 0 })).nanos += nanos;
}
