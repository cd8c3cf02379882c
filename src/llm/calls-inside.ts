import { AsyncLocalStorage } from 'node:async_hooks';
import { trace } from '@opentelemetry/api';
import { isSameModel } from '../cost/model-name.js';

const current = new AsyncLocalStorage<CallsInside>();

/**
 * The cost of calls made directly inside an attempt of another call. Those of the same model are that
 * call itself, wrapped twice, and their cost is counted once. Those of other models, or with a segment in
 * between, are calls of their own.
 */
export class CallsInside {
  readonly #usdByModel = new Map<string, number>();
  readonly #span = trace.getActiveSpan();

  /** The calls inside the attempt around a new call, if that is made directly inside it. */
  static around(): CallsInside | undefined {
    const calls = current.getStore();
    return calls !== undefined && calls.#span === trace.getActiveSpan() ? calls : undefined;
  }

  run<T>(attempt: () => T): T {
    return current.run(this, attempt);
  }

  add(model: string, usd: number): void {
    this.#usdByModel.set(model, (this.#usdByModel.get(model) ?? 0) + usd);
  }

  usdOf(model: string): number {
    let sum = 0;
    for (const [other, usd] of this.#usdByModel) if (isSameModel(other, model)) sum += usd;
    return sum;
  }
}
