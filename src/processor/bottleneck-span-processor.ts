import { trace, type Context } from '@opentelemetry/api';
import { analyzeTrace } from '../analysis/analyze-trace.js';
import { isPartOfOperation } from '../analysis/folding.js';
import { Ranking } from '../analysis/ranking.js';
import type { SpanRecord } from '../analysis/span-record.js';
import { requireRankBy, type RankBy, type Summary } from '../analysis/summary.js';
import { requireCount, requireOptions, wrongUse } from '../errors.js';
import { preciseNanos, readClocks, type Moment } from './precise-time.js';
import type { SdkSpan, SdkSpanProcessor } from './sdk-span.js';
import { readSpan } from './span-reader.js';
import { TraceBuffer, type LiveSpan } from './trace-buffer.js';

/** Limits and choices of a {@link BottleneckSpanProcessor}. */
export interface BottleneckOptions {
  /** What the rows are ordered by. Default `critical`. */
  readonly rankBy?: RankBy | undefined;
  /** Traces that may be open at once; the oldest is given up beyond. Default 10,000. */
  readonly maxTraces?: number | undefined;
  /** Spans kept of one trace. Default 100,000. */
  readonly maxSpansPerTrace?: number | undefined;
  /** Spans kept of all open traces; the oldest trace is given up beyond. Default 200,000. */
  readonly maxSpans?: number | undefined;
  /** Rows kept; further names share the row `(other)`. Default 1,000. */
  readonly maxRows?: number | undefined;
  /**
   * Whether attempts, and the HTTP client spans inside LLM calls, count as parts of their operation
   * instead of as rows of their own. Default true.
   */
  readonly fold?: boolean | undefined;
}

const OPTIONS = ['rankBy', 'maxTraces', 'maxSpansPerTrace', 'maxSpans', 'maxRows', 'fold'] as const;

/**
 * Times that the processor takes itself come from one monotonic clock, whose readings are only
 * microseconds away from the moments they stand for.
 */
const TOLERANCE_NANOS = 10_000;

type Tagged = Record<symbol, LiveSpan | undefined>;

/**
 * Ranks the bottlenecks of this process while it runs, in bounded memory.
 *
 * It keeps the spans of a trace until their local root ends (the span whose parent is absent or in
 * another process), analyzes them, adds the result to its rows, and forgets them. `summary()` can be
 * called at any time, also after `shutdown()`. After construction nothing here throws; spans that
 * cannot be used are counted in the summary.
 *
 * It works in any host with an OpenTelemetry SDK of the 2.x or 3.x line:
 *
 * ```ts
 * import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
 * import { BottleneckSpanProcessor, toText } from 'hotspan';
 *
 * const bottlenecks = new BottleneckSpanProcessor();
 * const provider = new NodeTracerProvider({ spanProcessors: [bottlenecks] });
 * provider.getTracer('shop').startSpan('checkout').end();
 *
 * console.log(toText(bottlenecks.summary()));
 * ```
 *
 * @throws TypeError from the constructor when an option is wrong
 */
export class BottleneckSpanProcessor implements SdkSpanProcessor {
  /** On the SDK's span, so that what belongs to a span goes when the span goes. */
  readonly #tag = Symbol('hotspan');
  readonly #ranking: Ranking;
  readonly #rankBy: RankBy;
  readonly #fold: boolean;
  readonly #maxTraces: number;
  readonly #maxSpansPerTrace: number;
  readonly #maxSpans: number;
  /** Oldest first. */
  readonly #open = new Set<TraceBuffer>();
  /** For parents that are known by their ids alone; made when the first of them comes. */
  #byTraceId: Map<string, TraceBuffer> | undefined;
  #bufferedSpans = 0;
  #stopped = false;

