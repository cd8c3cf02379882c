import { SpanStatusCode, type Context } from '@opentelemetry/api';
import { BoundedMap, RecentMap } from '../bounded.js';
import { groupName } from '../trace/group-name.js';
import type { SampledTraces } from '../summary.js';
import { aBoolean, aCount, aShare, checkOptions, type Settings, type Shape } from '../options.js';
import { HOTSPAN_ATTEMPT_NUMBER } from '../semconv.js';
import { parentOf, type SdkSpan, type SdkSpanProcessor } from '../processor/sdk-span.js';

/** Options of a `TailSamplingSpanProcessor`. */
export interface TailSamplingOptions {
  /** Keep every trace with an error. A failed attempt that was tried again is no error. Default true. */
  readonly errors?: boolean | undefined;
  /** The share of the slowest traces to keep, 0 to 1, by the name of the local root. Default 0.01. */
  readonly slowest?: number | undefined;
  /** Keep one in so many of the rest, chosen by trace id and so alike in all services. Default 100. */
  readonly oneIn?: number | undefined;
  /** The most spans that may wait for their local roots. Beyond, the oldest trace is decided. Default 100,000. */
  readonly maxSpans?: number | undefined;
}

export const TAIL_SAMPLING: Shape<TailSamplingOptions> = {
  errors: aBoolean,
  slowest: aShare,
  oneIn: aCount,
  maxSpans: aCount,
};

const ERROR: number = SpanStatusCode.ERROR;
/** The most decisions to remember for spans that end after their local root. */
const MAX_DECISIONS = 10_000;
/** The most names of local roots with a threshold of their own. */
const MAX_ROOTS = 200;
/** How many durations a threshold is made from. */
const WINDOW = 800;
/** With fewer durations nothing is known to be slow. */
const MIN_WINDOW = 50;

interface OpenTrace {
  readonly spans: SdkSpan[];
  /** `true` if it began in another process, and may come again from there. */
  readonly isFromElsewhere: boolean;
  /** How many local roots have not ended. */
  openRoots: number;
  hasError: boolean;
}

/**
 * Exports the traces that matter, each as a whole: those with errors, the slowest, and one in so many of
 * the rest. Spans wait in bounded memory until the local root of their trace has ended, and then go on to
 * another processor, or nowhere. A trace that a head sampler did not sample stays unsampled. A trace
 * that is open at shutdown is kept, because something in it did not end. After construction nothing here
 * throws but what the other processor throws.
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
 * @throws TypeError from the constructor if an option is wrong
 */
export class TailSamplingSpanProcessor implements SdkSpanProcessor {
  readonly #next: SdkSpanProcessor;
  readonly #settings: Settings<TailSamplingOptions>;
  /** Oldest first. */
  readonly #open = new Map<string, OpenTrace>();
  /** `true` for a trace that is kept, where the trace id does not tell. */
  readonly #decisions = new RecentMap<boolean>(MAX_DECISIONS);
  readonly #thresholds = new BoundedMap(MAX_ROOTS, () => new Threshold());
  #waiting = 0;
  #share = { traces: 0, exported: 0, spansLeftOut: 0 };

  /** @param next gets the spans that are kept; a processor of SDK 2.x or 3.x */
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
    this.#settings = { errors, slowest, oneIn, maxSpans };
  }

  /** How much was kept so far. */
  get share(): SampledTraces {
    return { ...this.#share };
  }

  /** Called by the SDK when a span starts. */
  onStart(span: SdkSpan, parentContext: Context): void {
    this.#next.onStart(span, parentContext);
    const isFromElsewhere = parentOf(span, parentContext) !== undefined;
    if (!isLocalRoot(span) || !isSampled(span)) return;
    const { traceId } = span.spanContext();
    // A trace that comes from elsewhere may have been here before.
    if (isFromElsewhere && this.#decisions.get(traceId) !== undefined) return;
    const trace = this.#open.get(traceId);
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
      // Its beginning was not seen, or was forgotten: it is chosen as the rest is.
      if (this.#decisions.get(traceId) ?? this.#isChosen(traceId)) this.#next.onEnd(span);
      else this.#share.spansLeftOut += 1;
      return;
    }
    trace.spans.push(span);
    this.#waiting += 1;
    const isAttempt = span.attributes[HOTSPAN_ATTEMPT_NUMBER] !== undefined;
    if (span.status.code === ERROR && !isAttempt) trace.hasError = true;
    if (isLocalRoot(span)) {
      trace.openRoots -= 1;
      const isSlow = this.#isSlow(span);
      if (trace.openRoots === 0) this.#decide(traceId, trace, isSlow);
    }
    while (this.#waiting > this.#settings.maxSpans && this.#open.size > 0) this.#decideOldest();
  }

  /** Sends what was kept. Traces that are open go on waiting. */
  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  /** Keeps the traces that are open: passes on their spans that have ended. */
  keepOpen(): void {
    for (const [traceId, trace] of this.#open) this.#decide(traceId, trace, true);
  }

  /** Keeps the traces that are open, and shuts the other processor down. */
  shutdown(): Promise<void> {
    this.keepOpen();
    return this.#next.shutdown();
  }

  #decideOldest(): void {
    const [oldest] = this.#open;
    if (oldest !== undefined) this.#decide(...oldest, false);
  }

  #decide(traceId: string, trace: OpenTrace, isKeptAnyway: boolean): void {
    const share = this.#share;
    const isChosen = this.#isChosen(traceId);
    const isKept = isKeptAnyway || (trace.hasError && this.#settings.errors) || isChosen;
    this.#open.delete(traceId);
    this.#waiting -= trace.spans.length;
    share.traces += 1;
    // What the trace id tells by itself need not be remembered.
    if ((isKept && !isChosen) || trace.isFromElsewhere) this.#decisions.set(traceId, isKept);
    if (!isKept) {
      share.spansLeftOut += trace.spans.length;
      return;
    }
    share.exported += 1;
    for (const span of trace.spans) this.#next.onEnd(span);
  }

  #isSlow(root: SdkSpan): boolean {
    const { slowest } = this.#settings;
    if (slowest === 0) return false;
    const threshold = this.#thresholds.get(groupName(root.name), () => new Threshold());
    const [seconds, nanos] = root.endTime;
    const duration = (seconds - root.startTime[0]) * 1e9 + (nanos - root.startTime[1]);
    return threshold.isAbove(duration, slowest);
  }

  /** The last 8 digits of a trace id are random by the specification. */
  #isChosen(traceId: string): boolean {
    return !(Number.parseInt(traceId.slice(-8), 16) >= 2 ** 32 / this.#settings.oneIn);
  }
}

/** Tells what is slow by the durations that came before, because services change. */
class Threshold {
  #known = Infinity;
  #window: number[] = [];
  /** How many durations the next threshold waits for. */
  #due = MIN_WINDOW;

  /** Returns `true` if a duration is among the slowest `share`, and takes note of it for those to come. */
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

function isLocalRoot(span: SdkSpan): boolean {
  const parent = parentOf(span);
  return parent === undefined || parent.isRemote === true;
}

function isSampled(span: SdkSpan): boolean {
  return (span.spanContext().traceFlags & 1) === 1;
}
