import type { PictureSpan } from '../summary.js';

/** A span in its place, with times that can be drawn. */
export class PlacedSpan {
  /** The span on whose row it is drawn: its operation if it is an attempt or another part of one; else itself. */
  host: PlacedSpan = this;
  /** Those with rows of their own, by their start, those of its parts among them. */
  readonly children: PlacedSpan[] = [];
  /** Attempts and other parts that are drawn on its row, by their start. */
  readonly parts: PlacedSpan[] = [];

  constructor(
    readonly index: number,
    readonly span: PictureSpan,
    readonly from: number,
    readonly to: number,
    /** `service\nname` of its row; an attempt has that of its operation. */
    readonly key: string,
    /** In an attempt that failed: its time is wasted. */
    readonly isWasted: boolean,
  ) {}
}

/** Returns the spans in their order. A parent that does not come before its child counts as none. */
export function treeOf(spans: readonly PictureSpan[]): PlacedSpan[] {
  const nodes: PlacedSpan[] = [];
  const parents = spans.map((span, index) => {
    const parent = isBefore(span.parent, index) ? nodes[span.parent] : undefined;
    const from = finite(span.startSeconds);
    const ownKey = `${span.service}\n${span.row ?? span.name}`;
    const key = span.attempt === undefined ? ownKey : (parent?.key ?? ownKey);
    const to = Math.max(from, finite(span.endSeconds));
    const isWasted = parent?.isWasted === true || isFailed(span);
    nodes.push(new PlacedSpan(index, span, from, to, key, isWasted));
    return parent;
  });
  const byStart = [...nodes].sort((one, other) => one.from - other.from || one.index - other.index);
  const partsEnd = new Map<PlacedSpan, number>();
  for (const node of byStart) {
    const parent = parents[node.index];
    if (parent === undefined || !isPart(node, parent)) continue;
    // Parts side by side, as of a hedged call, have rows of their own.
    if (node.from < (partsEnd.get(parent) ?? -Infinity) - 1e-9) continue;
    partsEnd.set(parent, node.to);
    node.host = parent;
  }
  // Parents come first, so that the host of a parent is settled.
  for (const node of nodes) node.host = node.host === node ? node : node.host.host;
  for (const node of byStart) {
    if (node.host !== node) node.host.parts.push(node);
    else parents[node.index]?.host.children.push(node);
  }
  return nodes;
}

function isPart({ span, key }: PlacedSpan, parent: PlacedSpan): boolean {
  return span.attempt !== undefined || (span.row !== undefined && key === parent.key);
}

export function isFailed({ attempt, errorType }: PictureSpan): boolean {
  if (attempt === undefined) return false;
  return attempt.outcome === undefined ? errorType !== undefined : attempt.outcome !== 'success';
}

export function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

export function isBefore(place: number | undefined, count: number): place is number {
  return place !== undefined && Number.isInteger(place) && place >= 0 && place < count;
}
