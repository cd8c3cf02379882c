import type { SpanFacts, SpanRecord } from '../analysis/span-record.js';
import { attach, createNode, type SpanNode, type TraceTree } from '../analysis/trace-tree.js';
import type { Moment, PreciseStart } from './precise-time.js';
import type { SdkSpan } from './sdk-span.js';
import { readSpan } from './span-reader.js';

/** A span that was seen to start. */
export interface LiveSpan {
  readonly buffer: TraceBuffer;
  /** Its place in the buffer; -1 for a span that found no room there. */
  readonly index: number;
  /** In the same buffer, as long as that is open. */
  parent: LiveSpan | undefined;
  /**
   * The operation of a parent that is not in an open buffer. Kept instead of the parent, because a
   * chain of parents (a timer that starts itself anew) has no end.
   */
  outerOperation: SpanRecord | undefined;
  readonly start: PreciseStart;
  /** The SDK's span, until it ends. */
  source: SdkSpan | undefined;
  /** Set when the span ended. */
  record: SpanRecord | undefined;
  /** What other spans of the same LLM call inside this one know of its usage. */
  parts: SpanFacts[] | undefined;
  /** Whether it is settled what the span says of its cost. */
  isSettled: boolean;
}

/** The record of a span that has not ended, as if it did at `endNanos`. */
export function recordOfRunning(live: LiveSpan, endNanos = 0): SpanRecord {
  if (live.source === undefined) throw new TypeError('expected a span that is still running');
  return readSpan(live.source, live.buffer.toNanos(live.start.monotonicMillis), endNanos);
}

/**
 * The spans below one first span, until that one ends: a local root, or a span that started after
 * its local root had ended.
 */
export class TraceBuffer {
  /** In the order of their starts, so parents come before children. */
  spans: LiveSpan[] = [];
  /** How it ended: analyzed, or given up to stay within the limits. */
  closed: 'analyzed' | 'evicted' | undefined;
  /** Whether a span found no room in here. */
  overflowed = false;
  #byId: Map<string, LiveSpan> | undefined;
  #indexed = 0;

  constructor(
    readonly traceId: string,
    readonly origin: Moment,
    /** Whether the first span is a local root: somebody waited for it. */
    readonly isLocalRoot: boolean,
  ) {}

  /** Nanoseconds since the origin, of a time on the monotonic clock. */
  toNanos(monotonicMillis: number): number {
    return Math.round((monotonicMillis - this.origin.monotonicMillis) * 1e6);
  }

  /** The span with this id, if it is in here. Costs nothing until the first call. */
  find(spanId: string): LiveSpan | undefined {
    this.#byId ??= new Map();
    for (; this.#indexed < this.spans.length; this.#indexed += 1) {
      const span = this.spans[this.#indexed]!;
      const id = span.record?.spanId ?? span.source?.spanContext().spanId;
      if (id !== undefined) this.#byId.set(id, span);
    }
    return this.#byId.get(spanId);
  }

  /**
   * Gives up the spans, so that one that is still referred to does not keep the others in memory.
   *
   * @param operationOf gives the operation of a span, from its parent's
   */
  close(
    how: 'analyzed' | 'evicted',
    operationOf: (span: LiveSpan) => SpanRecord | undefined,
  ): void {
    const { spans } = this;
    this.closed = how;
    this.spans = [];
    this.#byId = undefined;
    // Parents come first, and have let go of theirs when their children ask.
    for (const span of spans) {
      if (span.parent === undefined) continue;
      span.outerOperation = operationOf(span.parent);
      span.parent = undefined;
    }
  }

  /**
   * The tree of all spans so far. Those that are still running end, for now, with the first span.
   *
   * @param recordOf makes the record of a span that has not ended, as of `endNanos`
   */
  toTree(recordOf: (span: LiveSpan, endNanos: number) => SpanRecord): TraceTree {
    const endNanos = this.spans[0]?.record?.endNanos ?? 0;
    const nodes: SpanNode[] = [];
    for (const span of this.spans) {
      const node = createNode(span.record ?? recordOf(span, endNanos));
      node.stillRunning = span.record === undefined;
      const parent = span.parent && nodes[span.parent.index];
      if (parent !== undefined) attach(parent, node);
      nodes.push(node);
    }
    const first = nodes.slice(0, 1);
    const tops = this.isLocalRoot ? { roots: first, orphans: [] } : { roots: [], orphans: first };
    return { ...tops, nodes, repeated: 0, untimed: 0 };
  }
}
