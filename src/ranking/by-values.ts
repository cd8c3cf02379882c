import { getOrMake, OTHER } from '../bounded.js';
import { Quantiles } from '../durations.js';
import { HeaviestMap } from '../heaviest-map.js';
import type { ByAttribute, ByValue } from '../summary.js';
import { defined, OptionalSum } from '../sums.js';
import type { ByKey } from '../trace/by-attributes.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import type { SpanNode, TraceTree } from '../trace/trace-tree.js';
import { quantileSeconds, wastedSecondsOf } from './row.js';

const NANOS = 1e9;
/** What is in no span that tells a value. */
export const NONE = '(none)';
export const MAX_VALUES = 1_000;
/** A model's second costs a tenth of a cent or so: a value is as heavy as both together. */
const SECONDS_PER_USD = 1_000;

/** The figures of one value while they are collected. Times are nanoseconds. */
class ValueFigures {
  readonly durations = new Quantiles();
  readonly cost = new OptionalSum();
  readonly wastedCost = new OptionalSum();
  errors = 0;
  nanos = 0;
  criticalNanos = 0;
  wastedSeconds = 0;

  constructor(readonly value: string) {}

  get weight(): number {
    return weightOf((this.nanos + this.criticalNanos) / NANOS, this.cost.value);
  }

  /** Adds the span that a value begins at. */
  addCall({ startNanos, endNanos, record, stillRunning }: SpanNode): void {
    this.durations.add(endNanos - startNanos);
    this.nanos += endNanos - startNanos;
    if (record.errorType !== undefined && !stillRunning) this.errors += 1;
  }

  /** Adds what a span has itself, and not those inside it. */
  addOwn({ record, criticalNanos, used, failedAttempt, parent, stillRunning }: SpanNode): void {
    this.criticalNanos += criticalNanos;
    if (stillRunning) return;
    this.cost.add(used?.costUsd);
    if (failedAttempt !== undefined) this.wastedCost.add(used?.costUsd);
    // What a retry wastes inside a failed attempt of another is that attempt's waste already.
    if (parent?.failedAttempt === undefined) this.wastedSeconds += wastedSecondsOf(record);
  }

  merge(other: ValueFigures): void {
    this.durations.merge(other.durations);
    this.cost.add(other.cost.value);
    this.wastedCost.add(other.wastedCost.value);
    this.errors += other.errors;
    this.nanos += other.nanos;
    this.criticalNanos += other.criticalNanos;
    this.wastedSeconds += other.wastedSeconds;
  }

  toByValue(allNanos: number, isAtLeast: boolean): ByValue {
    const { value, durations, errors, nanos, criticalNanos, wastedSeconds } = this;
    return {
      ...{ value, calls: durations.count, errors, totalSeconds: nanos / NANOS },
      criticalSeconds: criticalNanos / NANOS,
      criticalShare: allNanos > 0 ? criticalNanos / allNanos : 0,
      ...quantileSeconds(durations),
      ...defined({ costUsd: this.cost.value, wastedCostUsd: this.wastedCost.value }),
      ...(wastedSeconds > 0 ? { wastedSeconds } : {}),
      ...(isAtLeast ? { isAtLeast } : {}),
    };
  }
}

/** Adds up traces, or the parts of them that have a value, by the values of one attribute. In bounded memory. */
export class ByValues {
  readonly #values = new HeaviestMap<ValueFigures>(MAX_VALUES, {
    makeOther: () => new ValueFigures(OTHER),
    weightOf: (figures) => figures.weight,
    merge: (other, figures) => other.merge(figures),
  });
  readonly #none = new ValueFigures(NONE);

  /** @param at the place of the key's value in the facts of spans */
  constructor(
    private readonly key: ByKey,
    private readonly at: number,
  ) {}

  /** Adds a ranked trace. */
  *add({ nodes, roots }: TraceTree): Sliced {
    const ofTrace = this.key.isOfSpan ? undefined : yield* this.#valueOfAll(nodes);
    const tops = new Set(roots);
    const scopes = new Map<SpanNode, ValueFigures>();
    const byValue = new Map<string, ValueFigures>();
    yield* forEachInSlices(nodes.length, (index) => {
      const node = nodes[index]!;
      const isTop = tops.has(node);
      const around = node.parent && scopes.get(node.parent);
      const own = this.#valueAt(node) ?? (isTop ? ofTrace : undefined);
      let scope = around;
      if (own !== undefined && own !== around?.value) {
        scope = getOrMake(byValue, own, () => new ValueFigures(own));
        scope.addCall(node);
      } else if (isTop) {
        scope = this.#none;
        scope.addCall(node);
      }
      if (scope === undefined) return;
      scopes.set(node, scope);
      scope.addOwn(node);
    });
    for (const [value, figures] of byValue) {
      this.#values.get(value, () => new ValueFigures(value)).merge(figures);
    }
  }

  toByAttribute(allNanos: number): ByAttribute {
    const { attribute } = this.key;
    const figures = [...this.#values.values()];
    if (this.#none.durations.count > 0) figures.push(this.#none);
    const isAtLeast = ({ value }: ValueFigures) =>
      value !== OTHER && value !== NONE && this.#values.missed(value) > 0;
    const values = figures.map((each) => each.toByValue(allNanos, isAtLeast(each)));
    return { attribute, values: dearestFirst(values) };
  }

  #valueAt({ record }: SpanNode): string | undefined {
    return record.facts.by?.[this.at];
  }

  /** The value that all spans of a trace have that have any: it is the trace's, whichever span tells it. */
  *#valueOfAll(nodes: readonly SpanNode[]): Sliced<string | undefined> {
    const values = new Set<string>();
    yield* forEachInSlices(nodes.length, (index) => {
      const value = this.#valueAt(nodes[index]!);
      if (value !== undefined) values.add(value);
    });
    const [value] = values;
    return values.size === 1 ? value : undefined;
  }
}

export function weightOf(seconds: number, usd = 0): number {
  return seconds + SECONDS_PER_USD * usd;
}

const LAST = [OTHER, NONE];

/** By cost, and by critical time where that is not known. */
export function dearestFirst(values: readonly ByValue[]): ByValue[] {
  return [...values].sort(
    (a, b) =>
      LAST.indexOf(a.value) - LAST.indexOf(b.value) ||
      (b.costUsd ?? -1) - (a.costUsd ?? -1) ||
      b.criticalSeconds - a.criticalSeconds ||
      (a.value < b.value ? -1 : 1),
  );
}
