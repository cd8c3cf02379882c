import { isPartOfOperation } from '../trace/folding.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import { NO_FACTS } from '../trace/span-facts.js';
import type { SpanFacts, SpanRecord } from '../trace/span-record.js';
import { attach, detach, SpanNode, type TraceTree } from '../trace/trace-tree.js';
import type { SdkSpan } from './sdk-span.js';
import { readSpan } from './span-reader.js';

/** Stands in for the record of a span that has not ended. */
const NOT_ENDED: SpanRecord = Object.freeze({
  traceId: '',
  spanId: '',
  parentSpanId: undefined,
  parentIsRemote: false,
  name: '',
  service: '',
  kind: 'internal',
  startNanos: 0,
  endNanos: 0,
  errorType: undefined,
  facts: NO_FACTS,
});

/**
 * What the SDK's span refers to. Spans that wait for their export do not keep in memory what the analysis
 * needed of them: the garbage collector would copy it several times.
 */
export interface SpanHandle {
  live: LiveSpan;
}

/**
 * A span that was seen to start, and its node in the tree of its trace: one object serves for both, as
 * there is one for every span of the process.
 */
export class LiveSpan extends SpanNode {
  /** In the same buffer, as long as that is open. */
  declare parent: LiveSpan | undefined;
  readonly buffer: TraceBuffer;
  /** Its place in the buffer; -1 for a span that found no room there. */
  readonly index: number;
  /** Whether its start is the moment at which the SDK reported it, and not a time that the caller set. */
  readonly isStamped: boolean;
  /** The SDK's span, until it ends. */
  source: SdkSpan | undefined;
  readonly handle: SpanHandle = { live: this };
  /**
   * The operation of a parent that is not in an open buffer. Kept instead of the parent, because a
   * chain of parents (a timer that starts itself anew) has no end.
   */
  outerOperation: SpanRecord | undefined = undefined;
  /** What it was found to say when it was about to end. */
  facts: SpanFacts | undefined = undefined;
  /** What other spans of the same LLM call inside this one know of its usage. */
  parts: SpanFacts[] | undefined = undefined;

  constructor(
    buffer: TraceBuffer,
    index: number,
    source: SdkSpan | undefined,
    startNanos: number,
    isStamped: boolean,
  ) {
    super(NOT_ENDED);
    this.buffer = buffer;
    this.index = index;
    this.source = source;
    this.startNanos = startNanos;
    this.isStamped = isStamped;
  }

  /** When it started, on the monotonic clock. */
  get startMillis(): number {
    return this.buffer.originMillis + this.startNanos / 1e6;
  }

  /** Its record; of a span that has not ended, as if it did at `endNanos`. */
  recordAt(endNanos = 0): SpanRecord {
    const { source } = this;
    return source === undefined ? this.record : readSpan(source, this.startNanos, endNanos);
  }

  /** Takes the record of the span, which has ended. */
  end(record: SpanRecord): void {
    this.source = undefined;
    this.record = record;
    // In its trace it counts up to the end of that, which is being analyzed or was.
    if (this.stillRunning) return;
    this.operation = record;
    this.startNanos = record.startNanos;
    this.endNanos = record.endNanos;
  }

  /** Counts the span for an operation that is not in its tree, if it is a part of that. */
  joinOperation(outer: SpanRecord): void {
    if (!isPartOfOperation(this.record, outer)) return;
    const { inputTokens, outputTokens, costUsd } = outer.facts;
    this.operation = outer;
    this.hasTokensAbove = inputTokens !== undefined || outputTokens !== undefined;
    this.hasCostAbove = costUsd !== undefined;
  }

  /** Takes its trace to end before the span does, at `endNanos`. */
  cut(endNanos: number): void {
    this.stillRunning = true;
    this.endNanos = Math.max(this.startNanos, endNanos);
    // The others were attached when they ended.
    if (this.parent !== undefined) attach(this.parent, this);
  }
}

/**
 * The spans below one first span, until that one ends: a local root, or a span that started after
 * its local root had ended.
 */
