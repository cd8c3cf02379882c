import { findPlace } from './place.js';
import { isCancelled } from './self-time.js';
import { NO_FACTS } from './span-record.js';
import { attach, preorder, type SpanNode, type TraceTree } from './trace-tree.js';

/** By chance the last of some branches ends so shortly after another, as a share of its time, a few times in a thousand. */
const MAX_END_GAP = 0.001;
/** What starts later did not start together. */
const MAX_START_GAP = 0.05;
/** How many spans show in what steps the clocks of a trace count. */
const MAX_LOOKED_AT = 50;

/** For all adoptions of a trace together: a hostile one must not hold up the process. */
const MAX_LOOKS = 1_000_000;

/**
 * Gives spans that do nothing but last as long as their siblings these as children: `http receive` of a web server,
 * `graphql.execution` beside its resolvers.
 *
 *     request       ├──────────────────┤         request       ├──────────────────┤
 *     http receive  ├─────────────────┤     →    . receive     ├─────────────────┤
 *     agent          ├───────────────┤           . . agent      ├───────────────┤
 *
 * A branch that ran beside others, and did work of its own, ends within a thousandth of its time after the last of
 * them a few times in a thousand; what waits for them always does. It is a leaf without facts, inside its parent, and
 * no request to another process, as that does work. Where clocks count in steps that are longer than such a gap,
 * nothing can be told.
 */
export class PassiveSiblings {
  #stepNanos: number | undefined = undefined;
  #looks = 0;
  #isChanged = false;

  constructor(private readonly tree: TraceTree) {}

  /** Looks at the children of a span, which are in order. Those who adopt have their place found. */
  look(parent: SpanNode): void {
    for (let at = 0; at + 1 < parent.children.length; at += 1) {
      const node = parent.children[at]!;
      if (!mayBePassive(node, parent.children[at + 1]!, parent)) continue;
      this.#looks += parent.children.length;
      if (this.#looks > MAX_LOOKS) return;
      this.#stepNanos ??= stepOf(this.tree.nodes);
      if (!adopt(parent, at, this.#stepNanos)) continue;
      findPlace(node);
      this.#isChanged = true;
    }
  }

  /** Parents come before children again. */
  finish(): void {
    if (!this.#isChanged) return;
    const { roots, orphans, nodes } = this.tree;
    preorder([...roots, ...orphans]).forEach((node, index) => (nodes[index] = node));
  }
}

/** Looks at what costs little: most siblings follow each other, or end apart. */
function mayBePassive(node: SpanNode, next: SpanNode, parent: SpanNode): boolean {
  const { startNanos, endNanos, record, children } = node;
  const nanos = endNanos - startNanos;
  if (next.startNanos < startNanos || endNanos - next.endNanos > MAX_END_GAP * nanos) return false;
  // What takes no time ends with whatever it follows.
  if (next.endNanos <= next.startNanos) return false;
  if (children.length > 0 || record.facts !== NO_FACTS || node.stillRunning) return false;
  if (record.kind !== 'internal' && record.kind !== 'server') return false;
  // A race was won the moment that its losers were told to stop.
  if (isCancelled(node) || isCancelled(next)) return false;
  return startNanos >= parent.startNanos && endNanos <= parent.endNanos && isAwaited(next, node);
}

/** Of one name, each does the same as the others. */
function isAwaited({ record, stillRunning }: SpanNode, by: SpanNode): boolean {
  if (record.kind === 'consumer' || record.followsFrom === true || stillRunning) return false;
  return record.name !== by.record.name;
}

function adopt(parent: SpanNode, at: number, stepNanos: number): boolean {
  const { children } = parent;
  const node = children[at]!;
  const nanos = node.endNanos - node.startNanos;
  if (node.endNanos - children[at + 1]!.endNanos + stepNanos > MAX_END_GAP * nanos) return false;
  const inside = (sibling: SpanNode) =>
    sibling !== node && sibling.startNanos >= node.startNanos && sibling.endNanos <= node.endNanos;
  const adopted = children.filter(inside);
  const first = adopted.reduce((least, { startNanos }) => Math.min(least, startNanos), Infinity);
  if (first - node.startNanos > MAX_START_GAP * nanos) return false;
  // A stream whose reader still reads what it left is not the reader's parent.
  const names = new Set(adopted.map(({ record }) => record.name));
  const isLeft = ({ endNanos, record }: SpanNode) =>
    endNanos > node.endNanos && names.has(record.name);
  if (children.some(isLeft)) return false;
  parent.children = children.filter((child) => !inside(child));
  for (const child of adopted) attach(node, child);
  return true;
}

/** The longest power of ten, in nanoseconds, that all times are multiples of. */
function stepOf(nodes: readonly SpanNode[]): number {
  const looked = nodes.slice(0, MAX_LOOKED_AT).map(({ record }) => record);
  let step = 1;
  while (
    step < 1e12 &&
    looked.every(({ startNanos, endNanos }) => isWhole(startNanos, endNanos, 10 * step))
  )
    step *= 10;
  return step;
}

function isWhole(startNanos: number, endNanos: number, step: number): boolean {
  return startNanos % step === 0 && endNanos % step === 0;
}
