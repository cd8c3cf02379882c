import { epochMillisOf } from '../clock.js';
import type { Settings } from '../options.js';
import type { Ranking, TraceContext } from '../ranking/ranking.js';
import { analyzeInSlices, analyzeTrace } from '../trace/analyze-trace.js';
import { ROUNDED_NANOS } from '../trace/clock-error.js';
import { runAtOnce, type Sliced } from '../trace/slices.js';
import type { TraceTree } from '../trace/trace-tree.js';
import { BackgroundWork } from './background-work.js';
import type { BottleneckOptions } from './bottleneck-options.js';
import { charactersOf, operationOf, type LiveSpan } from './live-span.js';
import { OutlivingSpans } from './open-segments.js';
import { OpenTraces } from './open-traces.js';
import type { FactsOf } from './sdk-span.js';
import { TraceBuffer } from './trace-buffer.js';
import { TraceChoice } from './trace-choice.js';
import { WaitingTraces } from './waiting-traces.js';

/** The processor's own times are readings of one clock, in order. */
const ANALYSIS = { toleranceNanos: ROUNDED_NANOS };
/** Larger traces would hold up the code that ends their local root. */
const LARGE_TRACE = 5_000;

/** The most characters that spans that run may hold, in their names and attributes. */
const MAX_CHARACTERS = 32 * 1024 * 1024;
/** After how many new spans these are counted, or twice as many as there were at the last time. */
const COUNT_EVERY = 256;

/** Where there is no room, traces in which no span has started for so long are given up first: nobody ends them. */
const ABANDONED_MILLIS = 5 * 60_000;
/** After how many that found no room these are looked for. */
const LOOK_EVERY = 256;

type Limits = Pick<Settings<BottleneckOptions>, 'maxTraces' | 'maxSpans'>;

/** Holds the spans of open traces within the limits, and has them analyzed when their traces end. */
export class LiveTraces {
  readonly #open = new OpenTraces();
  readonly #choice = new TraceChoice();
  readonly #outliving = new OutlivingSpans();
  readonly #waiting: WaitingTraces;
  readonly #background: BackgroundWork;
  #bufferedSpans = 0;
  #uncounted = 0;
  #refused = 0;

  /**
   * @param rankingOf the ranking of now: `reset()` may begin another
   * @param onError is called when a span or a trace could not be read
   */
  constructor(
    private readonly limits: Limits,
    private readonly rankingOf: () => Ranking,
    private readonly factsOf: FactsOf,
    private readonly onError: () => void,
  ) {
    this.#background = new BackgroundWork(onError);
    this.#waiting = new WaitingTraces((buffer) => this.analyze(buffer), onError);
  }