export class TraceBuffer {
  /** In the order of their starts, so parents come before children. */
  spans: LiveSpan[] = [];
  /** How it ended: analyzed, or given up to stay within the limits. */
  closed: 'analyzed' | 'evicted' | undefined = undefined;
  /** Whether a span found no room in here. */
  overflowed = false;
  readonly traceId: string;
  /** The moment that times count from, on the monotonic clock. */
  readonly originMillis: number;
  /** The same, since the epoch. */
  readonly originEpochMillis: number;
  /** Whether the first span is a local root: somebody waited for it. */
  readonly isLocalRoot: boolean;
  /** How many of its spans have not ended. */
  running = 0;
  /** Its neighbours in the list of open traces. */
  older: TraceBuffer | undefined = undefined;
  newer: TraceBuffer | undefined = undefined;
  #byId: Map<string, LiveSpan> | undefined = undefined;
  #indexed = 0;

  constructor(
    traceId: string,
    originMillis: number,
    originEpochMillis: number,
    isLocalRoot: boolean,
  ) {
    this.traceId = traceId;
    this.originMillis = originMillis;
    this.originEpochMillis = originEpochMillis;
    this.isLocalRoot = isLocalRoot;
  }

  /** Nanoseconds since the origin, of a time on the monotonic clock. */
  toNanos(monotonicMillis: number): number {
    return Math.round((monotonicMillis - this.originMillis) * 1e6);
  }

  /** The span with this id, if it is in here. Costs nothing until the first call. */
  find(spanId: string): LiveSpan | undefined {
    this.#byId ??= new Map();
    for (; this.#indexed < this.spans.length; this.#indexed += 1) {
      const span = this.spans[this.#indexed]!;
      this.#byId.set(span.source?.spanContext().spanId ?? span.record.spanId, span);
    }
    return this.#byId.get(spanId);
  }

  /**
   * Makes the tree of all spans, once, when the first has ended: the spans themselves are its nodes. Spans
   * that are still running end, for now, with the first.
   */
  toTree(): TraceTree {
    const { spans, isLocalRoot } = this;
    const [first] = spans;
    if (this.running > 0) {
      for (const span of spans) if (span.source !== undefined) span.cut(first!.endNanos);
    }
    if (first?.outerOperation !== undefined) first.joinOperation(first.outerOperation);
    const top = spans.slice(0, 1);
    const [roots, orphans] = isLocalRoot ? [top, NONE] : [NONE, top];
    return { roots, orphans, nodes: spans, repeated: 0, untimed: 0 };
  }

  /** Gives those that are still running a record for the analysis. */
  *recordRunning(): Sliced {
    const { spans } = this;
    yield* forEachInSlices(spans.length, (index) => {
      const span = spans[index]!;
      if (!span.stillRunning) return;
      span.operation = span.recordAt(span.endNanos);
      // It may have ended meanwhile: then it has its own.
      if (span.source !== undefined) span.record = span.operation;
    });
  }

  /**
   * Takes no more spans, and gives up those that it has, so that one that is still referred to does not
   * keep the others in memory.
   *
   * @param operationOf gives the operation that a span counts for
   */
  close(
    how: 'analyzed' | 'evicted',
    operationOf: (span: LiveSpan) => SpanRecord | undefined,
  ): void {
    const { spans } = this;
    this.closed = how;
    this.spans = NO_SPANS;
    this.#byId = undefined;
    for (const span of spans) {
      // Parents come first, and have let go of theirs when their children ask.
      if (span.source === undefined) this.#letGo(span, how, operationOf);
      else if (span.parent !== undefined) span.outerOperation = operationOf(span.parent);
      detach(span);
    }
  }

  #letGo(
    span: LiveSpan,
    how: 'analyzed' | 'evicted',
    operationOf: (span: LiveSpan) => SpanRecord | undefined,
  ): void {
    // What says nothing is no operation that later spans could be a part of.
    if (span.record.facts === NO_FACTS) span.handle.live = GONE[how];
    else span.outerOperation = operationOf(span);
  }
}

const NONE: readonly SpanNode[] = [];
const NO_SPANS: LiveSpan[] = [];

/** Stand in for all spans that ended before their trace was closed, and of which no more need be known. */
const GONE = { analyzed: goneFrom('analyzed'), evicted: goneFrom('evicted') };

function goneFrom(how: 'analyzed' | 'evicted'): LiveSpan {
  const buffer = new TraceBuffer('', 0, 0, false);
  buffer.closed = how;
  return new LiveSpan(buffer, -1, undefined, 0, true);
}

/** Whether no more is known of a span than that its trace is closed. */
export function isGone(span: LiveSpan): boolean {
  return span === GONE.analyzed || span === GONE.evicted;
}
