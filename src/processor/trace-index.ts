import type { LiveSpan, TraceBuffer } from './trace-buffer.js';

/**
 * Finds spans by their ids, for contexts that hold the ids of a parent instead of the parent itself.
 * Most programs have none: until the first is looked for, nothing is kept.
 */
export class TraceIndex {
  readonly #open: Iterable<TraceBuffer>;
  #byTraceId: Map<string, Set<TraceBuffer>> | undefined;

  /** @param open all buffers that are open, at any time */
  constructor(open: Iterable<TraceBuffer>) {
    this.#open = open;
  }

  /** Takes note of a buffer that was opened. */
  add(buffer: TraceBuffer): void {
    if (this.#byTraceId === undefined) return;
    const buffers = this.#byTraceId.get(buffer.traceId);
    if (buffers === undefined) this.#byTraceId.set(buffer.traceId, new Set([buffer]));
    else buffers.add(buffer);
  }

  /** Forgets a buffer that was closed. */
  delete(buffer: TraceBuffer): void {
    const buffers = this.#byTraceId?.get(buffer.traceId);
    buffers?.delete(buffer);
    if (buffers?.size === 0) this.#byTraceId?.delete(buffer.traceId);
  }

  /**
   * The span with these ids. One that is not known, because another provider has it, is somewhere
   * below a local root of its trace, and that stands in for it. Undefined when the trace is not open.
   */
  find(traceId: string, spanId: string): LiveSpan | undefined {
    if (this.#byTraceId === undefined) {
      this.#byTraceId = new Map();
      for (const buffer of this.#open) this.add(buffer);
    }
    let standIn: LiveSpan | undefined;
    for (const buffer of this.#byTraceId.get(traceId) ?? []) {
      const found = buffer.find(spanId);
      if (found !== undefined) return found;
      standIn = buffer.spans[0];
    }
    return standIn;
  }
}
