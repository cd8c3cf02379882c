import { getOrMake, groupBy } from '../bounded.js';
import { byEndDescending } from './self-time.js';
import { attach, SpanNode, startsBefore, type TraceTree } from './trace-tree.js';
import { WaitSection } from './wait-section.js';

/** The clocks of a stream, and of what passes it on or reads it, are read one after the other. */
const SLACK_NANOS = 100_000;

/**
 * Returns a copy of an analyzed trace whose streams are split by the turns of their source and of their reader;
 * `undefined` if it has none. A stream's span lasts as long as somebody reads it: what it does after the stream was
 * there becomes children of the span that reads it, between which the reader does its own work.
 *
 *     answer       ├──────────────────────────┤        answer       ├──────────────────────────┤
 *     . chat         ├────────────────────────┤        . chat         ├────┤
 *     . moderate             ├────┤   ├────┤     ->    . (chat)            ├─┤    ├──┤    ├────┤
 *                                                      . moderate            ├────┤  ├────┤
 */
export function splitStreams(tree: TraceTree): TraceTree | undefined {
  if (tree.streams === undefined) return undefined;
  const copy = copyOf(tree);
  new Splits(copy.nodes).run();
  return copy;
}

/** A span of a trace, in the copy of it. */
export class CopiedNode extends SpanNode {
  constructor(readonly original: SpanNode) {
    super(original.record);
    const { children } = this;
    Object.assign(this, original, { parent: undefined, children, outlivedBy: undefined });
  }
}

/** Orphans are not in it: nobody is known to have waited for them. */
function copyOf(tree: TraceTree): TraceTree {
  const roots = tree.roots.map((root) => new CopiedNode(root));
  const nodes = [...roots];
  // The list grows while it is walked.
  for (const node of nodes) {
    const { children, outlivedBy } = node.original;
    for (const child of children) {
      const copy = new CopiedNode(child);
      attach(node, copy);
      if (child === outlivedBy) node.outlivedBy = copy;
      nodes.push(copy);
    }
  }
  return { ...tree, roots, orphans: [], nodes };
}

class Splits {
  /** By the span that will have them as children. */
  readonly #pieces = new Map<SpanNode, Set<WaitSection>>();
  /** Of the streams that another one passes on. */
  readonly #inside = new Map<SpanNode, WaitSection[]>();
  /** With children whose ends have changed. */
  readonly #unordered = new Set<SpanNode>();
  /** What of a reader's children are no streams, in the order of the analysis. */
  readonly #work = new Map<SpanNode, SpanNode[]>();
  readonly #streams: readonly SpanNode[];
  readonly #readers: ReadonlyMap<string, SpanNode>;

