import { trace, type Span } from '@opentelemetry/api';
import { isSameModel } from '../cost/model-name.js';
import { Scoped } from '../instrument/scoped.js';

/** By the span of the attempt, or without a provider by what runs inside. */
const ofSpans = new WeakMap<Span, CallsInside>();
const current = new Scoped<CallsInside>();

/**
 * The cost of calls made directly inside an attempt of another call. Those of the same model are that
 * call itself, wrapped twice, and their cost is counted once. Those of other models, or with a segment in
 * between, are calls of their own.
 */
export class CallsInside {
  #usdByModel: Map<string, number> | undefined;

  /** The calls inside the attempt around a new call, if that is made directly inside it. */
  static around(): CallsInside | undefined {
    const span = trace.getActiveSpan();
    return span === undefined ? current.get() : ofSpans.get(span);
  }

  run<T>(attempt: () => T): T {
    const span = trace.getActiveSpan();
    if (span === undefined) return current.run(this, attempt);
    ofSpans.set(span, this);
    return attempt();
  }

  add(model: string, usd: number): void {
    this.#usdByModel ??= new Map();
    this.#usdByModel.set(model, (this.#usdByModel.get(model) ?? 0) + usd);
  }

  usdOf(model: string): number {
    let sum = 0;
    for (const [other, usd] of this.#usdByModel ?? []) if (isSameModel(other, model)) sum += usd;
    return sum;
  }
}
