import type { Summary } from './summary.js';

let total = 0;

/** Notes a segment that the host's sampler left out: no span processor sees it. */
export function noteUnrecorded(): void {
  total += 1;
}

/** Counts such segments from now on. */
export class UnrecordedSegments {
  #before = total;

  reset(): void {
    this.#before = total;
  }

  /** Says in a summary why it is empty, if this is why. */
  explain(summary: Summary): Summary {
    const count = total - this.#before;
    const { traces, spans, warnings } = summary;
    if (count === 0 || traces.analyzed > 0 || spans.analyzed > 0) return summary;
    const why =
      `the host's sampler left out all segments (${count}): record them with ` +
      '`new AlwaysRecordSampler(sampler)` of hotspan/processor, or see docs/hosts.md';
    return { ...summary, warnings: [...warnings, why] };
  }
}
