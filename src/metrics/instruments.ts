import {
  ROOT_CONTEXT,
  type Attributes,
  type Counter,
  type Histogram,
  type Meter,
} from '@opentelemetry/api';

/** An instrument that is recorded to. With buckets it is a histogram, for hosts whose histograms have them. */
export interface InstrumentSpec {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly buckets?: readonly number[];
}

interface Early {
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes;
}

/** The most records to keep until there is a meter. */
const MAX_EARLY = 10_000;

/**
 * Instruments that can be recorded to before there is a meter, which may have to be loaded. The active context is not
 * looked for, since it is that of other work by then.
 */
export class Instruments {
  readonly #record = new Map<string, (value: number, attributes: Attributes) => void>();
  #early: Early[] | undefined = [];

  constructor(private readonly specs: readonly InstrumentSpec[]) {}

  record(name: string, value: number, attributes: Attributes): void {
    if (this.#early === undefined) this.#record.get(name)?.(value, attributes);
    else if (this.#early.length < MAX_EARLY) this.#early.push({ name, value, attributes });
  }

  /** Makes the instruments, and records what came before them; with no meter, forgets it. */
  start(meter?: Meter): void {
    for (const spec of meter === undefined ? [] : this.specs) this.#make(meter!, spec);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const { name, value, attributes } of early) this.record(name, value, attributes);
  }

  #make(meter: Meter, { name, unit, description, buckets }: InstrumentSpec): void {
    if (buckets === undefined) {
      const counter: Counter = meter.createCounter(name, { unit, description });
      this.#record.set(name, (value, attributes) => counter.add(value, attributes, ROOT_CONTEXT));
      return;
    }
    const advice = { explicitBucketBoundaries: [...buckets] };
    const histogram: Histogram = meter.createHistogram(name, { unit, description, advice });
    this.#record.set(name, (value, attributes) =>
      histogram.record(value, attributes, ROOT_CONTEXT),
    );
  }
}
