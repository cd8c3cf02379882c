import { byEndDescending } from './self-time.js';
import { attach, type SpanNode } from './trace-tree.js';
import { WaitSection } from './wait-section.js';

/** The clocks of a stream, and of what passes it on or reads it, are read one after the other. */
export const SLACK_NANOS = 100_000;

interface Turn {
  readonly startNanos: number;
  /** The reader's come first. */
  readonly readerNanos: number;
  readonly sourceNanos: number;
  readonly endNanos: number;
}

function turnsOf({ record }: SpanNode): Turn[] {
  const [openNanos = 0, ...nanos] = record.facts.stream!.turnsNanos;
  const turns: Turn[] = [];
  let startNanos = record.startNanos + openNanos;
  for (let at = 0; at < nanos.length; at += 2) {
    const readerNanos = nanos[at]!;
    const sourceNanos = nanos[at + 1] ?? 0;
    const endNanos = Math.min(startNanos + readerNanos + sourceNanos, record.endNanos);
    if (endNanos < startNanos) break;
    turns.push({ startNanos, readerNanos, sourceNanos, endNanos });
    startNanos = endNanos;
  }
  return turns;
}

/** What its source did while a stream was read. */
export function piecesOf(
  stream: SpanNode,
  host: SpanNode,
  work: readonly SpanNode[],
): WaitSection[] {
  const { perTurn } = stream.record.facts.stream!;
  const pieces: WaitSection[] = [];
  const add = (startNanos: number, endNanos: number) => {
    const start = Math.max(startNanos, host.startNanos);
    const end = Math.min(endNanos, host.endNanos);
    if (end > start) pieces.push(new WaitSection(host, stream, start, end));
  };
  for (const turn of turnsOf(stream)) {
    const { startNanos, readerNanos, endNanos } = turn;
    if (perTurn === 1 || readerNanos === 0) add(startNanos + readerNanos, endNanos);
    else addBetween(work, turn, add);
  }
  return pieces;
}

interface Reading {
  readonly stream: SpanNode;
  /** What its source did. */
  readonly pieces: readonly WaitSection[];
  readonly host: SpanNode;
  /** What else ran inside the host, in the order of the analysis. */
  readonly work: readonly SpanNode[];
  /** Those that the host will have. */
  readonly children: Set<SpanNode>;
}

/**
 * Puts a stream and what its reader did by turns under one child of the reader's span, so that they wait for each
 * other and for nothing beside them. Returns how much it has looked at.
 */
export function joinReading({ stream, pieces, host, work, children }: Reading): number {
  const { perTurn } = stream.record.facts.stream!;
  const turns = turnsOf(stream);
  const joined: SpanNode[] = [];
  let looked = turns.length;
  for (const turn of turns) {
    const { startNanos, readerNanos } = turn;
    const read = perTurn === 1 ? startNanos + readerNanos : turn.endNanos;
    // False turns are longer than their span.
    const endNanos = Math.min(read, turn.endNanos);
    if (readerNanos === 0) continue;
    for (let at = firstEndingBy(work, endNanos + SLACK_NANOS); ; at += 1) {
      const child = work[at];
      if (child === undefined || child.endNanos <= startNanos) break;
      looked += 1;
      if (child.outlives || !child.waitedFor || !isIn(child, { startNanos, endNanos })) continue;
      if (children.delete(child)) joined.push(child);
    }
  }
  if (joined.length === 0) return looked;
  const startNanos = Math.max(turns[0]!.startNanos, host.startNanos);
  const reading = new WaitSection(
    host,
    host,
    startNanos,
    Math.min(turns.at(-1)!.endNanos, host.endNanos),
  );
  for (const piece of pieces) if (children.delete(piece)) joined.push(piece);
  for (const node of joined.sort(byEndDescending)) attach(reading, node);
  children.add(reading);
  return looked;
}

/** Of several turns in one the source worked in what the spans of the reader leave, and last before each of them. */
function addBetween(
  work: readonly SpanNode[],
  { startNanos: since, endNanos: until, sourceNanos }: Turn,
  add: (startNanos: number, endNanos: number) => void,
): void {
  const gaps: [start: number, end: number][] = [];
  let edge = until;
  for (let at = firstEndingBy(work, until); at < work.length; at += 1) {
    const child = work[at]!;
    if (child.endNanos <= since) break;
    if (child.startNanos < since || !child.waitedFor || child.endNanos > edge) continue;
    gaps.push([child.endNanos, edge]);
    edge = child.startNanos;
  }
  gaps.push([since, edge]);
  const gapNanos = gaps.reduce((sum, [start, end]) => sum + end - start, 0);
  const share = Math.min(1, sourceNanos / gapNanos);
  for (const [start, end] of gaps) add(end - share * (end - start), end);
}

/** Of children in the order of the analysis. */
function firstEndingBy(children: readonly SpanNode[], nanos: number): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (children[middle]!.endNanos > nanos) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Times = Pick<SpanNode, 'startNanos' | 'endNanos'>;

export function isIn(node: Times, { startNanos, endNanos }: Times): boolean {
  return node.startNanos >= startNanos - SLACK_NANOS && node.endNanos <= endNanos + SLACK_NANOS;
}
