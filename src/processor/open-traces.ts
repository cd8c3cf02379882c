import { getOrMake } from '../bounded.js';
import type { LiveSpan } from './live-span.js';
import type { TraceBuffer } from './trace-buffer.js';

/** Oldest first, as a list of the buffers themselves: to add and delete costs a tenth of a `Set`'s. */
export class OpenTraces implements Iterable<TraceBuffer> {
  #oldest: TraceBuffer | undefined = undefined;
  #newest: TraceBuffer | undefined = undefined;
  size = 0;
  /** Made when a span is first looked for by its ids: in most programs none is. */
  #byTraceId: Map<string, Set<TraceBuffer>> | undefined = undefined;

  add(buffer: TraceBuffer): void {
    buffer.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = buffer;
    else this.#newest.newer = buffer;
    this.#newest = buffer;
    this.size += 1;
    if (this.#byTraceId !== undefined) addTo(this.#byTraceId, buffer);
  }

  delete(buffer: TraceBuffer): void {
    const { older, newer } = buffer;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    buffer.older = undefined;
    buffer.newer = undefined;
    this.size -= 1;
    const buffers = this.#byTraceId?.get(buffer.traceId);
    buffers?.delete(buffer);
    if (buffers?.size === 0) this.#byTraceId?.delete(buffer.traceId);
  }

  /**
   * Finds the parent that a context holds the ids of. A span of another provider is not known, but is
   * somewhere below a local root of its trace: that stands in for it.
   */
  find(traceId: string, spanId: string): LiveSpan | undefined {
    if (this.#byTraceId === undefined) {
      this.#byTraceId = new Map();
      for (const buffer of this) addTo(this.#byTraceId, buffer);
    }
    let standIn: LiveSpan | undefined;
    for (const buffer of this.#byTraceId.get(traceId) ?? []) {
      const found = buffer.find(spanId);
      if (found !== undefined) return found;
      standIn = buffer.spans[0];
    }
    return standIn;
  }

  *[Symbol.iterator](): Iterator<TraceBuffer> {
    for (let at = this.#oldest; at !== undefined; at = at.newer) yield at;
  }
}

function addTo(byTraceId: Map<string, Set<TraceBuffer>>, buffer: TraceBuffer): void {
  getOrMake(byTraceId, buffer.traceId, () => new Set()).add(buffer);
}
