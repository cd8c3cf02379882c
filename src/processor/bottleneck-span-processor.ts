import { trace, type Attributes, type Context } from '@opentelemetry/api';
import { analyzeTrace } from '../analysis/analyze-trace.js';
import { isPartOfOperation } from '../analysis/folding.js';
import { Ranking } from '../analysis/ranking.js';
import { isModelCall, NO_FACTS, readSpanFacts } from '../analysis/span-facts.js';
import type { SpanRecord } from '../analysis/span-record.js';
import type { RunningSegments, Summary } from '../analysis/summary.js';
import { arePricesLoaded, costOf, loadPrices } from '../cost/price.js';
import {
  settingsOf,
  type BottleneckOptions,
  type BottleneckSettings,
} from './bottleneck-options.js';
import { attributesAtEnd } from './call-cost.js';
import { OutlivingSpans, runningSegments } from './open-spans.js';
import {
  preciseInterval,
  preciseStart,
  readClocks,
  type Moment,
  type PreciseStart,
} from './precise-time.js';
import type { SdkSpan, SdkSpanProcessor } from './sdk-span.js';
import { kindOf, readSpan } from './span-reader.js';
import { recordOfRunning, TraceBuffer, type LiveSpan } from './trace-buffer.js';
import { TraceIndex } from './trace-index.js';

/**
 * Times that the processor takes itself come from one monotonic clock, whose readings are only
 * microseconds away from the moments they stand for.
 */
const TOLERANCE_NANOS = 10_000;

