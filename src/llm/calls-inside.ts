import { AsyncLocalStorage } from 'node:async_hooks';
import { trace } from '@opentelemetry/api';
import { isSameModel } from '../cost/model-name.js';

const current = new AsyncLocalStorage<CallsInside>();

/**
 * What the calls cost that are made directly inside an attempt of another call. Those of the same model
 * are that call itself, wrapped twice, and cost once; the others are calls of their own, as are those in
 * a segment in between.
 */
export class CallsInside {
  readonly #usdByModel = new Map<string, number>();
  /** Of the attempt; undefined where there is no context for spans. */
  readonly #span = trace.getActiveSpan();

  /** Those around a call that is about to start, if it is made directly inside another. */
  static around(): CallsInside | undefined {
    const calls = current.getStore();
    return calls !== undefined && calls.#span === trace.getActiveSpan() ? calls : undefined;
  }

  /** Runs an attempt, in whose context this was made. */
  run<T>(attempt: () => T): T {
    return current.run(this, attempt);
  }

  /** Takes note of what a call cost. */
  add(model: string, usd: number): void {
    this.#usdByModel.set(model, (this.#usdByModel.get(model) ?? 0) + usd);
  }

  /** USD of those of this model; 0 when there are none. */
  usdOf(model: string): number {
    let sum = 0;
    for (const [other, usd] of this.#usdByModel) if (isSameModel(other, model)) sum += usd;
    return sum;
  }
}
