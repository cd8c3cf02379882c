import { findCalls } from './find-calls.js';
import { joinLayers } from './layered-calls.js';
import { joinRetriedCalls, mayBeRetried } from './retried-calls.js';
import type { LlmCall, SpanFacts, SpanRecord } from './span-record.js';
import type { TraceTree } from './trace-tree.js';

/** `true` for a call of a model, and for what may be one. */
export function mayTellOfCall({ facts }: { readonly facts?: SpanFacts | undefined }): boolean {
  return (facts?.llmCall ?? facts?.ifAlone?.llmCall) !== undefined;
}

/** The calls of models in one trace, and whether some of its spans may be one call. */
export class CallsOfTrace {
  #mayHoldRetries = false;
  #mayHoldLayers = false;
  #isDoubtful = false;
  #first: SpanRecord | undefined;

  /** @param record of what {@link mayTellOfCall} */
  add(record: SpanRecord): void {
    const { facts } = record;
    if (mayBeRetried(record)) this.#mayHoldRetries = true;
    // The operation of an attempt may say nothing of the model.
    if (facts.llmCall === undefined || facts.attempt !== undefined) this.#isDoubtful = true;
    this.#first ??= record;
    if (this.#first === record) return;
    this.#isDoubtful = true;
    const call = callOf(record);
    const isOfOther = call?.reporter !== callOf(this.#first)?.reporter;
    if (isOfOther || call?.responseId !== undefined) this.#mayHoldLayers = true;
  }

  /** Puts the spans of one call together, in a tree that is not analyzed yet. */
  join(tree: TraceTree): TraceTree {
    const layered = this.#mayHoldLayers ? joinLayers(tree) : tree;
    const joined = this.#mayHoldRetries ? joinRetriedCalls(layered) : layered;
    if (this.#isDoubtful) findCalls(joined);
    return joined;
  }
}

function callOf({ facts: { llmCall, ifAlone } }: SpanRecord): LlmCall | undefined {
  return llmCall ?? ifAlone?.llmCall;
}