const NANOS_PER_MILLI = 1e6;
/** Calls that may wait for the price table, which takes some 40 ms, once. */
const MAX_UNPRICED = 1_000;

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
  readonly #settings: BottleneckSettings;
  #ranking: Ranking;
  /** Oldest first. */
  readonly #open = new Set<TraceBuffer>();
  readonly #index = new TraceIndex(this.#open);
  /** Made once: every trace that ends needs it. */
  readonly #outerOperationFrom = (parent: LiveSpan): SpanRecord | undefined => {
    try {
      return this.#operationOf(parent);
    } catch {
      return undefined;
    }
  };
  readonly #outliving = new OutlivingSpans();
  #bufferedSpans = 0;
  /** Calls that wait for the price table. */
  #unpriced = 0;
  #stopped = false;
  #runningAtShutdown: RunningSegments | undefined;

  constructor(options: BottleneckOptions = {}) {
    this.#settings = settingsOf(options);
    this.#ranking = new Ranking(this.#settings);
  }

  /** Called by the SDK when a span starts. Never throws. */
  onStart(span: SdkSpan, parentContext: Context): void {
    if (this.#stopped) return;
    this.#guard(() => {
      // The same processor, registered twice.
      if ((span as unknown as Tagged)[this.#tag] !== undefined) return;
      const now = readClocks();
      const parent = this.#parentOf(span, parentContext);
      // What starts after its local root was analyzed is looked at by itself; what starts in a trace
      // that was given up has no place anywhere, or such traces would push out all the others.
      const isWithin = parent !== undefined && parent.buffer.closed !== 'analyzed';
      const buffer = isWithin
        ? parent.buffer
        : this.#openBuffer(span.spanContext().traceId, now, parent === undefined);
      const hasRoom =
        buffer.closed === undefined && buffer.spans.length < this.#settings.maxSpansPerTrace;
      const inBuffer = isWithin && hasRoom && parent.index >= 0;
      const live: LiveSpan = {
        buffer,
        index: hasRoom ? buffer.spans.length : -1,
        parent: inBuffer ? parent : undefined,
        outerOperation: parent === undefined || inBuffer ? undefined : this.#operationOf(parent),
        start: this.#startOf(span, now),
        source: span,
        record: undefined,
        parts: undefined,
        isSettled: false,
      };
      (span as unknown as Tagged)[this.#tag] = live;
      if (!hasRoom) {
        buffer.overflowed = true;
        return;
      }
      buffer.spans.push(live);
      this.#bufferedSpans += 1;
      if (this.#bufferedSpans > this.#settings.maxSpans) this.#evictOldest();
    });
    if (!arePricesLoaded()) loadPricesFor(span);
  }

  /**
   * Called by the SDK (from 2.3 on) when a span is about to end, and can still be written to: a call of
   * a model that another instrumentation reports without its cost gets it, so that it is exported. Never
   * throws.
   */
  onEnding(span: SdkSpan & { setAttributes?: (attributes: Attributes) => unknown }): void {
    if (this.#stopped) return;
    this.#guard(() => {
      const live = (span as unknown as Tagged)[this.#tag];
      if (live === undefined) return;
      const attributes = settle(live, span);
      if (attributes !== undefined) span.setAttributes?.(attributes);
    });
  }

  /** Called by the SDK when a span has ended. Never throws. */
  onEnd(span: SdkSpan): void {
    if (this.#stopped) return;
    this.#guard(() => {
      const now = readClocks();
      const live = (span as unknown as Tagged)[this.#tag];
      if (live === undefined) {
        const [start, end] = this.#interval(span, preciseStart(span, now), now);
        const record = readSpan(span, 0, (end - start) * NANOS_PER_MILLI);
        this.#ranking.addOutside(record, record, 'dropped');
        return;
      }
      if (live.record !== undefined) return;
      const { buffer } = live;
      const [start, end] = this.#interval(span, live.start, now);
      // SDKs before 2.3 do not call `onEnding`: then the ranking alone has the cost.
      const further = live.isSettled ? undefined : settle(live, span);
      live.record = readSpan(span, buffer.toNanos(start), buffer.toNanos(end), further);
      live.source = undefined;
      if (buffer.closed !== undefined) this.#outliving.delete(live);
      if (live.record.facts.llmCall !== undefined) this.#priceLater(live, live.record);
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

  /** Stops taking spans, and evicts the traces that are still open. The summary stays. */
  shutdown(): Promise<void> {
    this.#runningAtShutdown ??= this.openSegments();
    this.#stopped = true;
    while (this.#open.size > 0) this.#guard(() => this.#evictOldest());
    return Promise.resolve();
  }

  /** Forgets what was found so far. Traces that are open count from their beginning when they end. */
  reset(): void {
    this.#ranking = new Ranking(this.#settings);
  }

  /** What was found so far. */
  summary(): Summary {
    const { rankBy } = this.#settings;
    const summary = this.#ranking.toSummary({ nowEpochMillis: Date.now(), rankBy });
    const running = this.openSegments();
    return running.count === 0 ? summary : { ...summary, running };
  }

  /** The segments that are running now; after `shutdown()` those that were then. Never throws. */
  openSegments(): RunningSegments {
    if (this.#runningAtShutdown !== undefined) return this.#runningAtShutdown;
    try {
      return runningSegments(this.#openSpans(), readClocks().monotonicMillis);
    } catch {
      return { count: 0, longest: [] };
    }
  }

  *#openSpans(): Iterable<LiveSpan> {
    yield* this.#outliving;
    for (const { spans } of this.#open) yield* spans;
  }

  /** What was started around this span and was seen to start, wherever its trace is by now. */
  #parentOf(span: SdkSpan, parentContext: Context): LiveSpan | undefined {
    const { parentSpanContext } = span;
    if (parentSpanContext === undefined || parentSpanContext.isRemote === true) return undefined;
    const parent = trace.getSpan(parentContext) as unknown as Tagged | undefined;
    const live = parent?.[this.#tag];
    if (live !== undefined) return live;
    // The context may hold the parent's ids instead of the parent itself.
    return this.#index.find(parentSpanContext.traceId, parentSpanContext.spanId);
  }

  #openBuffer(traceId: string, now: Moment, isLocalRoot: boolean): TraceBuffer {
    const buffer = new TraceBuffer(traceId, now, isLocalRoot);
    this.#open.add(buffer);
    this.#index.add(buffer);
    if (this.#open.size > this.#settings.maxTraces) this.#evictOldest();
    return buffer;
  }

  #analyze(buffer: TraceBuffer): void {
    try {
      const tree = buffer.toTree(recordOfRunning);
      const first = tree.nodes[0];
      const outer = buffer.spans[0]?.outerOperation;
      if (first !== undefined && outer !== undefined && isPartOfOperation(first.record, outer)) {
        const { inputTokens, outputTokens, costUsd } = outer.facts;
        first.operation = outer;
        first.hasTokensAbove = inputTokens !== undefined || outputTokens !== undefined;
        first.hasCostAbove = costUsd !== undefined;
      }
      analyzeTrace(tree, { toleranceNanos: TOLERANCE_NANOS });
      this.#ranking.addTrace(tree, {
        originEpochMillis: buffer.origin.epochMillis,
        incomplete: buffer.overflowed || tree.nodes.some((node) => node.stillRunning),
        late: !buffer.isLocalRoot,
        toleranceNanos: TOLERANCE_NANOS,
      });
    } finally {
      this.#release(buffer, 'analyzed');
    }
  }

  #evictOldest(): void {
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    const { spans } = oldest;
    this.#release(oldest, 'evicted');
    if (oldest.isLocalRoot) this.#ranking.addEvicted();
    for (const live of spans) {
      const { record } = live;
      if (record === undefined) continue;
      this.#guard(() => this.#ranking.addOutside(record, this.#operationOf(live), 'dropped'));
    }
  }

  #release(buffer: TraceBuffer, how: 'analyzed' | 'evicted'): void {
    this.#bufferedSpans -= buffer.spans.length;
    this.#outliving.add(buffer.spans);
    this.#open.delete(buffer);
    this.#index.delete(buffer);
    buffer.close(how, this.#outerOperationFrom);
  }

  /** The operation that a span counts for: its own, or the one it is a part of. */
  #operationOf(live: LiveSpan): SpanRecord {
    // Upwards to the first that is a part of nothing, and down again: no recursion, whatever the depth.
    const parts: SpanRecord[] = [];
    let operation: SpanRecord | undefined;
    for (let at: LiveSpan | undefined = live; at !== undefined; at = at.parent) {
      const record = at.record ?? recordOfRunning(at);
      operation = at.parent === undefined ? at.outerOperation : undefined;
      parts.push(record);
      if (record.facts === NO_FACTS) {
        operation = undefined;
        break;
      }
    }
    for (const record of parts.reverse()) {
      if (operation === undefined || !isPartOfOperation(record, operation)) operation = record;
    }
    return operation!;
  }

  /**
   * The price table loads with the first call of a model, which may be over before. What it cost is
   * added then; it is not exported.
   */
  #priceLater(live: LiveSpan, record: SpanRecord): void {
    const { llmCall, costUsd, cacheHit } = record.facts;
    if (arePricesLoaded() || costUsd !== undefined || cacheHit !== undefined) return;
    if (record.facts.inputTokens === undefined || this.#unpriced >= MAX_UNPRICED) return;
    if (this.#operationOf(live) !== record) return;
    this.#unpriced += 1;
    const ranking = this.#ranking;
    const price = () => {
      this.#unpriced -= 1;
      const names = [llmCall?.model, llmCall?.requestModel];
      const cost = costOf([record.facts], llmCall?.provider, names);
      if (cost === undefined) return;
      // Its trace counts when it ends, or has been counted without it.
      const isCounted = live.buffer.closed !== undefined || live.index < 0;
      if (isCounted) ranking.addLateCost(record, cost.usd);
      else live.record = { ...record, facts: { ...record.facts, costUsd: cost.usd } };
    };
    void loadPrices().then(() => this.#guard(price));
  }

  #startOf(span: SdkSpan, now: Moment): PreciseStart {
    const start = preciseStart(span, now);
    if (Number.isFinite(start.monotonicMillis)) return start;
    this.#warnOfTime();
    return { monotonicMillis: now.monotonicMillis, isStamped: true };
  }

  #interval(span: SdkSpan, start: PreciseStart, now: Moment): readonly [number, number] {
    const interval = preciseInterval(span, start, now);
    if (Number.isFinite(interval[0]) && Number.isFinite(interval[1])) return interval;
    this.#warnOfTime();
    return [start.monotonicMillis, now.monotonicMillis];
  }

  #warnOfTime(): void {
    this.#ranking.warn('a span had a time that is not a number; the time of the call was taken');
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

/** While the model thinks; not at the start of a process that may never ask one. */
function loadPricesFor(span: SdkSpan): void {
  try {
    if (isModelCall(span.attributes, false)) void loadPrices();
  } catch {
    // A span that cannot be read was counted already.
  }
}

/** What is still to be said of the cost of a span that ends. */
function settle(live: LiveSpan, span: SdkSpan): Attributes | undefined {
  live.isSettled = true;
  const facts = readSpanFacts(kindOf(span), span.attributes);
  return facts === NO_FACTS ? undefined : attributesAtEnd(live, facts);
}
