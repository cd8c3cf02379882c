import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { getOrMake } from '../bounded.js';
import { sumOf } from '../sums.js';
import type { Labels } from './labels.js';

/** What holds figures until it has a `goneTo`, which holds them from then on. */
interface Source {
  readonly goneTo?: object | undefined;
}

/** One counter: what it is called, and what it reads. */
export interface Counter<T> {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly of: (item: T) => number | undefined;
}

/** What is counted, by which labels. */
export interface Counting<T> {
  readonly labels: Labels;
  readonly sourceOf: (item: T) => Source;
  readonly weightOf: (item: T) => number;
  /** `undefined` for what stands in for all others. */
  readonly keyOf: (item: T) => string | undefined;
  readonly attributesOf: (item: T) => Attributes;
}

/**
 * Counters of figures that are collected elsewhere. They never fall: a figure that is an estimate and becomes smaller
 * stands still until it is larger again.
 */
export class Counters<T> {
  #observables: readonly Observable[] = [];
  /** How much of the figures is in the counters. */
  #seen = new Map<Source, Float64Array>();
  readonly #shown = new Map<Attributes, Float64Array>();

  constructor(
    private readonly table: readonly Counter<T>[],
    private readonly counting: Counting<T>,
  ) {}

  /** Returns the instruments that it reports to from now on. */
  start(meter: Meter): readonly Observable[] {
    this.#observables = this.table.map(({ name, unit, description }) =>
      meter.createObservableCounter(name, { unit, description }),
    );
    return this.#observables;
  }

  /** Adds to the counters by how much the figures have grown. Figures that are not among them are forgotten. */
  take(items: readonly T[]): void {
    const { sourceOf, weightOf } = this.counting;
    const past = this.#withoutGone();
    this.#seen = new Map();
    const all = sumOf(items, weightOf) ?? 0;
    const heaviestFirst = items.toSorted((a, b) => weightOf(b) - weightOf(a));
    for (const item of heaviestFirst) {
      const source = sourceOf(item);
      const seen = past.get(source) ?? this.#zeros();
      this.#seen.set(source, seen);
      const shown = getOrMake(this.#shown, this.#label(item, all), () => this.#zeros());
      for (const [at, { of }] of this.table.entries()) {
        const value = of(item) ?? 0;
        const growth = value - seen[at]!;
        // Also not, if it is no number.
        if (!(growth > 0)) continue;
        shown[at]! += growth;
        seen[at] = value;
      }
    }
  }

  /** Reports what there is of each counter; what is 0 has no series. */
  observe(result: BatchObservableResult): void {
    for (const [attributes, shown] of this.#shown) {
      for (const [at, value] of shown.entries()) {
        if (value > 0) result.observe(this.#observables[at]!, value, attributes);
      }
    }
  }

  #label(item: T, all: number): Attributes {
    const { labels, keyOf, weightOf, attributesOf } = this.counting;
    const key = keyOf(item);
    if (key === undefined) return labels.other;
    return labels.get(key, weightOf(item) / all, () => attributesOf(item));
  }

  /** What figures brought with them that are in others by now has been counted already. */
  #withoutGone(): Map<Source, Float64Array> {
    const seen = new Map(this.#seen);
    for (const [source, values] of this.#seen) {
      let heir = source;
      while (heir.goneTo !== undefined) heir = heir.goneTo;
      if (heir === source) continue;
      seen.delete(source);
      const sums = getOrMake(seen, heir, () => this.#zeros());
      for (const [at, value] of values.entries()) sums[at]! += value;
    }
    return seen;
  }

  #zeros(): Float64Array {
    return new Float64Array(this.table.length);
  }
}
