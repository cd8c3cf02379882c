import { isPartOfOperation, mayBePart } from '../trace/operation.js';
import { NO_FACTS } from '../trace/span-record.js';
import type { SpanFacts, SpanRecord } from '../trace/span-record.js';
import { attach, SpanNode } from '../trace/trace-tree.js';
import { mayHoldCall, SpanReading } from './span-reading.js';
import { readSpan, type SdkSpan } from './sdk-span.js';
import type { TraceBuffer } from './trace-buffer.js';

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

/** What the SDK's span refers to: while it waits for its export, it must not keep the `LiveSpan`. */
export interface SpanHandle {
  live: LiveSpan;
}

/** A span and its node in the tree of its trace, in one object, as there is one for every span. */
export class LiveSpan extends SpanNode {
  /** In the same buffer, as long as that is open. */
  declare parent: LiveSpan | undefined;
  readonly handle: SpanHandle = { live: this };
  /**
   * The operation of a parent that is not in an open buffer. It is kept instead of the parent, because a
   * chain of parents (a timer that starts itself anew) has no end.
   */
  outerOperation: SpanRecord | undefined = undefined;
  /** As they were when the span was about to end. */
  facts: SpanFacts | undefined = undefined;
  /** The last one of a span that may hold a call. */
  #reading: SpanReading | undefined = undefined;
  /** The usage that other spans of the same LLM call, inside this one, report. */
  parts: SpanFacts[] | undefined = undefined;
  /** `true` if a call of a model has ended inside it. */
  holdsCall = false;

  /**
   * @param index its place in the buffer; -1 for a span that found no room there
   * @param source the SDK's span, until it ends
   * @param isStamped `true` if the span started when the SDK reported it, not at a time of the caller's
   */
  constructor(
    readonly buffer: TraceBuffer,
    readonly index: number,
    public source: SdkSpan | undefined,
    startNanos: number,
    readonly isStamped: boolean,
  ) {
    super(NOT_ENDED);
    this.startNanos = startNanos;
  }

  /** On the monotonic clock. */
  get startMillis(): number {
    return this.buffer.originMillis + this.startNanos / 1e6;
  }

  /** A span that is still running is taken to end at `endNanos`. */
  recordAt(endNanos = 0): SpanRecord {
    const { source } = this;
    if (source === undefined) return this.record;
    return readSpan(source, this.startNanos, endNanos, this.readFacts(source));
  }

  /** What the span tells now. */
  get factsNow(): SpanFacts {
    return this.source === undefined ? this.record.facts : this.readFacts(this.source);
  }

  readFacts(source: SdkSpan): SpanFacts {
    if (this.#reading?.isOf(source) === true) return this.#reading.facts;
    const facts = this.buffer.factsOf(source);
    if (mayHoldCall(facts)) this.keep(source, facts);
    return facts;
  }

  /** Remembers the facts of a span until it is written to. */
  keep(source: SdkSpan, facts: SpanFacts): void {
    this.#reading = new SpanReading(source, facts);
  }

  end(record: SpanRecord): void {
    this.source = undefined;
    this.#reading = undefined;
    this.record = record;
    // In its trace it counts up to the end of that, which is being analyzed or was.
    if (this.stillRunning) return;
    this.operation = record;
    this.startNanos = record.startNanos;
    this.endNanos = record.endNanos;
  }

  /** Counts the span for an operation that is not in its tree, if it is a part of that. */
  joinOperation(outer: SpanRecord): void {
    if (isPartOfOperation(this.record, outer)) this.operation = outer;
  }

  /** Ends the span for now, at the end of its trace. */
  cut(endNanos: number): void {
    this.stillRunning = true;
    this.endNanos = Math.max(this.startNanos, endNanos);
    // The others were attached when they ended.
    if (this.parent !== undefined) attach(this.parent, this);
  }
}

/** Returns how many characters the names and attributes of spans that run have. Never throws. */
export function charactersOf(spans: readonly LiveSpan[]): number {
  let characters = 0;
  for (const { source } of spans) {
    try {
      if (source !== undefined) characters += source.name.length + lengthOf(source.attributes);
    } catch {
      // A span that cannot be read is counted when it ends.
    }
  }
  return characters;
}

function lengthOf(attributes: SdkSpan['attributes']): number {
  let length = 0;
  // Without a list of all values, which would cost as much as all else for spans of large traces.
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value === 'string') length += value.length;
    else if (Array.isArray(value)) length += lengthOfTexts(value);
  }
  return length;
}

function lengthOfTexts(values: readonly unknown[]): number {
  let length = 0;
  for (const value of values) if (typeof value === 'string') length += value.length;
  return length;
}

/**
 * Returns the record of the operation that a span counts for: its own, or the one it is a part of.
 * Throws where a span cannot be read.
 */
export function operationOf(live: LiveSpan): SpanRecord {
  // Upwards to the first that is a part of nothing, and down again: no recursion, whatever the depth.
  const parts: SpanRecord[] = [];
  let operation: SpanRecord | undefined;
  for (let at: LiveSpan | undefined = live; at !== undefined; at = at.parent) {
    const record = at.recordAt();
    operation = at.parent === undefined ? at.outerOperation : undefined;
    parts.push(record);
    if (!mayBePart(record)) {
      operation = undefined;
      break;
    }
  }
  for (const record of parts.reverse()) {
    if (operation === undefined || !isPartOfOperation(record, operation)) operation = record;
  }
  return operation!;
}