  constructor(options: BottleneckOptions = {}) {
    const where = 'BottleneckSpanProcessor';
    requireOptions(where, options, OPTIONS);
    requireCount(where, '`maxTraces`', options.maxTraces);
    requireCount(where, '`maxSpansPerTrace`', options.maxSpansPerTrace);
    requireCount(where, '`maxSpans`', options.maxSpans);
    requireCount(where, '`maxRows`', options.maxRows);
    requireRankBy(where, options.rankBy);
    if (options.fold !== undefined && typeof options.fold !== 'boolean') {
      throw wrongUse(where, '`fold` to be true or false', options.fold);
    }
    this.#rankBy = options.rankBy ?? 'critical';
    this.#fold = options.fold ?? true;
    this.#maxTraces = options.maxTraces ?? 10_000;
    this.#maxSpansPerTrace = options.maxSpansPerTrace ?? 100_000;
    this.#maxSpans = options.maxSpans ?? 200_000;
    this.#ranking = new Ranking(options.maxRows === undefined ? {} : { maxRows: options.maxRows });
  }

  /** Called by the SDK when a span starts. Never throws. */
  onStart(span: SdkSpan, parentContext: Context): void {
    if (this.#stopped) return;
    this.#guard(() => {
      const now = readClocks();
      const parent = this.#parentOf(span, parentContext);
      // What starts after its local root was analyzed is looked at by itself; what starts in a trace
      // that was given up has no place anywhere, or such traces would push out all the others.
      const isWithin = parent !== undefined && parent.buffer.closed !== 'analyzed';
      const buffer = isWithin
        ? parent.buffer
        : this.#openBuffer(span.spanContext().traceId, now, parent === undefined);
      const hasRoom = buffer.closed === undefined && buffer.spans.length < this.#maxSpansPerTrace;
      const inBuffer = isWithin && hasRoom && parent.index >= 0;
      const live: LiveSpan = {
        buffer,
        index: hasRoom ? buffer.spans.length : -1,
        parent: inBuffer ? parent : undefined,
        outerOperation: parent === undefined || inBuffer ? undefined : this.#operationOf(parent),
        startNanos: this.#nanos(span.startTime, now, buffer),
        source: span,
        record: undefined,
      };
      (span as unknown as Tagged)[this.#tag] = live;
      if (!hasRoom) {
        buffer.overflowed = true;
        return;
      }
      buffer.spans.push(live);
      this.#bufferedSpans += 1;
      if (this.#bufferedSpans > this.#maxSpans) this.#evictOldest();
    });
  }

  /** Called by the SDK when a span has ended. Never throws. */
  onEnd(span: SdkSpan): void {
    if (this.#stopped) return;
    this.#guard(() => {
      const now = readClocks();
      const live = (span as unknown as Tagged)[this.#tag];
      if (live === undefined) {
        const record = readSpan(span, 0, preciseNanos(span.endTime, now, startOf(span, now)));
        this.#ranking.addOutside(record, record, 'dropped');
        return;
      }
      if (live.record !== undefined) return;
      const { buffer } = live;
      live.record = readSpan(span, live.startNanos, this.#nanos(span.endTime, now, buffer));
      live.source = undefined;
      if (live.index < 0 || buffer.closed !== undefined) {
        const why = live.index < 0 || buffer.closed === 'evicted' ? 'dropped' : 'late';
        this.#ranking.addOutside(live.record, this.#operationOf(live), why);
      } else if (live.index === 0) {
        this.#analyze(buffer);
      }
    });
  }

  /** Resolves at once: nothing is held back. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  /** Stops taking spans and gives up those of open traces. The summary stays. */
  shutdown(): Promise<void> {
    this.#stopped = true;
    for (const buffer of this.#open) this.#release(buffer, 'evicted');
    return Promise.resolve();
  }

  /** What was found so far. */
  summary(): Summary {
    return this.#ranking.toSummary({ nowEpochMillis: Date.now(), rankBy: this.#rankBy });
  }

  /** What was started around this span and was seen to start, wherever its trace is by now. */
  #parentOf(span: SdkSpan, parentContext: Context): LiveSpan | undefined {
    const { parentSpanContext } = span;
    if (parentSpanContext === undefined || parentSpanContext.isRemote === true) return undefined;
    const parent = trace.getSpan(parentContext) as unknown as Tagged | undefined;
    const live = parent?.[this.#tag];
    if (live !== undefined) return live;
    // The context may hold the parent's ids instead of the parent itself.
    this.#byTraceId ??= new Map([...this.#open].map((buffer) => [buffer.traceId, buffer]));
    return this.#byTraceId.get(parentSpanContext.traceId)?.find(parentSpanContext.spanId);
  }

  #openBuffer(traceId: string, now: Moment, isLocalRoot: boolean): TraceBuffer {
    const buffer = new TraceBuffer(traceId, now, isLocalRoot);
    this.#open.add(buffer);
    this.#byTraceId?.set(traceId, buffer);
    if (this.#open.size > this.#maxTraces) this.#evictOldest();
    return buffer;
  }

  #analyze(buffer: TraceBuffer): void {
    const tree = buffer.toTree(recordOfRunning);
    const first = tree.nodes[0];
    const outer = buffer.spans[0]?.outerOperation;
    if (first !== undefined && outer !== undefined && this.#isPart(first.record, outer)) {
      first.operation = outer;
    }
    analyzeTrace(tree, { toleranceNanos: TOLERANCE_NANOS, fold: this.#fold });
    const incomplete = buffer.overflowed || tree.nodes.some((node) => node.stillRunning);
    this.#ranking.addTrace(tree, {
      originEpochMillis: buffer.origin.epochMillis,
      incomplete,
      late: !buffer.isLocalRoot,
    });
    this.#release(buffer, 'analyzed');
  }

  #evictOldest(): void {
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    if (oldest.isLocalRoot) this.#ranking.addEvicted();
    for (const live of oldest.spans) {
      if (live.record === undefined) continue;
      this.#ranking.addOutside(live.record, this.#operationOf(live), 'dropped');
    }
    this.#release(oldest, 'evicted');
  }

  #release(buffer: TraceBuffer, how: 'analyzed' | 'evicted'): void {
    this.#bufferedSpans -= buffer.spans.length;
    this.#open.delete(buffer);
    if (this.#byTraceId?.get(buffer.traceId) === buffer) this.#byTraceId.delete(buffer.traceId);
    buffer.close(how);
  }

  /** The operation that a span counts for: its own, or the one it is a part of. */
  #operationOf(live: LiveSpan): SpanRecord {
    const record = live.record ?? recordOfRunning(live, live.startNanos);
    const { attempt, isHttpClient } = record.facts;
    if (attempt === undefined && isHttpClient === undefined) return record;
    const outer = live.parent === undefined ? live.outerOperation : this.#operationOf(live.parent);
    return outer !== undefined && this.#isPart(record, outer) ? outer : record;
  }

