import { SpanStatusCode, type Context } from '@opentelemetry/api';
import { BoundedMap, RecentMap } from '../bounded.js';
import { groupName } from '../trace/group-name.js';
import type { SampledTraces } from '../summary.js';
import { aBoolean, aCount, aShare, checkOptions, type Shape } from '../options.js';
import { HOTSPAN_ATTEMPT_NUMBER } from '../semconv.js';
import type { SdkSpan, SdkSpanProcessor } from '../processor/sdk-span.js';

/** Which traces are kept. */
export interface TailSamplingOptions {
  /** Keep every trace with an error in it; a failed attempt that was tried again is none. Default true. */
  readonly errors?: boolean | undefined;
  /** The share of the slowest traces that is kept, 0 to 1, by the name of the local root. Default 0.01. */
  readonly slowest?: number | undefined;
  /** Of the rest one in so many is kept, chosen by trace id, so alike in all services. Default 100. */
  readonly oneIn?: number | undefined;
  /** Spans that wait for the end of their local roots; the oldest trace is decided beyond. Default 100,000. */
  readonly maxSpans?: number | undefined;
}

/** The kinds of {@link TailSamplingOptions}. */
export const TAIL_SAMPLING: Shape<TailSamplingOptions> = {
  errors: aBoolean,
  slowest: aShare,
  oneIn: aCount,
  maxSpans: aCount,
};

const ERROR: number = SpanStatusCode.ERROR;
/** Decisions that are remembered for spans that end after their local root. */
const MAX_DECISIONS = 10_000;
/** Names of local roots that have a threshold of their own. */
const MAX_ROOTS = 200;
/** Durations that a threshold is made from. */
const WINDOW = 800;
/** Before so many nothing is known to be slow. */
const MIN_WINDOW = 50;

interface OpenTrace {
  readonly spans: SdkSpan[];
  /** Whether it began in another process, and may come again from there. */
  readonly isFromElsewhere: boolean;
  /** Local roots that have not ended. */
  openRoots: number;
  hasError: boolean;
}

/**
 * Exports the traces that matter, all of each: those with errors, the slowest, and one in so many of the
 * rest. Spans wait here until the local root of their trace has ended, in bounded memory, and then go on
 * to another processor, or nowhere. What a head sampler did not sample stays unsampled. A trace that is
 * open at shutdown is kept: something in it did not end. After construction nothing here throws but what
 * the other processor throws.
 *
 * ```ts
 * import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
 * import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
 * import { BottleneckSpanProcessor, TailSamplingSpanProcessor } from 'hotspan/processor';
 *
 * const batches = new BatchSpanProcessor(new OTLPTraceExporter());
 * new NodeTracerProvider({
 *   spanProcessors: [
 *     new BottleneckSpanProcessor(),
 *     new TailSamplingSpanProcessor(batches, { slowest: 0.05, oneIn: 20 }),
 *   ],
 * });
 * ```
 *
 * @throws TypeError from the constructor when an option is wrong
 */
