import type { CallsOfTrace } from '../trace/calls-of-trace.js';
import { forEachInSlices, type Sliced } from '../trace/slices.js';
import { NO_FACTS } from '../trace/span-record.js';
import type { SpanRecord } from '../trace/span-record.js';
import { detach, type SpanNode, type TraceTree } from '../trace/trace-tree.js';
import { LiveSpan, operationOf } from './live-span.js';
import type { FactsOf } from './sdk-span.js';

/** An evicted trace was given up to stay within the limits. */
type Closed = 'analyzed' | 'evicted';

const NONE: readonly SpanNode[] = [];
const NO_SPANS: LiveSpan[] = [];

/**
 * The spans below one first span, until that one ends: a local root, or a span that started after
 * its local root had ended.
 */
export class TraceBuffer {
  /** In the order of their starts, so parents come before children. */
  spans: LiveSpan[] = NO_SPANS;
  closed: Closed | undefined = undefined;
  /** `true` if a span found no room in here. */
  overflowed = false;
  /** When its last span started, on the monotonic clock. */
  touchedMillis: number;
  /** How many of its spans have not ended. */
  running = 0;
  /** When it is analyzed, if its first span has ended and others run; on the monotonic clock. */
  waitsUntil = 0;
  /** Of models, if there are any. */
  calls: CallsOfTrace | undefined = undefined;
  /** Its neighbours in the list of open traces. */
  older: TraceBuffer | undefined = undefined;
  newer: TraceBuffer | undefined = undefined;
  #byId: Map<string, LiveSpan> | undefined = undefined;
  #indexed = 0;

  constructor(
    readonly traceId: string,
    /** The moment that times count from, on the monotonic clock. */
    readonly originMillis: number,
    readonly originEpochMillis: number,
    /** `true` if somebody waited for the first span. */
    readonly isLocalRoot: boolean,
    readonly factsOf: FactsOf,
  ) {
    this.touchedMillis = originMillis;
  }

  toNanos(monotonicMillis: number): number {
    return Math.round((monotonicMillis - this.originMillis) * 1e6);
  }

  /** Costs nothing until the first call. */
  find(spanId: string): LiveSpan | undefined {
    this.#byId ??= new Map();
    for (; this.#indexed < this.spans.length; this.#indexed += 1) {
      const span = this.spans[this.#indexed]!;
      this.#byId.set(span.source?.spanContext().spanId ?? span.record.spanId, span);
    }
    return this.#byId.get(spanId);
  }

  /** Call it once, after the first span has ended. Spans that still run end, for now, with the first. */
  toTree(): TraceTree {
    const { spans, isLocalRoot } = this;
    const [first] = spans;
    if (this.running > 0) {
      for (const span of spans) if (span.source !== undefined) span.cut(first!.endNanos);
    }
    if (first?.outerOperation !== undefined) first.joinOperation(first.outerOperation);
    const top = first === undefined || spans.length === 1 ? spans : [first];
    const roots = isLocalRoot ? top : NONE;
    const orphans = isLocalRoot ? NONE : top;
    return { roots, orphans, nodes: spans, repeated: 0, untimed: 0 };
  }

  /** Gives the spans that are still running a record for the analysis. */
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

  /** Lets go of all spans, so that one that is still referred to does not keep the others. Never throws. */
  close(how: Closed): void {
    const { spans } = this;
    this.closed = how;
    this.spans = NO_SPANS;
    this.#byId = undefined;
    const gone = GONE[how];
    for (const span of spans) {
      // Nobody refers to what ended and says nothing: no later span could be a part of it.
      if (span.source === undefined && span.record.facts === NO_FACTS) span.handle.live = gone;
      else this.#letGo(span, how);
    }
  }

  /** Parents come first, and have let go of theirs when their children ask. */
  #letGo(span: LiveSpan, how: Closed): void {
    const { parent } = span;
    if (span.source === undefined) span.outerOperation = operationIn(how, span);
    else if (parent !== undefined) span.outerOperation = operationIn(how, parent);
    detach(span);
  }
}

/** Returns `undefined` if the span cannot be read. */
function operationIn(how: Closed, span: LiveSpan): SpanRecord | undefined {
  if (how === 'analyzed') return span.operation;
  try {
    return operationOf(span);
  } catch {
    return undefined;
  }
}

/** Stand in for all spans that ended before their trace was closed, and of which no more need be known. */
const GONE = { analyzed: goneFrom('analyzed'), evicted: goneFrom('evicted') };

function goneFrom(how: Closed): LiveSpan {
  const buffer = new TraceBuffer('', 0, 0, false, () => NO_FACTS);
  buffer.closed = how;
  return new LiveSpan(buffer, -1, undefined, 0, true);
}

export function isGone(span: LiveSpan): boolean {
  return span === GONE.analyzed || span === GONE.evicted;
}
