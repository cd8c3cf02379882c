import { formatCount, formatSeconds, plural } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { BySegment, quoted, type Finding, type InsightSource } from './finding.js';
import type { TokensInside } from './tokens-inside.js';

/** Fewer are not many. */
export const MIN_SHORT_CALLS = 10;
/** The mean of the calls, of their parent's time and in nanoseconds; longer ones are no short calls. */
const MAX_MEAN_SHARE = 0.1;
const MAX_MEAN_NANOS = 100e6;
/** Of the time of the calls: where more of it overlaps they ran side by side. */
const MIN_SEQUENTIAL_SHARE = 0.8;
/** Of the time of the parent, or the calls are not worth a look. */
const MIN_SHARE_OF_PARENT = 0.1;
const NANOS = 1e9;

class Groups {
  count = 0;
  calls = 0;
  most = 0;
  nanos = 0;
  savedNanos = 0;
}

/** Many short calls of one row under one parent: the N+1 of database queries. */
export class ManyShortCalls implements InsightSource {
  readonly #rowOf: RowOf;
  readonly #segments: BySegment<Groups>;

  constructor(rowOf: RowOf) {
    this.#rowOf = rowOf;
    this.#segments = new BySegment(rowOf, () => new Groups());
  }

  /**
   * Adds the children of one span.
   *
   * @param children in the order of their ends; undefined where one is not to be looked at
   * @returns whether a child is of a row that this kind tells of
   */
  addChildren(
    parent: SpanNode,
    children: readonly (SpanNode | undefined)[],
    tokens: TokensInside,
  ): (child: SpanNode) => boolean {
    if (children.length < MIN_SHORT_CALLS) return () => false;
    const grouping = new Grouping(this.#rowOf, tokens);
    for (const child of children) grouping.add(child);
    return this.#addGroups(parent, grouping.groups, tokens);
  }

  /** As {@link addChildren}, for many. */
  *addInSlices(
    parent: SpanNode,
    children: readonly (SpanNode | undefined)[],
    tokens: TokensInside,
  ): Sliced<(child: SpanNode) => boolean> {
    const grouping = new Grouping(this.#rowOf, tokens);
    yield* forEachInSlices(children.length, (index) => grouping.add(children[index]));
    yield;
    return this.#addGroups(parent, grouping.groups, tokens);
  }

  /** One for each segment with enough to tell of. */
  findings(): Finding[] {
    return this.#segments
      .list()
      .filter(({ state }) => state.count > 0)
      .map(({ segment, service, state }) => {
        const seconds = state.savedNanos / NANOS;
        const mean = state.calls / state.count;
        return {
          kind: 'many-short-calls',
          segment,
          service,
          message:
            `${quoted(segment)} was called ${formatCount(Math.round(mean))} times under one parent on ` +
            `average, up to ${formatCount(state.most)} times, in ${plural(state.count, 'place')}: one ` +
            `call for all would have saved ${formatSeconds(seconds)} at most`,
          evidence: {
            parents: state.count,
            calls: state.calls,
            mostCalls: state.most,
            criticalSeconds: state.nanos / NANOS,
          },
          savingSeconds: seconds,
        };
      });
  }

  #add(parent: SpanNode, calls: readonly SpanNode[], tokens: TokensInside): boolean {
    const parentNanos = parent.endNanos - parent.startNanos;
    let critical = 0;
    let longest = 0;
    let sum = 0;
    let covered = 0;
    let edge = -Infinity;
    for (const { startNanos, endNanos, criticalInsideNanos } of calls) {
      critical += criticalInsideNanos;
      longest = Math.max(longest, criticalInsideNanos);
      sum += endNanos - startNanos;
      covered += endNanos - Math.min(endNanos, Math.max(startNanos, edge));
      edge = endNanos;
    }
    const mean = sum / calls.length;
    if (mean > MAX_MEAN_NANOS || mean > MAX_MEAN_SHARE * parentNanos) return false;
    if (covered < MIN_SEQUENTIAL_SHARE * sum) return false;
    const saved = critical - longest;
    if (saved <= 0 || saved < MIN_SHARE_OF_PARENT * parentNanos) return false;
    if (tokens.mayBuildUp(calls)) return false;
    const groups = this.#segments.of(calls[0]!.record);
    groups.count += 1;
    groups.calls += calls.length;
    groups.most = Math.max(groups.most, calls.length);
    groups.nanos += critical;
    groups.savedNanos += saved;
    return true;
  }

  #addGroups(
    parent: SpanNode,
    groups: readonly Group[],
    tokens: TokensInside,
  ): (child: SpanNode) => boolean {
    const told = new Set<RowName>();
    for (const { row, calls } of groups) {
      if (calls.length < MIN_SHORT_CALLS || !this.#add(parent, calls, tokens)) continue;
      told.add(row);
    }
    return ({ record }) => told.has(this.#rowOf(record));
  }
}

/** Calls of one row under one parent. */
interface Group {
  readonly row: RowName;
  readonly calls: SpanNode[];
}

/**
 * Puts children into groups by row. Where a model was asked in between, it may have decided on what
 * comes after: a new group.
 */
class Grouping {
  readonly groups: Group[] = [];
  readonly #rowOf: RowOf;
  readonly #tokens: TokensInside;
  #open = new Map<RowName, Group>();
  #decider: RowName | undefined = undefined;

  constructor(rowOf: RowOf, tokens: TokensInside) {
    this.#rowOf = rowOf;
    this.#tokens = tokens;
  }

  /** Adds the next child. */
  add(child: SpanNode | undefined): void {
    if (child === undefined) return;
    const row = this.#rowOf(child.record);
    const asksModel = this.#tokens.asksModel(child);
    if (asksModel && this.#decider !== row) this.#open = new Map();
    this.#decider = asksModel ? row : undefined;
    const group = this.#open.get(row);
    if (group !== undefined) {
      group.calls.push(child);
      return;
    }
    const fresh = { row, calls: [child] };
    this.#open.set(row, fresh);
    this.groups.push(fresh);
  }
}
