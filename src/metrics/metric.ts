import type { Attributes } from '@opentelemetry/api';
import type { Buckets } from './buckets.js';
import type { InstrumentSpec } from './instruments.js';

export interface Point<T> {
  readonly attributes: Attributes;
  readonly value: T;
}

/** What a counter or a histogram has come to since the process started. */
export type Metric =
  | { readonly spec: InstrumentSpec; readonly sums: readonly Point<number>[] }
  | { readonly spec: InstrumentSpec; readonly histograms: readonly Point<Buckets>[] };