  #isPart(record: SpanRecord, operation: SpanRecord): boolean {
    return this.#fold && isPartOfOperation(record, operation);
  }

  #nanos(reported: SdkSpan['startTime'], now: Moment, buffer: TraceBuffer): number {
    const nanos = preciseNanos(reported, now, buffer.origin);
    if (Number.isFinite(nanos)) return nanos;
    this.#ranking.warn('a span had a time that is not a number; the time of the call was taken');
    return (now.monotonicMillis - buffer.origin.monotonicMillis) * 1e6;
  }

  /** A processor that throws would break the code that ends the span, and other processors. */
  #guard(work: () => void): void {
    try {
      work();
    } catch {
      this.#ranking.warn('a span could not be read and was left out');
    }
  }
}

function recordOfRunning(live: LiveSpan, endNanos: number): SpanRecord {
  if (live.source === undefined) throw new TypeError('expected a span that is still running');
  return readSpan(live.source, live.startNanos, endNanos);
}

/** The moment that the SDK reported as the start of a span that was not seen to start. */
function startOf(span: SdkSpan, now: Moment): Moment {
  const epochMillis = span.startTime[0] * 1e3 + span.startTime[1] / 1e6;
  return {
    epochMillis,
    monotonicMillis: now.monotonicMillis - (now.epochMillis - epochMillis),
  };
}
