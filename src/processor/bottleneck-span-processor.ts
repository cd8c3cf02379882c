import { trace, type Attributes, type Context } from '@opentelemetry/api';
import { readingOf } from '../clock.js';
import '../cost/bundled-prices.js';
import { pricesInUse } from '../cost/price-table.js';
import '../cpu-profile/cpu-profiling.js';
import { recorderOf } from '../metrics/bottleneck-metrics.js';
import type { NewestTraces } from '../ranking/newest-traces.js';
import { Ranking } from '../ranking/ranking.js';
import type { Sliced } from '../trace/slices.js';
import type { OpenSegments, Summary } from '../summary.js';
import { defined } from '../sums.js';
import { byKeysOf, ByReader } from '../trace/by-attributes.js';
import { factsReaderBy, groupOf } from '../trace/facts-reader.js';
import { CallsOfTrace, mayTellOfCall } from '../trace/calls-of-trace.js';
import { NO_FACTS } from '../trace/span-record.js';
import { attach } from '../trace/trace-tree.js';
import { UnrecordedSegments } from '../unrecorded.js';
import {
  settingsOf,
  type BottleneckOptions,
  type BottleneckSettings,
} from './bottleneck-options.js';
import { addedAtEnd, settledFacts } from './call-cost.js';
import { LiveSpan, operationOf, type SpanHandle } from './live-span.js';
import { LiveTraces } from './live-traces.js';
import { openSegmentsOf } from './open-segments.js';
import { endOfShort, preciseInterval, startOf, startReadingOf } from './precise-time.js';
import {
  kindOf,
  parentOf,
  readSpan,
  scopeOf,
  type FactsOf,
  type SdkSpan,
  type SdkSpanProcessor,
} from './sdk-span.js';
import { isGone } from './trace-buffer.js';

let followIn: (processor: BottleneckSpanProcessor, newest: NewestTraces | undefined) => void;

/**
 * Ranks the bottlenecks of this process while it runs, in bounded memory.
 *
 * It keeps the spans of a trace until their local root ends (the span whose parent is absent or in
 * another process) and for up to 0.1 s while others still run, analyzes them, adds the result to its rows,
 * and forgets them. It analyzes traces of
 * more than 5,000 spans a few milliseconds at a time, in turns of the event loop of their own; `summary()`
 * does what is left. You can call `summary()` at any time, also after `shutdown()`. After construction
 * nothing here throws. Spans that cannot be used are counted in the summary.
 *
 * It works in any host with an OpenTelemetry SDK of the 2.x or 3.x line, and with 1.x:
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
 * @throws TypeError from the constructor if an option is wrong
 */
export class BottleneckSpanProcessor implements SdkSpanProcessor {
  /** On the SDK's span, so that what belongs to a span goes when the span goes. */
  readonly #tag = Symbol('hotspan');
  readonly #settings: BottleneckSettings;
  #ranking: Ranking;
  readonly #by: ByReader;
  readonly #factsOf: FactsOf;
  readonly #traces: LiveTraces;
  #lastStarted: object = this;
  readonly #unrecorded = new UnrecordedSegments();
  /** The latest reading of the clock. */
  #pastMillis = 0;
  /** Set at the shutdown, which ends everything else. */
  #openAtShutdown: OpenSegments | undefined;
  #newest: NewestTraces | undefined;

  static {
    followIn = (processor, newest) => {
      processor.#newest = newest;
      processor.#ranking.follow(newest);
    };
  }

  constructor(options: BottleneckOptions = {}) {
    this.#settings = settingsOf(options);
    this.#by = new ByReader(byKeysOf(options.by));
    this.#ranking = rankingFor(this.#settings, this.#doLater);
    const ranking = () => this.#ranking;
    const warn = (text: string) => this.#ranking.warn(text);
    recorderOf(options.metrics)?.attach(() => this.#ranking.counted());
    const readFacts = factsReaderBy(this.#by, options.groupName, warn);
    this.#factsOf = (span) => {
      const { attributes, name, resource } = span;
      return readFacts(kindOf(span), attributes, name, scopeOf(span), resource?.attributes);
    };
    this.#traces = new LiveTraces(this.#settings, ranking, this.#factsOf, this.#warnOfSpan);
  }

  readonly #doLater = (work: Sliced): void => {
    this.#traces.doLater(work);
  };

