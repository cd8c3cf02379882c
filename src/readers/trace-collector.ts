import { analyzeTrace } from '../trace/analyze-trace.js';
import { RecentMap } from '../bounded.js';
import type { Ranking } from '../ranking/ranking.js';
import type { SpanRecord } from '../trace/span-record.js';
import { buildTraceTree, type TraceTree } from '../trace/trace-tree.js';
import { correctClockSkew } from './clock-skew.js';
import { priceCalls } from './price-calls.js';

/** Beyond so many, spans of traces that were closed long ago make traces of their own. */
const MAX_CLOSED = 20_000;

/** Limits and choices of a {@link TraceCollector}. */
export interface CollectorOptions {
  /** Spans kept of all open traces. Default 100,000. */
  readonly maxSpans?: number;
  /**
   * Spans that traces which seem complete are kept for: these have their root, and all parents are
   * there. Default 10,000, which the garbage collector hardly notices; `maxSpans` at most.
   */
  readonly maxCompleteSpans?: number;
  /** Spans kept of one trace, which alone may exceed `maxSpans`. Default 1,000,000. */
  readonly maxSpansPerTrace?: number;
  /** Which traces count. Default: all. */
  readonly isWanted?: (trace: OpenTrace) => boolean;
}

/** A trace whose spans are being collected. */
export class OpenTrace {
  /** What the times of its records count from, in seconds since the epoch; of its first span. */
  originSeconds: number | undefined;
  records: SpanRecord[] = [];
  isOfSeveralServices = false;
  hasCalls = false;
  /** How many spans it had when it was last found to be incomplete. */
  spansWhenIncomplete = 0;
  /** Whether spans of it found no room. */
  overflowed = false;

  constructor(readonly traceId: string) {}
}

/**
 * Puts the spans of traces together that come scattered, and has each trace analyzed, in bounded
 * memory. A trace is closed when it got no span for longest and more than `maxSpans` are held, or,
 * if it seems complete, more than `maxCompleteSpans`. What comes for it afterwards counts as late.
 */
export class TraceCollector {
  readonly #ranking: Ranking;
  readonly #maxSpans: number;
  readonly #maxCompleteSpans: number;
  readonly #maxSpansPerTrace: number;
  readonly #isWanted: (trace: OpenTrace) => boolean;
  /** The one touched last comes last. */
  readonly #open = new Map<string, OpenTrace>();
  /** Those of the open ones that were found to be incomplete, and got no span since. */
  readonly #waiting = new Map<string, OpenTrace>();
  /** Whether they were wanted. */
  readonly #closed = new RecentMap<boolean>(MAX_CLOSED);
  #last: OpenTrace | undefined;
  #held = 0;
  /** Of them those of waiting traces. */
  #heldWaiting = 0;
  #hasCalls = false;
  #opened = 0;
  #wanted = 0;

  constructor(ranking: Ranking, options: CollectorOptions = {}) {
    this.#ranking = ranking;
    this.#maxSpans = options.maxSpans ?? 100_000;
    this.#maxCompleteSpans = Math.min(options.maxCompleteSpans ?? 10_000, this.#maxSpans);
    this.#maxSpansPerTrace = options.maxSpansPerTrace ?? 1_000_000;
    this.#isWanted = options.isWanted ?? (() => true);
  }

  /** Whether prices will be asked for when traces are closed. */
  get needsPrices(): boolean {
    return this.#hasCalls;
  }

  /** How many traces were found so far. */
  get openedTraces(): number {
    return this.#opened;
  }

  /** How many of the traces that were closed counted. */
  get wantedTraces(): number {
    return this.#wanted;
  }

