import { DDSketch } from '@datadog/sketches-js';

/** Up to this many values the quantiles are exact. */
export const EXACT_COUNT = 256;
/** Above it they are off by at most this share of the true value. */
export const RELATIVE_ACCURACY = 0.01;

/**
 * Quantiles of durations in bounded memory: exact (nearest rank) up to {@link EXACT_COUNT} values,
 * a DDSketch with a relative error of at most 1 % beyond (Masson, Rim and Lee, "DDSketch", VLDB
 * 2019). The maximum is always exact. Values that are not finite numbers of at least 0 are ignored.
 */
export class Quantiles {
  #values: number[] | undefined = [];
  #sketch: DDSketch | undefined;
  #count = 0;
  #max = 0;

  /** How many values were added. */
  get count(): number {
    return this.#count;
  }

  /** The largest value, 0 when there is none. */
  get max(): number {
    return this.#max;
  }

  /** Adds one value. */
  add(value: number): void {
    if (!(value >= 0 && value < Infinity)) return;
    this.#count += 1;
    if (value > this.#max) this.#max = value;
    if (this.#sketch !== undefined) {
      this.#sketch.accept(value);
    } else {
      this.#values?.push(value);
      if (this.#count > EXACT_COUNT) this.#startSketch();
    }
  }

  /** The value at `quantile` (0 to 1); 0 when there is none. */
  at(quantile: number): number {
    if (this.#count === 0) return 0;
    if (this.#sketch !== undefined) {
      return Math.min(this.#sketch.getValueAtQuantile(quantile), this.#max);
    }
    const sorted = (this.#values ?? []).sort((a, b) => a - b);
    const rank = Math.max(1, Math.ceil(quantile * sorted.length));
    return sorted[rank - 1] ?? 0;
  }

  #startSketch(): void {
    this.#sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
    for (const value of this.#values ?? []) this.#sketch.accept(value);
    this.#values = undefined;
  }
}
