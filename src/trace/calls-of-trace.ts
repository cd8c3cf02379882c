import { joinLayers } from './layered-calls.js';
import { joinRetriedCalls, mayBeRetried } from './retried-calls.js';
import type { SpanRecord } from './span-record.js';
import type { TraceTree } from './trace-tree.js';

/** The calls of models in one trace, and whether some of its spans may be one call. */
export class CallsOfTrace {
  #mayHoldRetries = false;
  #mayHoldLayers = false;
  #reporter: string | undefined;

  /** @param record of a call of a model */
  add(record: SpanRecord): void {
    const reporter = record.facts.llmCall?.reporter;
    if (mayBeRetried(record)) this.#mayHoldRetries = true;
    if (reporter === undefined) return;
    if (this.#reporter !== undefined && this.#reporter !== reporter) this.#mayHoldLayers = true;
    this.#reporter = reporter;
  }

  /** Puts the spans of one call together, in a tree that is not analyzed yet. */
  join(tree: TraceTree): TraceTree {
    const layered = this.#mayHoldLayers ? joinLayers(tree) : tree;
    return this.#mayHoldRetries ? joinRetriedCalls(layered) : layered;
  }
}
