import { formatCount, formatSeconds } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { BySegment, quoted, type Finding, type InsightSource } from './finding.js';
import type { TokensInside } from './tokens-inside.js';

const MIN_RUN = 3;
/** Tools that ran without a call of a model between them were asked for together. */
const MIN_TOOL_RUN = 2;
/** Calls that overlap by less of the shorter one still follow each other: clocks are not exact. */
const MAX_OVERLAP = 0.1;
/** Of the time of the parent, or a run is not worth a look. */
const MIN_SHARE_OF_PARENT = 0.1;
const NANOS = 1e9;
/** The variant of a segment that tells of different tools inside it. */
const OF_TOOLS = 1;

class Runs {
  count = 0;
  calls = 0;
  longest = 0;
  nanos = 0;
  savedNanos = 0;
  ofTools = 0;
}

/**
 * Siblings of one row, or calls of tools, that ran one after another with nothing between them, and
 * do not look as if each needed the one before.
 */
export class SequentialCalls implements InsightSource {
  readonly #rowOf: RowOf;
  readonly #segments: BySegment<Runs>;
  #lastRecord: SpanRecord | undefined = undefined;
  #lastRow: RowName | undefined = undefined;

  constructor(rowOf: RowOf) {
    this.#rowOf = rowOf;
    this.#segments = new BySegment(rowOf, () => new Runs());
  }

  /**
   * Adds the children of one span.
   *
   * @param children in the order of their ends, each an operation that succeeded and was waited for, or
   *   undefined where one was not, which breaks a run
   * @param isTaken whether another kind of insight tells of
   */
  addChildren(
    parent: SpanNode,
    children: readonly (SpanNode | undefined)[],
    tokens: TokensInside,
    isTaken: (child: SpanNode) => boolean,
  ): void {
    let start = 0;
    for (let at = 1; at <= children.length; at += 1) {
      if (at < children.length && this.#follows(children[at - 1], children[at])) continue;
      this.#addRun(parent, children, start, at, tokens, isTaken);
      start = at;
    }
  }

  /** As {@link addChildren}, for many. */
  *addInSlices(
    parent: SpanNode,
    children: readonly (SpanNode | undefined)[],
    tokens: TokensInside,
    isTaken: (child: SpanNode) => boolean,
  ): Sliced {
    let start = 0;
    yield* forEachInSlices(children.length, (before) => {
      const at = before + 1;
      if (at < children.length && this.#follows(children[before], children[at])) return;
      this.#addRun(parent, children, start, at, tokens, isTaken);
      start = at;
    });
  }

  /** One for each segment with enough to tell of. */
  findings(): Finding[] {
    return this.#segments
      .list()
      .filter(({ state }) => state.count > 0)
      .map(({ segment, service, state }) => {
        const seconds = state.savedNanos / NANOS;
        const what = state.ofTools === 0 ? quoted(segment) : `tools inside ${quoted(segment)}`;
        return {
          kind: 'sequential-calls',
          segment,
          service,
          message:
            `${formatCount(state.calls)} calls of ${what} ran one after another, up to ` +
            `${formatCount(state.longest)} in a row, and nothing in the traces shows that they had ` +
            `to: side by side they would have taken ${formatSeconds(seconds)} less at most`,
          evidence: {
            runs: state.count,
            calls: state.calls,
            longestRun: state.longest,
            criticalSeconds: state.nanos / NANOS,
          },
          savingSeconds: seconds,
        };
      });
  }

  #addRun(
    parent: SpanNode,
    children: readonly (SpanNode | undefined)[],
    start: number,
    end: number,
    tokens: TokensInside,
    isTaken: (child: SpanNode) => boolean,
  ): void {
    if (children[start] === undefined || end - start < MIN_TOOL_RUN) return;
    // What follows one that is to be looked at is so itself.
    const run = children.slice(start, end) as SpanNode[];
    const first = run[0]!.record;
    if (first.facts.isToolCall !== true && run.length < MIN_RUN) return;
    if (isTaken(run[0]!)) return;
    let sum = 0;
    let longest = 0;
    for (const { criticalInsideNanos } of run) {
      sum += criticalInsideNanos;
      longest = Math.max(longest, criticalInsideNanos);
    }
    const saved = sum - longest;
    if (saved <= 0 || saved < MIN_SHARE_OF_PARENT * (parent.endNanos - parent.startNanos)) return;
    if (tokens.mayBuildUp(run)) return;
    const row = this.#rowOf(first);
    const isOneRow = run.every(({ record }) => this.#rowOf(record) === row);
    // Of different tools nobody is the one to be called otherwise, but who calls them.
    const runs = this.#segments.of(isOneRow ? first : parent.operation, isOneRow ? 0 : OF_TOOLS);
    runs.count += 1;
    runs.calls += run.length;
    runs.longest = Math.max(runs.longest, run.length);
    runs.nanos += sum;
    runs.savedNanos += saved;
    if (!isOneRow) runs.ofTools += 1;
  }
  #follows(before: SpanNode | undefined, after: SpanNode | undefined): boolean {
    if (before === undefined || after === undefined || !this.#isSameKind(before, after)) {
      return false;
    }
    const shorter = Math.min(
      before.endNanos - before.startNanos,
      after.endNanos - after.startNanos,
    );
    return after.startNanos >= before.endNanos - MAX_OVERLAP * shorter;
  }

  #isSameKind({ record: a }: SpanNode, { record: b }: SpanNode): boolean {
    if (a.facts.isToolCall === true && b.facts.isToolCall === true) return true;
    // Looked up once for each: it is the one before of the next.
    const rowOfA = a === this.#lastRecord ? this.#lastRow : this.#rowOf(a);
    this.#lastRecord = b;
    this.#lastRow = this.#rowOf(b);
    return rowOfA === this.#lastRow;
  }
}