  /** Iterates the spans that run, among others. */
  *[Symbol.iterator](): Iterator<LiveSpan> {
    yield* this.#outliving;
    for (const { spans } of this.#open) yield* spans;
  }

  find(traceId: string, spanId: string): LiveSpan | undefined {
    return this.#open.find(traceId, spanId);
  }

  open(traceId: string, present: number, isLocalRoot: boolean): TraceBuffer {
    const origin = epochMillisOf(present);
    const buffer = new TraceBuffer(traceId, present, origin, isLocalRoot, this.factsOf);
    if (!this.#choice.has(traceId)) {
      this.#refuse(buffer);
      return buffer;
    }
    this.#open.add(buffer);
    if (this.#open.size > this.limits.maxTraces) this.#makeRoom();
    return buffer;
  }

  add(buffer: TraceBuffer, live: LiveSpan, name: string): void {
    // Most traces are small, and an array that grows makes room for many.
    if (live.index === 0) buffer.spans = [live];
    else buffer.spans.push(live);
    buffer.running += 1;
    buffer.touchedMillis = Math.max(buffer.touchedMillis, live.startMillis);
    this.#bufferedSpans += 1;
    this.#uncounted += 1 + (name.length >> 10);
    if (this.#uncounted > COUNT_EVERY && this.#uncounted > this.#bufferedSpans) {
      this.#uncounted = 0;
      this.#evictHeavy();
    }
    if (!this.#hasTooManySpans()) return;
    this.finish();
    if (this.#hasTooManySpans()) this.#giveUpSome();
  }

  /** Does work a slice at a time, when there is time for it; at the latest when all is asked for. */
  doLater(work: Sliced): void {
    this.#background.add(work);
  }

  /** Forgets a span that ended after its trace was closed. */
  forget(live: LiveSpan): void {
    this.#outliving.delete(live);
  }

  /** Analyzes all traces that wait for it. Never throws. */
  finish(): void {
    this.analyzeWaiting();
    this.#background.finish();
  }

  evictAll(): void {
    for (const buffer of [...this.#open]) this.#evict(buffer);
  }

  /** The first span of a trace has ended: it is analyzed at once, or when those that still run have ended. */
  endFirst(buffer: TraceBuffer): void {
    if (buffer.running === 0) {
      this.analyze(buffer);
      return;
    }
    this.#waiting.add(buffer);
  }

  /** Analyzes the traces that wait for spans that still run. */
  analyzeWaiting(): void {
    this.#waiting.analyze();
  }

  /** Traces that only wait go first: of them nothing is lost. */
  #makeRoom(): void {
    if (this.#waiting.size === 0) this.#giveUpSome();
    else this.#waiting.analyzeNext();
  }

  /** Analyzes a trace whose first span has ended; a large one later. */
  analyze(buffer: TraceBuffer): void {
    this.#waiting.delete(buffer);
    const context = {
      originEpochMillis: buffer.originEpochMillis,
      incomplete: buffer.overflowed || buffer.running > 0,
      late: !buffer.isLocalRoot,
      toleranceNanos: ANALYSIS.toleranceNanos,
    };
    if (buffer.spans.length > LARGE_TRACE) {
      this.#analyzeLater(buffer, context);
      return;
    }
    try {
      const all = buffer.toTree();
      if (buffer.running > 0) runAtOnce(buffer.recordRunning());
      const tree = buffer.calls?.join(all) ?? all;
      analyzeTrace(tree, ANALYSIS);
      this.rankingOf().addTrace(tree, context);
    } finally {
      this.#release(buffer, 'analyzed');
    }
  }

  #analyzeLater(buffer: TraceBuffer, context: TraceContext): void {
    const all = buffer.toTree();
    // What starts from now on is late, as it would be after the analysis.
    buffer.closed = 'analyzed';
    this.#close(buffer);
    this.#background.add(this.#analyzeInSlices(buffer, all, context, this.rankingOf()));
    // Memory is bounded also where nothing gets a turn.
    if (this.#hasTooManySpans()) this.finish();
  }

  *#analyzeInSlices(
    buffer: TraceBuffer,
    all: TraceTree,
    context: TraceContext,
    ranking: Ranking,
  ): Sliced {
    try {
      if (buffer.running > 0) yield* buffer.recordRunning();
      const tree = buffer.calls?.join(all) ?? all;
      yield;
      yield* analyzeInSlices(tree, ANALYSIS);
      yield* ranking.addInSlices(tree, context);
      yield;
    } finally {
      this.#bufferedSpans -= buffer.spans.length;
      buffer.close('analyzed');
    }
  }

  #hasTooManySpans(): boolean {
    return this.#bufferedSpans > this.limits.maxSpans;
  }

  /** Makes room where a limit is exceeded: traces that nobody ends go first, then those of no choice. */
  #giveUpSome(): void {
    const { maxTraces, maxSpans } = this.limits;
    const traces = this.#open.size > maxTraces ? withRoom(maxTraces) : Infinity;
    const spans = this.#hasTooManySpans() ? withRoom(maxSpans) : Infinity;
    const hasNoRoom = () => this.#open.size > traces || this.#bufferedSpans > spans;
    this.#giveUpAbandoned();
    if (hasNoRoom()) this.#choice.narrow(this.#open, hasNoRoom, (buffer) => this.#giveUp(buffer));
  }

  #giveUpAbandoned(): void {
    const since = performance.now() - ABANDONED_MILLIS;
    for (const buffer of [...this.#open]) {
      if (buffer.touchedMillis < since) this.#giveUp(buffer);
    }
  }

  /** For a trace of no choice. There may be none of the others that would make abandoned ones give way. */
  #refuse(buffer: TraceBuffer): void {
    buffer.closed = 'evicted';
    if (buffer.isLocalRoot) this.rankingOf().addEvicted();
    this.#refused += 1;
    if (this.#refused % LOOK_EVERY === 0) this.#giveUpAbandoned();
  }

  /** Of a trace that only waits nothing need be lost. */
  #giveUp(buffer: TraceBuffer): void {
    if (this.#waiting.has(buffer)) this.analyze(buffer);
    else this.#evict(buffer);
  }

  readonly #hasMuchRoom = (): boolean => {
    const { maxTraces, maxSpans } = this.limits;
    return 3 * this.#open.size < maxTraces && 3 * this.#bufferedSpans < maxSpans;
  };

  /** Bounds the memory of spans that nobody ends: evicts traces that hold more than most, the oldest first. */
  #evictHeavy(): void {
    const open = [...this.#open].map((buffer) => ({ buffer, weight: charactersOf(buffer.spans) }));
    let all = open.reduce((sum, { weight }) => sum + weight, 0);
    const mean = all / open.length;
    for (const { buffer, weight } of open) {
      if (all <= MAX_CHARACTERS) break;
      if (weight < mean) continue;
      all -= weight;
      this.#giveUp(buffer);
    }
  }

  #evict(buffer: TraceBuffer): void {
    const { spans } = buffer;
    this.#release(buffer, 'evicted');
    const ranking = this.rankingOf();
    if (buffer.isLocalRoot) ranking.addEvicted();
    for (const live of spans) {
      if (live.source !== undefined) continue;
      try {
        ranking.addOutside(live.record, operationOf(live), 'dropped');
      } catch {
        this.onError();
      }
    }
  }

  #release(buffer: TraceBuffer, how: 'analyzed' | 'evicted'): void {
    this.#bufferedSpans -= buffer.spans.length;
    this.#close(buffer);
    buffer.close(how);
  }

  #close(buffer: TraceBuffer): void {
    if (!this.#choice.keepsAll) this.#choice.onEnd(this.#hasMuchRoom);
    this.#waiting.delete(buffer);
    if (buffer.running > 0) this.#outliving.add(buffer.spans);
    this.#open.delete(buffer);
  }
}

/** Room is made for many at a time, since it takes a look at all open traces. */
function withRoom(limit: number): number {
  return limit - Math.floor(limit / 4);
}