  /** Called by the SDK when a span starts. Never throws. */
  onStart(span: SdkSpan, parentContext: Context): void {
    if (this.#openAtShutdown !== undefined) return;
    try {
      this.#start(span, parentContext);
    } catch {
      this.#warnOfSpan();
    }
  }

  /**
   * Called by the SDK (2.3 or newer) when a span is about to end and can still be written to. Adds the
   * cost to a model call that another instrumentation reports without one, so that it is exported.
   * Never throws.
   */
  onEnding(span: SdkSpan & { setAttributes?: (attributes: Attributes) => unknown }): void {
    if (this.#openAtShutdown !== undefined) return;
    try {
      const live = this.#liveOf(span);
      if (live === undefined) return;
      live.facts = live.readFacts(span);
      if (live.facts === NO_FACTS) return;
      const added = addedAtEnd(live, live.facts);
      if (added !== undefined) span.setAttributes?.(added.attributes);
      if (added?.facts !== undefined) live.keep(span, added.facts);
    } catch {
      this.#warnOfSpan();
    }
  }

  /** Called by the SDK when a span has ended. Never throws. */
  onEnd(span: SdkSpan): void {
    if (this.#openAtShutdown !== undefined) return;
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
    this.#traces.finish();
    this.#openAtShutdown ??= this.openSegments();
    this.#traces.evictAll();
    this.#lastStarted = this;
    return Promise.resolve();
  }

  /** Forgets what was found so far. Traces that are open count from their beginning when they end. */
  reset(): void {
    this.#unrecorded.reset();
    this.#traces.analyzeWaiting();
    recorderOf(this.#settings.metrics)?.settle();
    this.#ranking = rankingFor(this.#settings, this.#doLater);
    this.#newest?.clear();
    this.#ranking.follow(this.#newest);
  }

  /** Returns what was found so far, in all traces that have ended. */
  summary(): Summary {
    this.#traces.finish();
    const { rankBy } = this.#settings;
    const ranked = this.#ranking.toSummary({ nowEpochMillis: Date.now(), rankBy });
    const explained = this.#unrecorded.explain(ranked);
    const warnings = [...explained.warnings, ...this.#by.warnings()];
    const summary = { ...explained, ...pricesInUse(explained), warnings };
    const running = this.openSegments();
    return running.count === 0 ? summary : { ...summary, running };
  }

  /** Returns the segments that are running; after `shutdown()` those that were running then. Never throws. */
  openSegments(): OpenSegments {
    if (this.#openAtShutdown !== undefined) return this.#openAtShutdown;
    try {
      return openSegmentsOf(this.#traces, performance.now());
    } catch {
      return { count: 0, longest: [] };
    }
  }

  #liveOf(span: object): LiveSpan | undefined {
    return (span as Record<symbol, SpanHandle | undefined>)[this.#tag]?.live;
  }

  #start(span: SdkSpan, parentContext: Context): void {
    // The same processor may be registered twice. To look for what is not there yet would cost more.
    if (span === this.#lastStarted) return;
    this.#lastStarted = span;
    const reading = startReadingOf(span);
    const present = reading ?? performance.now();
    this.#pastMillis = present;
    const startMillis = reading ?? this.#startOf(span, present);
    const parent = this.#parentOf(span, parentContext);
    // A span that starts after its local root was analyzed is looked at by itself. A span that starts in
    // an evicted trace has no place anywhere, or such traces would push out all the others.
    const isWithin = parent !== undefined && parent.buffer.closed !== 'analyzed';
    const buffer = isWithin
      ? parent.buffer
      : this.#traces.open(span.spanContext().traceId, present, parent === undefined);
    const count = buffer.spans.length;
    const hasRoom = buffer.closed === undefined && count < this.#settings.maxSpansPerTrace;
    const startNanos = buffer.toNanos(startMillis);
    const index = hasRoom ? count : -1;
    const live = new LiveSpan(buffer, index, span, startNanos, startMillis === present);
    if (parent !== undefined) {
      if (isWithin && hasRoom && parent.index >= 0) live.parent = parent;
      else if (!isGone(parent)) live.outerOperation = operationOf(parent);
    }
    (span as unknown as Record<symbol, SpanHandle>)[this.#tag] = live.handle;
    if (hasRoom) this.#traces.add(buffer, live, span.name);
    else buffer.overflowed = true;
  }

  #end(span: SdkSpan): void {
    const live = this.#liveOf(span);
    if (live === undefined) this.#addUnseen(span);
    if (live?.source === undefined) return;
    const { buffer, isStamped } = live;
    let { startNanos } = live;
    let endMillis = isStamped ? this.#endOf(span, live) : undefined;
    if (endMillis === undefined) {
      const { startMillis } = live;
      const present = this.#readClock();
      const interval = this.#interval(span, startMillis, isStamped, present);
      if (interval[0] !== startMillis) startNanos = buffer.toNanos(interval[0]);
      endMillis = interval[1];
    }
    // A span that said nothing when it was about to end is not asked again.
    const facts = live.facts === NO_FACTS ? NO_FACTS : settledFacts(live, span);
    const record = readSpan(span, startNanos, buffer.toNanos(endMillis), facts);
    live.end(record);
    const isCall = facts !== NO_FACTS && mayTellOfCall(record);
    if (live.index < 0 || buffer.closed !== undefined) {
      if (buffer.closed !== undefined) this.#traces.forget(live);
      const why = live.index < 0 || buffer.closed === 'evicted' ? 'dropped' : 'late';
      this.#ranking.addOutside(record, operationOf(live), why);
      return;
    }
    buffer.running -= 1;
    if (live.parent !== undefined) attach(live.parent, live);
    if (isCall) (buffer.calls ??= new CallsOfTrace()).add(record);
    if (live.index === 0) this.#traces.endFirst(buffer);
    // The last that its trace has waited for.
    else if (buffer.running === 0) this.#traces.analyze(buffer);
  }

  /** A span that started before the processor was there. */
  #addUnseen(span: SdkSpan): void {
    const present = performance.now();
    const startMillis = this.#startOf(span, present);
    const [start, end] = this.#interval(span, startMillis, startMillis === present, present);
    const record = readSpan(span, 0, (end - start) * 1e6, this.#factsOf(span));
    this.#ranking.addOutside(record, record, 'dropped');
  }

  /** The parent, if it was seen to start, wherever its trace is by now. */
  #parentOf(span: SdkSpan, parentContext: Context): LiveSpan | undefined {
    const known = parentOf(span, parentContext);
    if (known === undefined || known.isRemote === true) return undefined;
    const parent = trace.getSpan(parentContext);
    const live = parent && this.#liveOf(parent);
    // The context may hold the parent's ids instead of the parent itself.
    return live ?? this.#traces.find(known.traceId, known.spanId);
  }

  #startOf(span: SdkSpan, present: number): number {
    const startMillis = startOf(span, present);
    if (Number.isFinite(startMillis)) return startMillis;
    this.#warnOfTime();
    return present;
  }

  #interval(span: SdkSpan, startMillis: number, isStamped: boolean, present: number) {
    const interval = preciseInterval(span, startMillis, isStamped, present);
    if (Number.isFinite(interval[0]) && Number.isFinite(interval[1])) return interval;
    this.#warnOfTime();
    return [startMillis, present] as const;
  }

  /** Returns when a span ended that started when the SDK reported it, if no reading of the clock is needed. */
  #endOf(span: SdkSpan, live: LiveSpan): number | undefined {
    return readingOf(span.endTime) ?? endOfShort(span, live.startMillis, this.#pastMillis);
  }

  #readClock(): number {
    return (this.#pastMillis = performance.now());
  }

  #warnOfTime(): void {
    this.#ranking.warn('a span had a time that is not a number; the time of the call was taken');
  }

  /** A processor that throws would break the code that ends the span, and other processors. */
  readonly #warnOfSpan = (): void => {
    this.#ranking.warn('a span could not be read and was left out');
  };
}

/**
 * Has the traces that end listed, after some of those that have; in no list any more if it is undefined. Apart from the
 * class, since it is nothing for users.
 */
export function followTraces(
  processor: BottleneckSpanProcessor,
  newest: NewestTraces | undefined,
): void {
  followIn(processor, newest);
}

function rankingFor(settings: BottleneckSettings, doLater: (work: Sliced) => void): Ranking {
  const { maxRows, fold, groupName, entry, by, metrics } = settings;
  const options = { maxRows, fold, groupName: groupOf(groupName), doLater, by: byKeysOf(by) };
  return new Ranking({ ...options, ...defined({ entry }), observer: recorderOf(metrics) });
}