  /** @param nodes parents before children */
  constructor(nodes: readonly SpanNode[]) {
    this.#streams = nodes.filter(({ record }) => record.facts.stream !== undefined);
    const ids = new Set(this.#streams.map(({ record }) => record.facts.stream!.readerSpanId));
    ids.delete(undefined);
    const readers = ids.size === 0 ? [] : nodes.filter(({ record }) => ids.has(record.spanId));
    this.#readers = new Map(readers.map((node) => [node.record.spanId, node]));
  }

  run(): void {
    // Parents come first: a stream that another one passes on is split before that.
    for (let at = this.#streams.length - 1; at >= 0; at -= 1) this.#split(this.#streams[at]!);
    for (const [host, pieces] of this.#pieces) {
      const children = new Set([...host.children, ...pieces]);
      const work = this.#workOf(host);
      for (const [stream, own] of groupBy([...pieces], ({ cause }) => cause!))
        joinReading({ stream, pieces: own, host, work, children });
      host.children = [...children];
      this.#unordered.add(host);
    }
    for (const node of this.#unordered) node.children = [...node.children].sort(byEndDescending);
  }

  #split(stream: SpanNode): void {
    const openNanos = stream.record.startNanos + stream.record.facts.stream!.turnsNanos[0]!;
    const host = this.#hostOf(stream);
    if (host === undefined || stream.parent === undefined || openNanos < stream.startNanos) return;
    const later = this.#cut(stream, openNanos);
    const ofHost = getOrMake(this.#pieces, host, () => new Set<WaitSection>());
    for (const piece of this.#inside.get(stream) ?? []) if (ofHost.delete(piece)) later.push(piece);
    const pieces = piecesOf(stream, host, this.#workOf(host));
    for (const piece of pieces) ofHost.add(piece);
    for (const node of later) {
      // What lasts over several turns is part of the stream: an attempt, or the request that its items come by.
      const piece = pieces.find((each) => isIn(node, each));
      if (piece !== undefined) this.#move(node, piece);
    }
    const outer = ancestorsOf(stream).find(({ record }) => record.facts.stream !== undefined);
    if (outer !== undefined) getOrMake(this.#inside, outer, () => []).push(...pieces);
  }

  /** The span that read the stream, or else the innermost around it that lasted as long. */
  #hostOf(stream: SpanNode): SpanNode | undefined {
    const { facts, endNanos } = stream.record;
    const around = ancestorsOf(stream);
    const reader = this.#readers.get(facts.stream!.readerSpanId ?? '');
    const isBeside =
      reader !== undefined &&
      reader !== stream &&
      !around.includes(reader) &&
      !ancestorsOf(reader).includes(stream);
    if (isBeside) return reader;
    return around.find(({ record }) => record.endNanos >= endNanos - SLACK_NANOS);
  }

  /** Ends a stream, and what still ran inside it, where its reader got it. Returns what ran inside after that. */
  #cut(stream: SpanNode, openNanos: number): SpanNode[] {
    const later: SpanNode[] = [];
    const cut: SpanNode[] = [stream];
    // The list grows while it is walked.
    for (const node of cut) {
      this.#unordered.add(node);
      node.endNanos = Math.min(node.endNanos, openNanos);
      Object.assign(node, { outlives: false, outlivedBy: undefined });
      const pieces = this.#pieces.get(node) ?? new Set<WaitSection>();
      for (const piece of pieces) {
        if (piece.startNanos >= node.endNanos) {
          pieces.delete(piece);
          later.push(piece);
        } else if (piece.endNanos > node.endNanos) cut.push(piece);
      }
      node.children = node.children.filter((child) => {
        if (child.startNanos >= node.endNanos) later.push(child);
        else if (child.endNanos > node.endNanos) cut.push(child);
        return child.startNanos < node.endNanos;
      });
    }
    const parent = stream.parent!;
    this.#unordered.add(parent);
    if (parent.outlivedBy !== stream) return later;
    parent.outlivedBy = undefined;
    for (const child of parent.children) {
      if (!child.outlives || !child.waitedFor) continue;
      if (parent.outlivedBy === undefined || startsBefore(child, parent.outlivedBy))
        parent.outlivedBy = child;
    }
    return later;
  }

  #move(node: SpanNode, to: SpanNode): void {
    node.outlives = false;
    if (node.parent?.outlivedBy === node) node.parent.outlivedBy = undefined;
    attach(to, node);
    this.#unordered.add(to);
  }

  #workOf(host: SpanNode): SpanNode[] {
    return getOrMake(this.#work, host, () =>
      host.children.filter(({ record }) => record.facts.stream === undefined),
    );
  }
}

/** The innermost first. */
function ancestorsOf({ parent }: SpanNode): SpanNode[] {
  const ancestors: SpanNode[] = [];
  for (let at = parent; at !== undefined; at = at.parent) ancestors.push(at);
  return ancestors;
}

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
function piecesOf(stream: SpanNode, host: SpanNode, work: readonly SpanNode[]): WaitSection[] {
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
 * other and for nothing beside them.
 */
function joinReading({ stream, pieces, host, work, children }: Reading): void {
  const { perTurn } = stream.record.facts.stream!;
  const turns = turnsOf(stream);
  const joined: SpanNode[] = [];
  for (const turn of turns) {
    const { startNanos, readerNanos } = turn;
    const read = perTurn === 1 ? startNanos + readerNanos : turn.endNanos;
    // False turns are longer than their span.
    const endNanos = Math.min(read, turn.endNanos);
    if (readerNanos === 0) continue;
    for (let at = firstEndingBy(work, endNanos + SLACK_NANOS); ; at += 1) {
      const child = work[at];
      if (child === undefined || child.endNanos <= startNanos) break;
      if (child.outlives || !child.waitedFor || !isIn(child, { startNanos, endNanos })) continue;
      if (children.delete(child)) joined.push(child);
    }
  }
  if (joined.length === 0) return;
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

function isIn(node: Times, { startNanos, endNanos }: Times): boolean {
  return node.startNanos >= startNanos - SLACK_NANOS && node.endNanos <= endNanos + SLACK_NANOS;
}
