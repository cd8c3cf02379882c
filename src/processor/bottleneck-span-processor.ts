import { trace, type Attributes, type Context } from '@opentelemetry/api';
import { analyzeInSlices, analyzeTrace } from '../trace/analyze-trace.js';
import { isPartOfOperation } from '../trace/folding.js';
import { Ranking, type TraceContext } from '../ranking/ranking.js';
import { runAtOnce, type Sliced } from '../trace/slices.js';
import { isModelCall, mayHaveFacts, NO_FACTS, readSpanFacts } from '../trace/span-facts.js';
import type { SpanFacts } from '../trace/span-record.js';
import type { OpenSegments, Summary } from '../summary.js';
import { attach, type TraceTree } from '../trace/trace-tree.js';
import { epochMillisOf, readingOf } from '../clock.js';
import { arePricesLoaded, loadPrices } from '../cost/price.js';
import '../cpu-profile/cpu-profiling.js';
import { BackgroundWork } from './background-work.js';
import {
  settingsOf,
  type BottleneckOptions,
  type BottleneckSettings,
} from './bottleneck-options.js';
import { attributesAtEnd } from './call-cost.js';
import { LatePrices } from './late-prices.js';
import { OpenTraces } from './open-traces.js';
import { OutlivingSpans, runningSegments } from './open-spans.js';
import { foundOperation, operationOf, operationOrNone } from './operation.js';
import {
  isOwn,
  preciseInterval,
  startsAt,
  startSetByCaller,
  type PreciseStart,
} from './precise-time.js';
import type { SdkSpan, SdkSpanProcessor } from './sdk-span.js';
import { kindOf, readSpan } from './span-reader.js';
import { isGone, LiveSpan, TraceBuffer, type SpanHandle } from './trace-buffer.js';
import { TraceIndex } from './trace-index.js';

/**
 * Times that the processor takes itself come from one monotonic clock, whose readings are only
 * microseconds away from the moments they stand for.
 */
const TOLERANCE_NANOS = 10_000;
const ANALYSIS = { toleranceNanos: TOLERANCE_NANOS };

const NANOS_PER_MILLI = 1e6;
/** Spans of a trace that is analyzed when its local root ends; larger ones would hold up the process. */
const LARGE_TRACE = 5_000;

type Tagged = Record<symbol, SpanHandle | undefined>;

