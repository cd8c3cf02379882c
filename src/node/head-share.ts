import { TraceFlags } from '@opentelemetry/api';
import type { SampledTraces } from '../analysis/summary.js';
import type { SdkSpan, SdkSpanProcessor } from '../processor/sdk-span.js';

/**
 * Counts what the sampler at the head kept from the export, of the spans that are recorded. A trace
 * counts once for each of its local roots, as it does in the ranking.
 */
export class HeadShare implements SdkSpanProcessor {
  #traces = 0;
  #leftOutTraces = 0;
  #leftOutSpans = 0;

  /** Does nothing: what counts is what ends. */
  onStart(): void {
    // Part of the interface.
  }

  /** Counts a span that ended. */
  onEnd(span: SdkSpan): void {
    const { traceFlags } = span.spanContext();
    const isLeftOut = (traceFlags & TraceFlags.SAMPLED) === 0;
    if (isLeftOut) this.#leftOutSpans += 1;
    const parent = span.parentSpanContext;
    if (parent !== undefined && parent.isRemote !== true) return;
    this.#traces += 1;
    if (isLeftOut) this.#leftOutTraces += 1;
  }

  /**
   * The share that was exported; undefined when nothing was kept from the export.
   *
   * @param tail what was decided at the end of the traces that were sampled at the head
   */
  with(tail: SampledTraces | undefined): SampledTraces | undefined {
    if (tail !== undefined) {
      return {
        traces: tail.traces + this.#leftOutTraces,
        exported: tail.exported,
        spansLeftOut: tail.spansLeftOut + this.#leftOutSpans,
      };
    }
    if (this.#leftOutSpans === 0) return undefined;
    return {
      traces: this.#traces,
      exported: this.#traces - this.#leftOutTraces,
      spansLeftOut: this.#leftOutSpans,
    };
  }

  /** Holds nothing back. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  /** Holds nothing back. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