  /** Whether more is held than need be. */
  get isFull(): boolean {
    const isMoving = this.#held - this.#heldWaiting > this.#maxCompleteSpans && this.#open.size > 1;
    return isMoving || (this.#held > this.#maxSpans && this.#waiting.size > 0);
  }

  /** The open trace of this id; a new one for a trace that is not, or no longer, open. */
  trace(traceId: string): OpenTrace {
    if (this.#last?.traceId === traceId) return this.#last;
    const known = this.#open.get(traceId) ?? this.#waiting.get(traceId);
    if (known === undefined && this.#closed.get(traceId) !== undefined)
      return new OpenTrace(traceId);
    const trace = known ?? new OpenTrace(traceId);
    if (known === undefined) this.#opened += 1;
    else this.#forget(known);
    this.#open.set(traceId, trace);
    this.#held += trace.records.length;
    this.#last = trace;
    return trace;
  }

  /** Adds a span to the trace that {@link trace} gave for it. */
  add(trace: OpenTrace, record: SpanRecord): void {
    if (trace !== this.#last) {
      if (this.#closed.get(trace.traceId) === true) this.#addOutside(record, 'late');
      return;
    }
    const { records } = trace;
    if (records.length >= this.#maxSpansPerTrace) {
      trace.overflowed = true;
      this.#addOutside(record, 'dropped');
      return;
    }
    if (records.length > 0 && record.service !== records[0]!.service) {
      trace.isOfSeveralServices = true;
    }
    if (record.facts.llmCall !== undefined) this.#hasCalls = trace.hasCalls = true;
    records.push(record);
    this.#held += 1;
  }

  /** Closes traces, the ones that got no span for longest first, until no more is held than need be. */
  closeOldest(): void {
    for (const trace of this.#open.values()) {
      if (this.#held - this.#heldWaiting <= this.#maxCompleteSpans || this.#open.size === 1) break;
      this.#closeOrWait(trace);
    }
    for (const trace of this.#waiting.values()) {
      if (this.#held <= this.#maxSpans) break;
      this.#close(trace, buildTraceTree(trace.records));
    }
  }

  /** Closes all traces. */
  closeAll(): void {
    for (const traces of [this.#waiting, this.#open]) {
      for (const trace of traces.values()) this.#close(trace, buildTraceTree(trace.records));
    }
  }

  #closeOrWait(trace: OpenTrace): void {
    const { length } = trace.records;
    const mayWait = this.#maxCompleteSpans < this.#maxSpans;
    // A large trace that gets its spans one by one must not be looked through each time.
    if (mayWait && length < 2 * trace.spansWhenIncomplete) {
      this.#wait(trace);
      return;
    }
    const tree = buildTraceTree(trace.records);
    if (isComplete(tree) || !mayWait) {
      this.#close(trace, tree);
    } else {
      trace.spansWhenIncomplete = length;
      this.#wait(trace);
    }
  }

  #wait(trace: OpenTrace): void {
    this.#forget(trace);
    this.#waiting.set(trace.traceId, trace);
    this.#held += trace.records.length;
    this.#heldWaiting += trace.records.length;
  }

  #forget(trace: OpenTrace): void {
    const { traceId, records } = trace;
    this.#held -= records.length;
    if (this.#waiting.delete(traceId)) this.#heldWaiting -= records.length;
    else this.#open.delete(traceId);
    if (trace === this.#last) this.#last = undefined;
  }

  #close(trace: OpenTrace, tree: TraceTree): void {
    const { traceId, originSeconds = 0 } = trace;
    const isWanted = this.#isWanted(trace);
    this.#forget(trace);
    this.#closed.set(traceId, isWanted);
    if (!isWanted) return;
    this.#wanted += 1;
    if (trace.isOfSeveralServices) this.#correctClocks(tree);
    analyzeTrace(tree);
    if (trace.hasCalls) priceCalls(tree);
    this.#ranking.addTrace(tree, {
      originEpochMillis: originSeconds * 1000,
      incomplete: trace.overflowed || lacksParents(tree),
    });
  }

  #correctClocks(tree: TraceTree): void {
    for (let moved = correctClockSkew(tree); moved > 0; moved -= 1) {
      this.#ranking.warn(
        'by their clocks a call between services did not lie within its caller: it was moved there',
      );
    }
  }

  #addOutside(record: SpanRecord, why: 'late' | 'dropped'): void {
    if (Number.isFinite(record.startNanos + record.endNanos)) {
      this.#ranking.addOutside(record, record, why);
    }
  }
}

/** Whether nothing shows that spans of a trace are missing. */
function isComplete({ roots, orphans }: TraceTree): boolean {
  return orphans.length === 0 && roots.every(({ record }) => record.parentSpanId === undefined);
}

/** Whether a trace has no span that nobody in it called, so that those above are missing. */
function lacksParents({ roots }: TraceTree): boolean {
  return roots.some(({ record }) => record.parentSpanId !== undefined && !record.parentIsRemote);
}