/**
 * Ranks the bottlenecks of this process while it runs, in bounded memory.
 *
 * It keeps the spans of a trace until their local root ends (the span whose parent is absent or in
 * another process), analyzes them, adds the result to its rows, and forgets them. Traces of more than
 * 5,000 spans are analyzed a few milliseconds at a time, in turns of the event loop of their own; what is
 * left is done by `summary()`, which can be called at any time, also after `shutdown()`. After construction
 * nothing here throws; spans that cannot be used are counted in the summary.
 *
 * It works in any host with an OpenTelemetry SDK of the 2.x or 3.x line:
 *
 * ```ts
 * import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
 * import { BottleneckSpanProcessor } from 'hotspan/processor';
 * import { toText } from 'hotspan/report';
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
  readonly #open = new OpenTraces();
  readonly #index = new TraceIndex(this.#open);
  readonly #outliving = new OutlivingSpans();
  readonly #background = new BackgroundWork(() => this.#warnOfSpan());
  #bufferedSpans = 0;
  readonly #latePrices = new LatePrices(() => this.#warnOfSpan());
  #stopped = false;
  #runningAtShutdown: OpenSegments | undefined;

  constructor(options: BottleneckOptions = {}) {
    this.#settings = settingsOf(options);
    this.#ranking = new Ranking(this.#settings);
  }

  /** Called by the SDK when a span starts. Never throws. */
  onStart(span: SdkSpan, parentContext: Context): void {
    if (this.#stopped) return;
    try {
      this.#start(span, parentContext);
    } catch {
      this.#warnOfSpan();
    }
    if (!arePricesLoaded()) loadPricesFor(span);
  }

  /**
   * Called by the SDK (from 2.3 on) when a span is about to end, and can still be written to: a call of
   * a model that another instrumentation reports without its cost gets it, so that it is exported. Never
   * throws.
   */
  onEnding(span: SdkSpan & { setAttributes?: (attributes: Attributes) => unknown }): void {
    if (this.#stopped) return;
    try {
      const live = (span as unknown as Tagged)[this.#tag]?.live;
      if (live === undefined) return;
      live.facts = readSpanFacts(kindOf(span), span.attributes);
      if (live.facts === NO_FACTS) return;
      if (live.facts.llmCall !== undefined && !arePricesLoaded()) void loadPrices();
      const attributes = attributesAtEnd(live, live.facts);
      if (attributes !== undefined) span.setAttributes?.(attributes);
    } catch {
      this.#warnOfSpan();
    }
  }

  /** Called by the SDK when a span has ended. Never throws. */
  onEnd(span: SdkSpan): void {
    if (this.#stopped) return;
    try {
      this.#end(span);
    } catch {
      this.#warnOfSpan();
    }
  }

  /** Resolves at once: nothing is held back. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  /** Stops taking spans, and evicts the traces that are still open. The summary stays. */
  shutdown(): Promise<void> {
    this.#background.finish();
    this.#runningAtShutdown ??= this.openSegments();
    this.#stopped = true;
    while (this.#open.size > 0) this.#evictOldest();
    return Promise.resolve();
  }

  /** Forgets what was found so far. Traces that are open count from their beginning when they end. */
  reset(): void {
    this.#ranking = new Ranking(this.#settings);
  }

  /** What was found so far, in all that has ended. */
  summary(): Summary {
    this.#background.finish();
    const { rankBy } = this.#settings;
    const summary = this.#ranking.toSummary({ nowEpochMillis: Date.now(), rankBy });
    const running = this.openSegments();
    return running.count === 0 ? summary : { ...summary, running };
  }

  /** The segments that are running now; after `shutdown()` those that were then. Never throws. */
  openSegments(): OpenSegments {
    if (this.#runningAtShutdown !== undefined) return this.#runningAtShutdown;
    try {
      return runningSegments(this.#openSpans(), performance.now());
    } catch {
      return { count: 0, longest: [] };
    }
  }

  *#openSpans(): Iterable<LiveSpan> {
    yield* this.#outliving;
    for (const { spans } of this.#open) yield* spans;
  }

  #start(span: SdkSpan, parentContext: Context): void {
    // The same processor, registered twice.
    if ((span as unknown as Tagged)[this.#tag] !== undefined) return;
    const reading = readingOf(span.startTime);
    const present = reading ?? performance.now();
    let isStamped = reading !== undefined || startsAt(span, present);
    let startMillis = isStamped ? present : startSetByCaller(span, present);
    if (!Number.isFinite(startMillis)) {
      this.#warnOfTime();
      isStamped = true;
      startMillis = present;
    }
    const parent = this.#parentOf(span, parentContext);
    // What starts after its local root was analyzed is looked at by itself; what starts in a trace
    // that was given up has no place anywhere, or such traces would push out all the others.
    const isWithin = parent !== undefined && parent.buffer.closed !== 'analyzed';
    const buffer = isWithin
      ? parent.buffer
      : this.#openBuffer(span.spanContext().traceId, present, parent === undefined);
    const { spans } = buffer;
    const hasRoom = buffer.closed === undefined && spans.length < this.#settings.maxSpansPerTrace;
    const index = hasRoom ? spans.length : -1;
    const live = new LiveSpan(buffer, index, span, buffer.toNanos(startMillis), isStamped);
    if (parent !== undefined) {
      if (isWithin && hasRoom && parent.index >= 0) live.parent = parent;
      else if (!isGone(parent)) live.outerOperation = operationOf(parent);
    }
    (span as unknown as Tagged)[this.#tag] = live.handle;
    if (!hasRoom) {
      buffer.overflowed = true;
      return;
    }
    spans.push(live);
    buffer.running += 1;
    this.#bufferedSpans += 1;
    if (this.#bufferedSpans > this.#settings.maxSpans) this.#makeRoom();
  }

  #end(span: SdkSpan): void {
    const live = (span as unknown as Tagged)[this.#tag]?.live;
    if (live === undefined) {
      this.#addUnseen(span);
      return;
    }
    if (live.source === undefined) return;
    const { buffer } = live;
    const reading = live.isStamped ? readingOf(span.endTime) : undefined;
    let { startNanos } = live;
    let endNanos: number;
    if (reading === undefined) {
      const start = { monotonicMillis: live.startMillis, isStamped: live.isStamped };
      const [startMillis, endMillis] = this.#interval(span, start, performance.now());
      if (startMillis !== start.monotonicMillis) startNanos = buffer.toNanos(startMillis);
      endNanos = buffer.toNanos(endMillis);
    } else {
      endNanos = buffer.toNanos(reading);
    }
    // What says nothing when it is about to end is not asked again.
    const facts = live.facts === NO_FACTS ? NO_FACTS : settledFacts(live, span);
    const record = readSpan(span, startNanos, endNanos, facts);
    live.end(record);
    if (facts.llmCall !== undefined) this.#latePrices.add(live, record, this.#ranking);
    if (live.index < 0 || buffer.closed !== undefined) {
      if (buffer.closed !== undefined) this.#outliving.delete(live);
      const why = live.index < 0 || buffer.closed === 'evicted' ? 'dropped' : 'late';
      this.#ranking.addOutside(record, operationOf(live), why);
      return;
    }
    buffer.running -= 1;
    if (live.parent !== undefined) attach(live.parent, live);
    if (live.index === 0) this.#analyze(buffer);
  }

  /** A span that started before the processor was there. */
  #addUnseen(span: SdkSpan): void {
    const present = performance.now();
    const isStamped = startsAt(span, present);
    const monotonicMillis = isStamped ? present : startSetByCaller(span, present);
    const [start, end] = this.#interval(span, { monotonicMillis, isStamped }, present);
    const record = readSpan(span, 0, (end - start) * NANOS_PER_MILLI);
    this.#ranking.addOutside(record, record, 'dropped');
  }

  /** What was started around this span and was seen to start, wherever its trace is by now. */
  #parentOf(span: SdkSpan, parentContext: Context): LiveSpan | undefined {
    const { parentSpanContext } = span;
    if (parentSpanContext === undefined || parentSpanContext.isRemote === true) return undefined;
    const parent = trace.getSpan(parentContext) as unknown as Tagged | undefined;
    const live = parent?.[this.#tag]?.live;
    if (live !== undefined) return live;
    // The context may hold the parent's ids instead of the parent itself.
    return this.#index.find(parentSpanContext.traceId, parentSpanContext.spanId);
  }

  #openBuffer(traceId: string, present: number, isLocalRoot: boolean): TraceBuffer {
    const buffer = new TraceBuffer(traceId, present, epochMillisOf(present), isLocalRoot);
    this.#open.add(buffer);
    this.#index.add(buffer);
    if (this.#open.size > this.#settings.maxTraces) this.#evictOldest();
    return buffer;
  }

  #analyze(buffer: TraceBuffer): void {
    if (buffer.spans.length > LARGE_TRACE) {
      this.#analyzeLater(buffer);
      return;
    }
    const isIncomplete = buffer.overflowed || buffer.running > 0;
    try {
      const tree = this.#treeOf(buffer);
      if (buffer.running > 0) runAtOnce(buffer.recordRunning());
      analyzeTrace(tree, ANALYSIS);
      this.#ranking.addTrace(tree, contextOf(buffer, isIncomplete));
    } finally {
      this.#release(buffer, 'analyzed');
    }
  }

  /** A large trace would hold up the one who ends it. */
  #analyzeLater(buffer: TraceBuffer): void {
    const isIncomplete = buffer.overflowed || buffer.running > 0;
    const tree = this.#treeOf(buffer);
    // What starts from now on is late, as it would be after the analysis.
    buffer.closed = 'analyzed';
    this.#forget(buffer);
    // The ranking of now: `reset()` may begin another.
    this.#background.add(this.#analyzeInSlices(buffer, tree, isIncomplete, this.#ranking));
    // Memory is bounded also where nothing gets a turn.
    if (this.#bufferedSpans > this.#settings.maxSpans) this.#background.finish();
  }

  *#analyzeInSlices(
    buffer: TraceBuffer,
    tree: TraceTree,
    isIncomplete: boolean,
    ranking: Ranking,
  ): Sliced {
    try {
      if (buffer.running > 0) yield* buffer.recordRunning();
      yield* analyzeInSlices(tree, ANALYSIS);
      yield* ranking.addInSlices(tree, contextOf(buffer, isIncomplete));
      yield;
    } finally {
      this.#bufferedSpans -= buffer.spans.length;
      buffer.close('analyzed', foundOperation);
    }
  }

  #treeOf(buffer: TraceBuffer): TraceTree {
    const tree = buffer.toTree();
    const [first] = tree.nodes;
    const outer = buffer.spans[0]?.outerOperation;
    if (first !== undefined && outer !== undefined && isPartOfOperation(first.record, outer)) {
      const { inputTokens, outputTokens, costUsd } = outer.facts;
      first.operation = outer;
      first.hasTokensAbove = inputTokens !== undefined || outputTokens !== undefined;
      first.hasCostAbove = costUsd !== undefined;
    }
    return tree;
  }

  #makeRoom(): void {
    this.#background.finish();
    if (this.#bufferedSpans > this.#settings.maxSpans) this.#evictOldest();
  }

  #evictOldest(): void {
    const { oldest } = this.#open;
    if (oldest === undefined) return;
    const { spans } = oldest;
    this.#release(oldest, 'evicted');
    if (oldest.isLocalRoot) this.#ranking.addEvicted();
    for (const live of spans) {
      if (live.source !== undefined) continue;
      try {
        this.#ranking.addOutside(live.record, operationOf(live), 'dropped');
      } catch {
        this.#warnOfSpan();
      }
    }
  }

  #release(buffer: TraceBuffer, how: 'analyzed' | 'evicted'): void {
    this.#bufferedSpans -= buffer.spans.length;
    this.#forget(buffer);
    buffer.close(how, how === 'analyzed' ? foundOperation : operationOrNone);
  }

  #forget(buffer: TraceBuffer): void {
    if (buffer.running > 0) this.#outliving.add(buffer.spans);
    this.#open.delete(buffer);
    this.#index.delete(buffer);
  }

  #interval(span: SdkSpan, start: PreciseStart, present: number): readonly [number, number] {
    const interval = preciseInterval(span, start, present);
    if (Number.isFinite(interval[0]) && Number.isFinite(interval[1])) return interval;
    this.#warnOfTime();
    return [Number.isFinite(start.monotonicMillis) ? start.monotonicMillis : present, present];
  }

  #warnOfTime(): void {
    this.#ranking.warn('a span had a time that is not a number; the time of the call was taken');
  }

  /** A processor that throws would break the code that ends the span, and other processors. */
  #warnOfSpan(): void {
    this.#ranking.warn('a span could not be read and was left out');
  }
}

/** While the model thinks; not at the start of a process that may never ask one. */
function loadPricesFor(span: SdkSpan): void {
  try {
    // `llmCall` loads them itself.
    if (isOwn(span) || !mayHaveFacts(span.attributes)) return;
    if (isModelCall(span.attributes, false)) void loadPrices();
  } catch {
    // A span that cannot be read was counted already.
  }
}

/**
 * What a span says that has ended. SDKs before 2.3 do not call `onEnding`: then the ranking alone has
 * what there is still to be said of its cost.
 */
function settledFacts(live: LiveSpan, span: SdkSpan): SpanFacts {
  const facts = readSpanFacts(kindOf(span), span.attributes);
  if (live.facts !== undefined || facts === NO_FACTS) return facts;
  const further = attributesAtEnd(live, facts);
  if (further === undefined) return facts;
  return readSpanFacts(kindOf(span), { ...span.attributes, ...further });
}

function contextOf(buffer: TraceBuffer, incomplete: boolean): TraceContext {
  const { originEpochMillis, isLocalRoot } = buffer;
  return { originEpochMillis, incomplete, late: !isLocalRoot, toleranceNanos: TOLERANCE_NANOS };
}
