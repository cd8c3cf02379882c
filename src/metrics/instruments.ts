import {
  ROOT_CONTEXT,
  type Attributes,
  type Counter,
  type Histogram,
  type Meter,
} from '@opentelemetry/api';
import { getOrMake } from '../bounded.js';

/** An instrument that is recorded to. With buckets it is a histogram, for hosts whose histograms have them. */
export interface InstrumentSpec {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly buckets?: readonly number[];
}

/** Where records add up: in the instruments of a host's MeterProvider, or here. */
export interface Instruments {
  /** @param attributes the same object each time, for what is to be one series */
  record(spec: InstrumentSpec, value: number, attributes: Attributes): void;
}

/**
 * Instruments of a meter of the host. The active context is not looked for, since it is that of other work by the
 * time a trace is analyzed.
 */
export class HostInstruments implements Instruments {
  readonly #made = new Map<InstrumentSpec, (value: number, attributes: Attributes) => void>();

  constructor(private readonly meter: Meter) {}

  record(spec: InstrumentSpec, value: number, attributes: Attributes): void {
    getOrMake(this.#made, spec, () => this.#make(spec))(value, attributes);
  }

  #make({ name, unit, description, buckets }: InstrumentSpec) {
    if (buckets === undefined) {
      const counter: Counter = this.meter.createCounter(name, { unit, description });
      return (value: number, attributes: Attributes) =>
        counter.add(value, attributes, ROOT_CONTEXT);
    }
    const advice = { explicitBucketBoundaries: [...buckets] };
    const histogram: Histogram = this.meter.createHistogram(name, { unit, description, advice });
    return (value: number, attributes: Attributes) =>
      histogram.record(value, attributes, ROOT_CONTEXT);
  }
}
