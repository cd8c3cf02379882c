import { finite, isFailed, type PlacedSpan } from './span-tree.js';

/** What was done while users waited: `gap` is where no span says it. */
export type PieceKind = 'own' | 'failed' | 'backoff' | 'wait' | 'idle' | 'gap';

/** A stretch of the critical path. */
export interface Piece {
  /** The place of its span in the trace, -1 for a gap. */
  readonly span: number;
  readonly kind: PieceKind;
  readonly from: number;
  readonly to: number;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The time before each attempt in which nothing was tried. */
export function backoffsOf({ parts }: PlacedSpan): Stretch[] {
  return parts.flatMap(({ span, from }) => {
    const seconds = finite(span.attempt?.backoffSeconds ?? 0);
    return seconds > 0 ? [{ from: from - seconds, to: from }] : [];
  });
}

export function drawnWaits({ span }: PlacedSpan): (Stretch & { readonly kind: 'wait' | 'idle' })[] {
  return (span.waits ?? []).flatMap(({ from, to, name }) =>
    to > from && to < Infinity && from > -Infinity
      ? [{ from, to, kind: name === undefined ? ('idle' as const) : ('wait' as const) }]
      : [],
  );
}

/** The stretches of the critical path in a span, cut where a wait or a backoff begins or ends. */
export function cutCritical(node: PlacedSpan): Piece[] {
  const { critical = [] } = node.span;
  const backoffs = backoffsOf(node).map((it) => ({ ...it, kind: 'backoff' as const }));
  const marks = [...drawnWaits(node), ...backoffs];
  const kind = node.isWasted || isFailed(node.span) ? 'failed' : 'own';
  const pieces: Piece[] = [];
  for (let at = 0; at + 1 < critical.length; at += 2) {
    const [from, to] = [finite(critical[at]!), finite(critical[at + 1]!)];
    if (to <= from) continue;
    const cuts = marks.flatMap((mark) => [mark.from, mark.to]).filter((it) => it > from && it < to);
    const ends = [...cuts.sort((one, other) => one - other), to];
    let start = from;
    for (const end of ends) {
      if (end <= start) continue;
      const middle = (start + end) / 2;
      const mark = marks.find((it) => it.from < middle && middle < it.to);
      pieces.push({ span: node.index, kind: mark?.kind ?? kind, from: start, to: end });
      start = end;
    }
  }
  return pieces;
}

/** The critical path from the start of the trace to its end, without a hole and without overlap. */
export function ribbonOf(nodes: readonly PlacedSpan[], seconds: number): Piece[] {
  const end = Math.max(0, finite(seconds));
  const ribbon: Piece[] = [];
  let cursor = 0;
  const add = (piece: Piece) => {
    const last = ribbon.at(-1);
    if (last?.kind === piece.kind && last.span === piece.span)
      ribbon[ribbon.length - 1] = { ...last, to: piece.to };
    else ribbon.push(piece);
    cursor = piece.to;
  };
  const pieces = nodes.flatMap(cutCritical).sort((one, other) => one.from - other.from);
  for (const piece of pieces) {
    const from = Math.max(piece.from, cursor);
    const to = Math.min(piece.to, end);
    if (to <= from) continue;
    // Times are rounded where they are written: less than a microsecond is no gap.
    const isGap = from - cursor > 1e-6;
    if (isGap) add({ span: -1, kind: 'gap', from: cursor, to: from });
    add({ ...piece, from: cursor, to });
  }
  if (end > cursor) add({ span: -1, kind: 'gap', from: cursor, to: end });
  return ribbon;
}

/** Seconds of the critical path by what they went into, and by row. */
export function sumPieces(nodes: readonly PlacedSpan[], ribbon: readonly Piece[]) {
  const byKind = new Map<PieceKind, number>();
  const byKey = new Map<string, number>();
  for (const { span, kind, from, to } of ribbon) {
    byKind.set(kind, (byKind.get(kind) ?? 0) + to - from);
    const key = nodes[span]?.key;
    if (key !== undefined) byKey.set(key, (byKey.get(key) ?? 0) + to - from);
  }
  return { byKind, byKey };
}
