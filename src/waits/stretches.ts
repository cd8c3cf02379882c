import type { RowName } from '../trace/row-names.js';
import { backoffNanos } from '../trace/known-waits.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import type { HeldTrace } from './held-trace.js';
import type { End } from './ends.js';

/** A part of a span's own time, between its children. Times are those of all held traces. */
export class Stretch {
  /** Since when nothing worked in it, if nothing did. */
  idleSinceNanos: number | undefined = undefined;
  /** Of how many slots it waited for one, if it did. */
  slots: number | undefined = undefined;

  /**
   * @param child the child before it
   * @param endNanos without what it waited for a block of the event loop
   * @param cause whose end it waited for, once that is known
   */
  constructor(
    readonly node: SpanNode,
    readonly trace: HeldTrace,
    readonly child: SpanNode | undefined,
    readonly startNanos: number,
    public endNanos: number,
    public cause?: End,
  ) {}
}

/** Stretches between the same: of spans of one row, after children of one and before children of another. */
export interface StretchKind {
  readonly key: string;
  readonly row: RowName;
  /** Of the children around it; none at the start and at the end of the span. */
  readonly before: RowName | undefined;
  readonly after: RowName | undefined;
  /** `true` for what is before the start of local roots. */
  readonly isStart: boolean;
  readonly stretches: Stretch[];
  nanos: number;
}

/** The end of the keys of what is before local roots. */
const START = ' start';
/** Shorter stretches explain nothing. */
const MIN_SHARE_OF_TRACE = 0.001;

/** Numbers rows, so that kinds have short keys. */
export class RowNumbers {
  readonly #numbers = new WeakMap<RowName, number>();
  #count = 0;

  of(row: RowName | undefined): number {
    if (row === undefined) return 0;
    let number = this.#numbers.get(row);
    if (number === undefined) this.#numbers.set(row, (number = this.#count += 1));
    return number;
  }
}

function kindOf(
  kinds: Map<string, StretchKind>,
  key: string,
  row: RowName,
  before: RowName | undefined,
  after: RowName | undefined,
): StretchKind {
  let kind = kinds.get(key);
  if (kind === undefined) {
    kind = { key, row, before, after, isStart: key.endsWith(START), stretches: [], nanos: 0 };
    kinds.set(key, kind);
  }
  return kind;
}

/** Collects, for each local root, as much time before its start as it took: somebody may have made it start. */
export function collectStarts(
  trace: HeldTrace,
  numbers: RowNumbers,
  kinds: Map<string, StretchKind>,
): void {
  for (const node of trace.roots) {
    const { row } = node;
    if (row === undefined || node.endNanos <= node.startNanos) continue;
    const endNanos = trace.originNanos + node.startNanos;
    const nanos = node.endNanos - node.startNanos;
    const kind = kindOf(kinds, `${numbers.of(row)}${START}`, row, undefined, undefined);
    kind.nanos += nanos;
    kind.stretches.push(new Stretch(node, trace, undefined, endNanos - nanos, endNanos));
  }
}

/** Collects the stretches of a trace by their kinds. */
export function* collectStretches(
  trace: HeldTrace,
  numbers: RowNumbers,
  kinds: Map<string, StretchKind>,
): Sliced {
  const least = MIN_SHARE_OF_TRACE * (trace.endNanos - trace.startNanos);
  const origin = trace.originNanos;
  yield* forEachInSlices(trace.nodes.length, (place) => {
    const node = trace.nodes[place]!;
    const { row } = node;
    if (row === undefined || node.stillRunning || node instanceof WaitSection) return;
    // What runs without a pause waits for nobody.
    if (node.record.facts.blockedSeconds !== undefined) return;
    forEachStretch(node, (startNanos, endNanos, child, next) => {
      if (endNanos - startNanos <= least) return;
      const before = child?.row;
      const after = next?.row;
      const key = `${numbers.of(row)} ${numbers.of(before)} ${numbers.of(after)}`;
      const kind = kindOf(kinds, key, row, before, after);
      kind.nanos += endNanos - startNanos;
      const stretch = new Stretch(node, trace, child, origin + startNanos, origin + endNanos);
      const backoff = backoffNanos(next);
      if (node.record.facts.isIdle === true) stretch.idleSinceNanos = stretch.startNanos;
      else if (backoff > 0)
        stretch.idleSinceNanos = origin + Math.max(startNanos, endNanos - backoff);
      kind.stretches.push(stretch);
    });
  });
}

type Visit = (
  startNanos: number,
  endNanos: number,
  before: SpanNode | undefined,
  after: SpanNode | undefined,
) => void;

/** The latest first. What nobody waited for, or what outlives the span, covers nothing. */
function forEachStretch(node: SpanNode, visit: Visit): void {
  let edge = node.endNanos;
  let after: SpanNode | undefined = undefined;
  for (const child of node.children) {
    if (!child.waitedFor || child.outlives) continue;
    if (child.endNanos < edge) visit(child.endNanos, edge, child, after);
    if (child.startNanos >= edge) continue;
    edge = child.startNanos;
    after = child;
  }
  if (node.startNanos < edge) visit(node.startNanos, edge, undefined, after);
}
