import type { Quantiles } from '../durations.js';
import { SLOW_SHARE } from '../insights/slow-tail.js';
import { backoffInside } from '../pictures/call-paths.js';
import type { ComparedRoots, CriticalByBox } from '../pictures/draw-paths.js';
import type { PathBox } from '../trace/path-box.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import { preorder, type SpanNode } from '../trace/trace-tree.js';
import { Reservoir } from './reservoir.js';

/** The middle half of the local roots of an entry point are typical. */
const TYPICAL_FROM = 0.25;
const TYPICAL_UP_TO = 0.75;
/** Fewer slow traces say nothing. */
export const MIN_SLOW = 3;
const MAX_SLOW = 40;
const MAX_TYPICAL = 100;
/** The boxes with the most critical time, of one trace. */
const MAX_BOXES = 48;
/** Of so few that none is known to be slow, the slowest tenth is compared. */
const SLOWEST_OF_FEW = 0.1;
/** What is slow is found anew when there are so many times as many local roots. */
const GROWTH = 1.25;

/** A local root, and what it waited for. */
export interface SampledRoot {
  readonly nanos: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly boxes: CriticalByBox;
}

interface Place {
  readonly in: Reservoir<SampledRoot>;
  readonly at: number;
}

export interface ChosenRoot {
  readonly place: Place;
  readonly root: SpanNode;
}

/**
 * Keeps a choice of the slowest local roots of one entry point, and one of the typical ones, in bounded memory.
 * Which are slow is known at the end alone: until then it goes by those that came before.
 */
export class SlowSample {
  readonly #slow = new Reservoir<SampledRoot>(MAX_SLOW);
  readonly #typical = new Reservoir<SampledRoot>(MAX_TYPICAL);
  // The first ones are all kept.
  #typicalFrom = 0;
  #typicalUpTo = Infinity;
  #slowBeyond = Infinity;
  #lookAgainAt = MAX_TYPICAL;

  /** @param durations those of all local roots, with this one */
  place(nanos: number, durations: Quantiles): Place | undefined {
    if (durations.count > this.#lookAgainAt) this.#lookAgain(durations);
    const isTypical = nanos >= this.#typicalFrom && nanos <= this.#typicalUpTo;
    if (!isTypical && nanos <= this.#slowBeyond) return undefined;
    const reservoir = isTypical ? this.#typical : this.#slow;
    const at = reservoir.place();
    return at === undefined ? undefined : { in: reservoir, at };
  }

  /** Returns the slowest that were kept, and the typical ones. */
  compared(durations: Quantiles): { slow: SampledRoot[]; typical: SampledRoot[] } {
    const [from, upTo, slowBeyond] = boundsOf(durations);
    const all = [...this.#slow.items, ...this.#typical.items];
    return {
      slow: all.filter(({ nanos }) => nanos > slowBeyond),
      typical: all.filter(({ nanos }) => nanos >= from && nanos <= upTo && nanos <= slowBeyond),
    };
  }

  /** The boxes of both; the slowest tenth of all that were kept, where too few are slow. */
  boxes(durations: Quantiles): ComparedRoots | undefined {
    let { slow, typical } = this.compared(durations);
    if (slow.length < MIN_SLOW) {
      const all = [...this.#slow.items, ...this.#typical.items].sort((a, b) => b.nanos - a.nanos);
      slow = all.slice(0, Math.floor(SLOWEST_OF_FEW * all.length));
      typical = typical.filter((root) => !slow.includes(root));
    }
    if (slow.length === 0 || typical.length < MIN_SLOW) return undefined;
    return { slow: slow.map(({ boxes }) => boxes), typical: typical.map(({ boxes }) => boxes) };
  }

  #lookAgain(durations: Quantiles): void {
    const { slow, typical } = this.compared(durations);
    [this.#typicalFrom, this.#typicalUpTo, this.#slowBeyond] = boundsOf(durations);
    const before = durations.count - 1;
    this.#slow.restart(slow, Math.round(SLOW_SHARE * before));
    this.#typical.restart(typical, Math.round((TYPICAL_UP_TO - TYPICAL_FROM) * before));
    this.#lookAgainAt = Math.ceil(GROWTH * durations.count);
  }
}

/** @param nodes those of the root, if it is the only one of its trace */
export function* sampleRoots(
  chosen: readonly ChosenRoot[],
  nodes: readonly SpanNode[] | undefined,
): Sliced {
  for (const { place, root } of chosen) {
    const { traceId, spanId } = root.record;
    const boxes = yield* criticalByBox(nodes ?? preorder([root]));
    const item = { nanos: root.endNanos - root.startNanos, traceId, spanId, boxes };
    place.in.put(place.at, item);
  }
}

function* criticalByBox(nodes: readonly SpanNode[]): Sliced<CriticalByBox> {
  const byBox = new Map<PathBox, number>();
  const add = (box: PathBox, nanos: number) => byBox.set(box, (byBox.get(box) ?? 0) + nanos);
  yield* forEachInSlices(nodes.length, (index) => {
    const node = nodes[index]!;
    if (node.box === undefined) return;
    if (node.criticalNanos > 0) add(node.box, node.criticalNanos);
    const backoff = backoffInside(node);
    if (backoff === undefined || backoff.criticalNanos === 0) return;
    add(backoff.box, -backoff.criticalNanos);
    add(backoff.leaf, backoff.criticalNanos);
  });
  return [...byBox].sort(([, a], [, b]) => b - a).slice(0, MAX_BOXES);
}

function boundsOf(durations: Quantiles): [typicalFrom: number, upTo: number, slowBeyond: number] {
  return [durations.at(TYPICAL_FROM), durations.at(TYPICAL_UP_TO), durations.at(1 - SLOW_SHARE)];
}
