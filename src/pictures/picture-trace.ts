import { getOrMake } from '../bounded.js';
import { walkCriticalPath, type CriticalPathOptions } from '../trace/critical-path.js';
import { forEachInSlices, SLICE, type Sliced } from '../trace/slices.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { WaitSection } from '../trace/wait-section.js';
import { keptSpan, SharedTexts, type KeptSpan, type KeptWait } from './kept-span.js';
import { longestSpans, NO_PARENT } from './longest-spans.js';
import { joinParts, type PathPart } from './stretches.js';

/** The most spans of one trace to keep, and stretches of all of them together. */
export const MAX_SPANS = 1_000;
const MAX_PARTS = 4_000;
/** How many of them are made in one slice. */
const KEPT_OF_SLICE = 250;

/** What is drawn of one trace. */
export interface TracePicture {
  readonly spans: readonly KeptSpan[];
  /** How many spans there was no room for. */
  readonly leftOut: number;
}

interface PictureOptions extends CriticalPathOptions {
  /** The key of the row that the own time of a span counts for. */
  readonly keyOf: (node: SpanNode) => string;
}

/** Spans under the local roots of a trace, parents before their children. */
interface Found {
  readonly nodes: readonly SpanNode[];
  readonly parents: readonly number[];
}

/**
 * Returns what is drawn of an analyzed trace, whose waits may be explained and whose streams may be split: its
 * spans as they were seen, what the critical path goes through, and who waited for whom. At every moment of a
 * local root one span is critical: where it waited for another span of the trace that is that one, while it lasts.
 */
export function* pictureOf(tree: TraceTree, options: PictureOptions): Sliced<TracePicture> {
  const found = yield* spansOf(tree);
  const nanos = new Float64Array(found.nodes.length);
  yield* forEachInSlices(nanos.length, (at) => {
    const { startNanos, endNanos } = found.nodes[at]!;
    nanos[at] = endNanos - startNanos;
  });
  const kept = yield* longestSpans(nanos, found.parents, MAX_SPANS);
  const places = new Map(kept.map((from, to) => [from, to]));
  const nodes = kept.map((at) => found.nodes[at]!);
  const since = startOfTrace(tree);
  const until = tree.roots.reduce((last, { endNanos }) => Math.max(last, endNanos), since);
  yield;
  const drawing = new Drawing(nodes, options);
  for (const root of tree.roots) drawing.addPath(root);
  yield;
  const critical = joinParts(drawing.critical, until - since, MAX_PARTS);
  yield;
  const waits = joinParts(drawing.waits(), until - since, MAX_PARTS, isSameWait);
  yield;
  const texts = new SharedTexts();
  const spans: KeptSpan[] = [];
  const keep = (at: number) => {
    const node = nodes[at]!;
    const parent = found.parents[kept[at]!]!;
    const around = { parent: places.get(parent) ?? NO_PARENT, row: options.keyOf(node), since };
    spans.push(keptSpan(node, { ...around, critical: critical[at]!, waits: waits[at]! }, texts));
  };
  yield* forEachInSlices(nodes.length, keep, KEPT_OF_SLICE);
  return { spans, leftOut: found.nodes.length - nodes.length };
}

/** When the first local root of a trace started, in nanoseconds. */
export function startOfTrace({ roots }: TraceTree): number {
  return roots.reduce((first, { startNanos }) => Math.min(first, startNanos), Infinity);
}

/** By what their records say: streams that were split have what is inside them elsewhere in the tree. */
function* spansOf({ roots, nodes }: TraceTree): Sliced<Found> {
  const isRoot = new Set(roots);
  const inside = new Map<string, SpanNode[]>();
  yield* forEachInSlices(nodes.length, (at) => {
    const node = nodes[at]!;
    const { parentSpanId } = node.record;
    if (node instanceof WaitSection || isRoot.has(node) || parentSpanId === undefined) return;
    getOrMake(inside, parentSpanId, () => []).push(node);
  });
  const found = [...roots];
  const parents = roots.map(() => NO_PARENT);
  // Both lists grow while they are walked.
  for (let at = 0; at < found.length; at += 1) {
    const { spanId } = found[at]!.record;
    for (const child of inside.get(spanId) ?? []) {
      found.push(child);
      parents.push(at);
    }
    // Data from outside may go round in circles.
    inside.delete(spanId);
    if (at % SLICE === SLICE - 1) yield;
  }
  return { nodes: found, parents };
}

/** What is found of the spans that are drawn. */
class Drawing {
  readonly #places: ReadonlyMap<string, number>;
  readonly critical: PathPart[][];

  constructor(
    private readonly nodes: readonly SpanNode[],
    private readonly options: PictureOptions,
  ) {
    this.#places = new Map(nodes.map(({ record }, at) => [record.spanId, at]));
    this.critical = nodes.map(() => []);
  }

  addPath(root: SpanNode): void {
    const visit = (node: SpanNode, from: number, to: number) => this.#addPart(node, from, to);
    walkCriticalPath(root, visit, this.options);
  }

  waits(): KeptWait[][] {
    return this.nodes.map((node) => sectionsIn(node).flatMap((each) => this.#waitOf(each) ?? []));
  }

  #addPart(node: SpanNode, from: number, to: number): void {
    if (!(node instanceof WaitSection)) {
      this.#add(this.#placeOf(node), from, to);
      return;
    }
    const host = this.#placeOf(node.host);
    const worker = this.#placeOf(node.cause);
    const { record } = this.nodes[worker ?? -1] ?? node.host;
    // It did not work all the time that is said to be its, if it had to wait itself.
    const since = Math.min(Math.max(from, record.startNanos), to);
    const until = Math.max(Math.min(to, record.endNanos), since);
    this.#add(host, from, since);
    this.#add(worker ?? host, since, until);
    this.#add(host, until, to);
  }

  #add(place: number | undefined, from: number, to: number): void {
    if (place !== undefined && to > from) this.critical[place]!.push({ from, to });
  }

  #waitOf(section: WaitSection): KeptWait | undefined {
    const { host, cause, startNanos: from, endNanos: to } = section;
    if (cause === undefined) return { from, to };
    // Own work that is not in the order in which it was seen.
    if (cause.record.spanId === host.record.spanId) return undefined;
    const by = this.#placeOf(cause);
    return { from, to, row: this.options.keyOf(cause), ...(by === undefined ? {} : { by }) };
  }

  #placeOf(node: SpanNode | undefined): number | undefined {
    if (node === undefined) return undefined;
    const place = this.#places.get(node.record.spanId);
    const isHere = this.nodes[place ?? -1]?.record.traceId === node.record.traceId;
    return isHere ? place : undefined;
  }
}

/** Those of a span, also of what only joins some of them. */
function sectionsIn(node: SpanNode): WaitSection[] {
  const sections = node.children.filter((child) => child instanceof WaitSection);
  // The list grows while it is walked.
  for (const section of sections) {
    for (const child of section.children) if (child instanceof WaitSection) sections.push(child);
  }
  return sections;
}

function isSameWait(a: KeptWait, b: KeptWait): boolean {
  return a.row === b.row && a.by === b.by;
}
