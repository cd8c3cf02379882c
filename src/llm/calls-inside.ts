import { trace, type Span } from '@opentelemetry/api';
import { isSameModel } from '../cost/model-name.js';
import { quietly } from '../instrument/in-span.js';
import { Scoped } from '../instrument/scoped.js';
import type { Reading } from '../answers/read-answer.js';

/** On the span of the attempt: a `WeakMap` of all costs more at each garbage collection. */
const INSIDE = Symbol('hotspan calls inside');
type Marked = Span & { [INSIDE]?: CallsInside };

/** Without a provider, by what runs inside. */
const current = new Scoped<CallsInside>();
/** The most requests of one attempt; more would be no call. */
const MAX_REQUESTS = 100;

/**
 * The cost of calls made directly inside an attempt of another call. Those of the same model are that
 * call itself, wrapped twice, and their cost is counted once. Those of other models, or with a segment in
 * between, are calls of their own.
 */
export class CallsInside {
  #usdByModel: Map<string, number> | undefined;
  readonly #requests: (() => Reading | undefined)[] = [];

  /** @param model the model that the call around asks for */
  constructor(private readonly model: string | undefined) {}

  /** The calls inside the attempt around a new call, if that is made directly inside it. */
  static around(): CallsInside | undefined {
    const span = trace.getActiveSpan();
    return span === undefined ? current.get() : (span as Marked)[INSIDE];
  }

  run<T>(attempt: () => T): T {
    const span = trace.getActiveSpan();
    if (span === undefined) return current.run(this, attempt);
    // A span of others may take nothing.
    quietly(() => ((span as Marked)[INSIDE] = this));
    return attempt();
  }

  add(model: string, usd: number): void {
    this.#usdByModel ??= new Map();
    this.#usdByModel.set(model, (this.#usdByModel.get(model) ?? 0) + usd);
  }

  /** Takes note of a request of the call itself that was seen on the wire. Returns false if it is of another. */
  addRequest(model: string | undefined, read: () => Reading | undefined): boolean {
    if (!isSameModel(model, this.model)) return false;
    if (this.#requests.length < MAX_REQUESTS) this.#requests.push(read);
    return true;
  }

  get hasRequest(): boolean {
    return this.#requests.length > 0;
  }

  /** What was read on the wire so far. */
  readings(): Reading[] {
    return this.#requests.map((read) => read()).filter((reading) => reading !== undefined);
  }

  usdOf(model: string): number {
    let sum = 0;
    for (const [other, usd] of this.#usdByModel ?? []) if (isSameModel(other, model)) sum += usd;
    return sum;
  }
}
