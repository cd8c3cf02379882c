import { getOrMake } from '../bounded.js';
import { byEndDescending } from './self-time.js';
import { runAtOnce, SLICE, sortInSlices, type Sliced } from './slices.js';
import { attach, SpanNode, startsBefore, type TraceTree } from './trace-tree.js';
import { isIn, joinReading, piecesOf, SLACK_NANOS } from './stream-pieces.js';
import type { WaitSection } from './wait-section.js';

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
  return tree.streams === undefined ? undefined : runAtOnce(splitInSlices(tree));
}

/** As {@link splitStreams}, for large traces with streams. */
export function* splitInSlices(tree: TraceTree): Sliced<TraceTree> {
  const copy = yield* copyOf(tree);
  yield* new Splits(copy.nodes).run();
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
function* copyOf(tree: TraceTree): Sliced<TraceTree> {
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
      if (nodes.length % SLICE === 0) yield;
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

  *run(): Sliced {
    let looked = 0;
    // Parents come first: a stream that another one passes on is split before that.
    for (let at = this.#streams.length - 1; at >= 0; at -= 1) {
      const stream = this.#streams[at]!;
      this.#split(stream);
      looked += stream.record.facts.stream!.turnsNanos.length;
      if (looked < SLICE) continue;
      looked = 0;
      yield;
    }
    for (const [host, pieces] of this.#pieces) yield* this.#join(host, pieces);
    for (const node of this.#unordered) {
      node.children = yield* sortInSlices(node.children, byEndDescending);
      looked += 1 + node.children.length;
      if (looked < SLICE) continue;
      looked = 0;
      yield;
    }
  }

  *#join(host: SpanNode, pieces: ReadonlySet<WaitSection>): Sliced {
    const children = new Set(host.children);
    const byStream = new Map<SpanNode, WaitSection[]>();
    for (const piece of pieces) {
      children.add(piece);
      getOrMake(byStream, piece.cause!, () => []).push(piece);
      if (children.size % SLICE === 0) yield;
    }
    const work = this.#workOf(host);
    let looked = 0;
    for (const [stream, own] of byStream) {
      looked += joinReading({ stream, pieces: own, host, work, children });
      if (looked < SLICE) continue;
      looked = 0;
      yield;
    }
    host.children = [...children];
    this.#unordered.add(host);
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