export class TailSamplingSpanProcessor implements SdkSpanProcessor {
  readonly #next: SdkSpanProcessor;
  readonly #options: Required<{
    [K in keyof TailSamplingOptions]: NonNullable<TailSamplingOptions[K]>;
  }>;
  /** Oldest first. */
  readonly #open = new Map<string, OpenTrace>();
  /** Whether a trace is kept, where the trace id does not say it. */
  readonly #decisions = new RecentMap<boolean>(MAX_DECISIONS);
  readonly #thresholds = new BoundedMap(MAX_ROOTS, () => new Threshold());
  #waiting = 0;
  #traces = 0;
  #keptTraces = 0;
  #droppedSpans = 0;

  /** @param next gets the spans that are kept, of SDK 2.x or 3.x */
  constructor(
    next: {
      onStart(span: never, parentContext: Context): void;
      onEnd(span: never): void;
      forceFlush(): Promise<void>;
      shutdown(): Promise<void>;
    },
    options: TailSamplingOptions = {},
  ) {
    checkOptions('TailSamplingSpanProcessor', options, TAIL_SAMPLING);
    this.#next = next;
    const { errors = true, slowest = 0.01, oneIn = 100, maxSpans = 100_000 } = options;
    this.#options = { errors, slowest, oneIn, maxSpans };
  }

  /** What was kept so far. */
  get share(): SampledTraces {
    return { traces: this.#traces, exported: this.#keptTraces, spansLeftOut: this.#droppedSpans };
  }

  /** Called by the SDK when a span starts. */
  onStart(span: SdkSpan, parentContext: Context): void {
    this.#next.onStart(span, parentContext);
    if (!isLocalRoot(span) || !isSampled(span)) return;
    const { traceId } = span.spanContext();
    // A trace that begins here is new; one that comes from elsewhere may have been here before.
    const isFromElsewhere = span.parentSpanContext !== undefined;
    if (isFromElsewhere && this.#decisions.get(traceId) !== undefined) return;
    const trace = isFromElsewhere ? this.#open.get(traceId) : undefined;
    if (trace !== undefined) trace.openRoots += 1;
    else this.#open.set(traceId, { spans: [], isFromElsewhere, openRoots: 1, hasError: false });
    if (this.#open.size > MAX_DECISIONS) this.#decideOldest();
  }

  /** Called by the SDK when a span has ended. */
  onEnd(span: SdkSpan): void {
    if (!isSampled(span)) return;
    const { traceId } = span.spanContext();
    const trace = this.#open.get(traceId);
    if (trace === undefined) {
      // Of a trace whose beginning was not seen, or was forgotten: chosen as the rest is.
      if (this.#decisions.get(traceId) ?? this.#isChosen(traceId)) this.#next.onEnd(span);
      else this.#droppedSpans += 1;
      return;
    }
    trace.spans.push(span);
    this.#waiting += 1;
    if (span.status.code === ERROR && span.attributes[HOTSPAN_ATTEMPT_NUMBER] === undefined) {
      trace.hasError = true;
    }
    if (isLocalRoot(span)) {
      trace.openRoots -= 1;
      const isSlow = this.#isSlow(span);
      if (trace.openRoots === 0) {
        const hasError = trace.hasError && this.#options.errors;
        this.#decide(traceId, trace, hasError || isSlow || this.#isChosen(traceId));
      }
    }
    while (this.#waiting > this.#options.maxSpans && this.#open.size > 0) this.#decideOldest();
  }

  /** Sends what was kept. Traces that are open go on waiting. */
  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  /** Passes on what has ended of the traces that are open: at the end they are not dropped. */
  keepOpen(): void {
    for (const [traceId, trace] of this.#open) this.#decide(traceId, trace, true);
  }

  /** Keeps the traces that are open, and ends the other processor. */
  shutdown(): Promise<void> {
    this.keepOpen();
    return this.#next.shutdown();
  }

  #decideOldest(): void {
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    const [traceId, trace] = oldest;
    const hasError = trace.hasError && this.#options.errors;
    this.#decide(traceId, trace, hasError || this.#isChosen(traceId));
  }

  #decide(traceId: string, trace: OpenTrace, isKept: boolean): void {
    this.#open.delete(traceId);
    this.#waiting -= trace.spans.length;
    this.#traces += 1;
    // What the trace id says by itself need not be remembered.
    const isSpecial = isKept && !this.#isChosen(traceId);
    if (isSpecial || trace.isFromElsewhere) this.#decisions.set(traceId, isKept);
    if (!isKept) {
      this.#droppedSpans += trace.spans.length;
      return;
    }
    this.#keptTraces += 1;
    for (const span of trace.spans) this.#next.onEnd(span);
  }

  #isSlow(root: SdkSpan): boolean {
    const { slowest } = this.#options;
    if (slowest === 0) return false;
    const threshold = this.#thresholds.get(groupName(root.name), () => new Threshold());
    return threshold.isAbove(durationOf(root), slowest);
  }

  /** The last 8 digits of a trace id are random by the specification. */
  #isChosen(traceId: string): boolean {
    const random = Number.parseInt(traceId.slice(-8), 16);
    return !(random >= 2 ** 32 / this.#options.oneIn);
  }
}

/** What counts as slow, from the durations that came before: services change. */
class Threshold {
  #known = Infinity;
  #window: number[] = [];
  /** How many durations the next threshold is made from. */
  #due = MIN_WINDOW;

  /** Whether a duration is among the slowest `share`; takes it into account for those to come. */
  isAbove(nanos: number, share: number): boolean {
    const isAbove = nanos > this.#known;
    this.#window.push(nanos);
    if (this.#window.length >= this.#due) {
      // Exact: where durations lie close together, an error of 1 % is all or nothing.
      const sorted = this.#window.sort((a, b) => a - b);
      this.#known = sorted[Math.ceil((1 - share) * sorted.length) - 1] ?? -1;
      if (this.#due >= WINDOW) this.#window = [];
      else this.#due *= 2;
    }
    return isAbove;
  }
}

function isLocalRoot({ parentSpanContext }: SdkSpan): boolean {
  return parentSpanContext === undefined || parentSpanContext.isRemote === true;
}

function isSampled(span: SdkSpan): boolean {
  return (span.spanContext().traceFlags & 1) === 1;
}

function durationOf({ startTime, endTime }: SdkSpan): number {
  return (endTime[0] - startTime[0]) * 1e9 + (endTime[1] - startTime[1]);
}
