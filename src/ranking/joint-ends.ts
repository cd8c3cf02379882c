import { getOrMake } from '../bounded.js';
import type { RowName } from '../trace/row-names.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';

const MAX_ROWS = 128;
/** So many spans of a row are remembered, to compare others with. */
const REMEMBERED = 8;
/** Ends are one, as a share of the shorter span: by chance once in a hundred times. */
const SAME = 0.005;
const MIN_SPANS = 8;
const MIN_SHARE = 0.5;
/** What always takes as long ends together because it started together. */
const MIN_VARIATION = 0.05;

interface Seen {
  readonly startNanos: number;
  readonly endNanos: number;
}

class JointRow {
  readonly #last: Seen[] = [];
  #compared = 0;
  #joint = 0;
  #sum = 0;
  #squares = 0;
  #count = 0;

  add(span: Seen): void {
    const nanos = span.endNanos - span.startNanos;
    this.#count += 1;
    this.#sum += nanos;
    this.#squares += nanos * nanos;
    const beside = this.#last.filter(
      (other) => other.endNanos > span.startNanos && other.startNanos < span.endNanos,
    );
    if (beside.length > 0) this.#compared += 1;
    if (beside.some((other) => endsWith(span, other))) this.#joint += 1;
    this.#last.push(span);
    if (this.#last.length > REMEMBERED) this.#last.shift();
  }

  isJoint(): boolean {
    const mean = this.#sum / this.#count;
    const deviation = Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean));
    if (this.#compared < MIN_SPANS || deviation < MIN_VARIATION * mean) return false;
    return this.#joint >= MIN_SHARE * this.#compared;
  }
}

function endsWith(a: Seen, b: Seen): boolean {
  const shorter = Math.min(a.endNanos - a.startNanos, b.endNanos - b.startNanos);
  return Math.abs(a.endNanos - b.endNanos) <= SAME * shorter;
}

/**
 * Finds rows whose spans end together, again and again: something that is not traced ended a wait of all of them, such as
 * a batch or a single flight. Bounded.
 */
export class JointEnds {
  readonly #rows = new Map<RowName, JointRow>();

  *see({ nodes }: TraceTree, originNanos: number): Sliced {
    yield* forEachInSlices(nodes.length, (at) => this.#add(nodes[at]!, originNanos));
  }

  #add(node: SpanNode, originNanos: number): void {
    const { row, children, criticalNanos, startNanos, endNanos } = node;
    if (row === undefined || children.length > 0 || endNanos <= startNanos) return;
    const isKnown = this.#rows.has(row);
    if (!isKnown && (criticalNanos === 0 || this.#rows.size >= MAX_ROWS)) return;
    const times = { startNanos: originNanos + startNanos, endNanos: originNanos + endNanos };
    getOrMake(this.#rows, row, () => new JointRow()).add(times);
  }

  rows(): RowName[] {
    return [...this.#rows].filter(([, row]) => row.isJoint()).map(([name]) => name);
  }
}
