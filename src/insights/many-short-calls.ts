import { formatCount, formatSeconds, plural } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { Sliced } from '../trace/slices.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { isStepOfLoop } from './call-names.js';
import { ByRow, MIN_SHARE_OF_PARENT, NANOS } from './rule.js';
import type { Family, FamilyVisitor, InsightRule } from './rule.js';
import { Shown } from './shown.js';

export const MIN_CALLS = 10;
/** The mean of the calls, of their parent's time and in nanoseconds; longer ones are no short calls. */
const MAX_MEAN_SHARE = 0.1;
const MAX_MEAN_NANOS = 100e6;
/** Of the time of the calls: where more of it overlaps they ran side by side. */
const MIN_SEQUENTIAL_SHARE = 0.8;

class Groups extends Shown {
  parents = 0;
  calls = 0;
  mostCalls = 0;
  criticalNanos = 0;
  savedNanos = 0;
}

/** Finds many short calls of one row under one parent: the N+1 of database queries. */
export function manyShortCalls(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Groups());
  return {
    addFamily: (family) =>
      family.children.length < MIN_CALLS ? undefined : new Grouping(rows, family),
    findings: () =>
      rows.findings('many-short-calls', ({ parents, calls, mostCalls, ...nanos }, name) => {
        if (parents === 0) return undefined;
        const criticalSeconds = nanos.criticalNanos / NANOS;
        const savingSeconds = nanos.savedNanos / NANOS;
        return {
          message:
            `${name} ran ${formatCount(Math.round(calls / parents))} times per parent on average ` +
            `(up to ${formatCount(mostCalls)}) under ${plural(parents, 'parent')}. Ask for all of them at ` +
            `once (${plural(calls - parents, 'call')} fewer): saves up to ${formatSeconds(savingSeconds)}`,
          evidence: { parents, calls, mostCalls, criticalSeconds },
          savingSeconds,
        };
      }),
  };
}

/**
 * Puts children into groups by row. Where a model was asked in between, it may have decided on what
 * comes after: a new group.
 */
class Grouping implements FamilyVisitor {
  readonly #groups: SpanNode[][] = [];
  #open = new Map<RowName, SpanNode[]>();
  #decider: RowName | undefined = undefined;

  constructor(
    private readonly rows: ByRow<Groups>,
    private readonly family: Family,
  ) {}

  add(child: SpanNode | undefined): void {
    if (child === undefined) return;
    const row = child.row ?? this.rows.rowOf(child.record);
    const asksModel = this.family.tokens.asksModel(child);
    if (asksModel && this.#decider !== row) this.#open = new Map();
    this.#decider = asksModel ? row : undefined;
    let group = this.#open.get(row);
    if (group === undefined) {
      this.#open.set(row, (group = []));
      this.#groups.push(group);
    }
    group.push(child);
  }

  *endInSlices(): Sliced {
    for (const calls of this.#groups) {
      yield;
      const found = calls.length < MIN_CALLS ? undefined : timesOf(calls, this.family);
      const { record } = calls[0]!;
      if (found === undefined || isStepOfLoop(this.rows.rowOf(record).name)) continue;
      if (areOfReader(calls, this.family)) continue;
      const groups = this.rows.of(record);
      groups.parents += 1;
      groups.show(this.family.parent);
      groups.calls += calls.length;
      groups.mostCalls = Math.max(groups.mostCalls, calls.length);
      groups.criticalNanos += found.critical;
      groups.savedNanos += found.saved;
      (this.family.found ??= new Set()).add(this.rows.rowOf(record));
    }
  }
}

/** Checks whether most of the calls handled the items of a stream, which come one by one. */
function areOfReader(calls: readonly SpanNode[], { parent, streams }: Family): boolean {
  const { spanId } = parent.record;
  const read = streams.filter(
    (stream) =>
      (stream.record.facts.stream?.readerSpanId ?? stream.parent?.record.spanId) === spanId,
  );
  const isOfOne = ({ startNanos, endNanos }: SpanNode) =>
    read.some(({ record }) => startNanos > record.startNanos && endNanos <= record.endNanos);
  return read.length > 0 && calls.filter(isOfOne).length > calls.length / 2;
}

/** Returns how long one call for all would be waited for less, if these are many short calls. */
function timesOf(calls: readonly SpanNode[], { parent, tokens }: Family) {
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
  if (mean > MAX_MEAN_NANOS || mean > MAX_MEAN_SHARE * parentNanos) return undefined;
  if (covered < MIN_SEQUENTIAL_SHARE * sum) return undefined;
  const saved = critical - longest;
  if (saved <= 0 || saved < MIN_SHARE_OF_PARENT * parentNanos) return undefined;
  return tokens.mayBuildUp(calls) ? undefined : { critical, saved };
}
