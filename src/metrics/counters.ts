import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { getOrMake } from '../bounded.js';
import type { Quantiles } from '../durations.js';
import { sumOf } from '../sums.js';
import { Buckets } from './buckets.js';
import type { InstrumentSpec } from './instruments.js';
import type { Labels } from './labels.js';
import type { Metric } from './metric.js';

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
  /** The durations of its spans and their sum in nanoseconds. No instrument of OpenTelemetry takes a histogram. */
  readonly durations?: {
    readonly spec: InstrumentSpec;
    readonly of: (item: T) => { readonly durations: Quantiles; readonly nanos: number };
  };
}

/** What was counted, of a source or for a series. */
class Sums {
  readonly values: Float64Array;
  readonly buckets = new Buckets();

  constructor(size: number) {
    this.values = new Float64Array(size);
  }

  merge({ values, buckets }: Sums): void {
    for (const [at, value] of values.entries()) this.values[at]! += value;
    this.buckets.merge(buckets);
  }
}

/**
 * Counters of figures that are collected elsewhere. They never fall: a figure that is an estimate and becomes smaller
 * stands still until it is larger again.
 */
export class Counters<T> {
  #observables: readonly Observable[] = [];
  /** How much of the figures is in the counters. */
  #seen = new Map<Source, Sums>();
  readonly #shown = new Map<Attributes, Sums>();

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
    const { sourceOf, weightOf, durations } = this.counting;
    const past = this.#withoutGone();
    this.#seen = new Map();
    const all = sumOf(items, weightOf) ?? 0;
    const heaviestFirst = items.toSorted((a, b) => weightOf(b) - weightOf(a));
    for (const item of heaviestFirst) {
      const source = sourceOf(item);
      const seen = past.get(source) ?? this.#nothing();
      this.#seen.set(source, seen);
      const shown = getOrMake(this.#shown, this.#label(item, all), () => this.#nothing());
      for (const [at, { of }] of this.table.entries()) {
        const value = of(item) ?? 0;
        const growth = value - seen.values[at]!;
        // Also not, if it is no number.
        if (!(growth > 0)) continue;
        shown.values[at]! += growth;
        seen.values[at] = value;
      }
      if (durations === undefined) continue;
      const taken = durations.of(item);
      shown.buckets.addGrowth(taken.durations, taken.nanos, seen.buckets);
    }
  }

  /** Reports what there is of each counter; what is 0 has no series. */
  observe(result: BatchObservableResult): void {
    for (const [attributes, { values }] of this.#shown) {
      for (const [at, value] of values.entries()) {
        if (value > 0) result.observe(this.#observables[at]!, value, attributes);
      }
    }
  }

  /** Returns what {@link observe} reports, and the histogram. */
  metrics(): Metric[] {
    const series = [...this.#shown];
    const counters: Metric[] = this.table.map(({ name, unit, description }, at) => ({
      spec: { name, unit, description },
      sums: series
        .map(([attributes, { values }]) => ({ attributes, value: values[at]! }))
        .filter(({ value }) => value > 0),
    }));
    const { durations } = this.counting;
    if (durations === undefined) return counters;
    const histograms = series
      .map(([attributes, { buckets }]) => ({ attributes, value: buckets }))
      .filter(({ value }) => value.count > 0);
    return [...counters, { spec: durations.spec, histograms }];
  }

  #label(item: T, all: number): Attributes {
    const { labels, keyOf, weightOf, attributesOf } = this.counting;
    const key = keyOf(item);
    if (key === undefined) return labels.other;
    return labels.get(key, weightOf(item) / all, () => attributesOf(item));
  }

  /** What figures brought with them that are in others by now has been counted already. */
  #withoutGone(): Map<Source, Sums> {
    const seen = new Map(this.#seen);
    for (const [source, sums] of this.#seen) {
      let heir = source;
      while (heir.goneTo !== undefined) heir = heir.goneTo;
      if (heir === source) continue;
      seen.delete(source);
      getOrMake(seen, heir, () => this.#nothing()).merge(sums);
    }
    return seen;
  }

  #nothing(): Sums {
    return new Sums(this.table.length);
  }
}
