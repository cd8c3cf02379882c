import { analyzeTrace } from '../trace/analyze-trace.js';
import { RecentMap } from '../bounded.js';
import type { Ranking } from '../ranking/ranking.js';
import type { ReadFacts } from '../trace/facts-reader.js';
import { CallsOfTrace, mayTellOfCall } from '../trace/calls-of-trace.js';
import { clockErrorOf } from '../trace/clock-error.js';
import { readSpanFacts } from '../trace/span-facts.js';
import type { SpanRecord } from '../trace/span-record.js';
import type { TraceTree } from '../trace/trace-tree.js';
import { correctClockSkew } from './clock-skew.js';
import { CollectedTrace, isComplete, lacksParents } from './collected-trace.js';
import { isInShard, type Shard } from './shard.js';

/** Spans of traces that were closed longer ago make traces of their own. */
const MAX_CLOSED = 20_000;
/** Services that share traces; further ones are not waited for. */
const MAX_SHARING = 1_000;

/** Takes the traces that were read: a {@link Ranking}, or what stands before one. */
export type TraceSink = Pick<Ranking, 'addTrace' | 'addOutside' | 'warn'>;

export interface CollectorOptions {
  readonly maxSpans?: number;
  /** The most spans to hold of traces that seem complete, at most `maxSpans`. Default 10,000. */
  readonly maxCompleteSpans?: number;
  /** The most spans to hold of one trace, which alone may exceed `maxSpans`. Default 1,000,000. */
  readonly maxSpansPerTrace?: number;
  readonly isWanted?: (trace: CollectedTrace) => boolean;
  readonly readFacts?: ReadFacts;
  /** Take only the traces of this part. What is no trace's is counted in the first. */
  readonly shard?: Shard | undefined;
  /** Read also attributes that hotspan does not know. Default false. */
  readonly readsAllAttributes?: boolean;
}

/** How many rounds without a span a trace has to have. */
export interface QuietRounds {
  /** If no span seems to be missing, and its service shares no traces with another one. */
  readonly complete: number;
  /** If none does but those of other services. */
  readonly remote: number;
  /** Else. */
  readonly incomplete: number;
}

/**
 * Puts scattered spans together to traces, and has each trace analyzed, in bounded memory. It closes
 * the trace that got no span for longest when it holds more than `maxSpans`, or more than
 * `maxCompleteSpans` and that trace seems complete. Spans that come for a closed trace count as late.
 */
export class TraceCollector {
  readonly services = new Set<string>();
  /** `true` if closing traces needs prices. */
  needsPrices = false;
  /** How many traces were found so far. */
  openedTraces = 0;
  /** How many traces of other shards were found. */
  otherTraces = 0;
  /** How many of the closed traces were wanted. */
  wantedTraces = 0;
  /** What could not be read. */
  readonly unread = { damaged: 0, spans: 0 };
  readonly readFacts: ReadFacts;
  readonly readsAllAttributes: boolean;
  readonly #shard: Shard | undefined;
  /** The last traces of other shards. */
  readonly #others = new RecentMap<true>(MAX_CLOSED);
  readonly #options: Required<Omit<CollectorOptions, 'readFacts' | 'readsAllAttributes' | 'shard'>>;
  /** The one touched last comes last. */
  readonly #open = new Map<string, CollectedTrace>();
  /** Open traces that were found to be incomplete, and got no span since. */
  readonly #waiting = new Map<string, CollectedTrace>();
  /** By id: the service of its first span, `false` if it was not wanted. */
  readonly #closed = new RecentMap<string | false>(MAX_CLOSED);
  /** Services of which traces had spans of another one, or spans that came late. */
  readonly #sharing = new Set<string>();
  #last: CollectedTrace | undefined;
  /** Spans of open traces, those that wait included. */
  #held = 0;
  #heldWaiting = 0;
  #round = 0;

  constructor(
    private readonly sink: TraceSink,
    options: CollectorOptions = {},
  ) {
    this.readFacts = options.readFacts ?? readSpanFacts;
    this.#shard = options.shard;
    this.readsAllAttributes = options.readsAllAttributes ?? false;
    const { maxSpans = 100_000, maxCompleteSpans = 10_000, maxSpansPerTrace = 1_000_000 } = options;
    this.#options = {
      ...{ maxSpans, maxSpansPerTrace, isWanted: options.isWanted ?? (() => true) },
      maxCompleteSpans: Math.min(maxCompleteSpans, maxSpans),
    };
  }

  /** `true` if more is held than need be. */
  get isFull(): boolean {
    const { maxSpans, maxCompleteSpans } = this.#options;
    const isMoving = this.#held - this.#heldWaiting > maxCompleteSpans && this.#open.size > 1;
    return isMoving || (this.#held > maxSpans && this.#waiting.size > 0);
  }

  /** `true` if no trace is open. */
  get isEmpty(): boolean {
    return this.#open.size + this.#waiting.size === 0;
  }

  warn(text: string): void {
    this.sink.warn(text);
  }

  /** Whether a trace is of the part that is taken. */
  takes(traceId: string): boolean {
    if (this.#shard === undefined || isInShard(traceId, this.#shard)) return true;
    if (this.#others.get(traceId) === undefined) {
      this.#others.set(traceId, true);
      this.otherTraces += 1;
    }
    return false;
  }

  /** Warns of what is about a source, and of no trace: in one of the shards, as each reads all sources. */
  warnOfSource(text: string): void {
    if (this.#ofSource) this.sink.warn(text);
  }

  /** Counts a damaged piece of a source. */
  noteDamage(text: string): void {
    if (this.#ofSource) this.unread.damaged += 1;
    this.warnOfSource(text);
  }

  /** Counts a span without a usable id. */
  noteUnusable(text: string): void {
    if (this.#ofSource) this.unread.spans += 1;
    this.warnOfSource(text);
  }

  get #ofSource(): boolean {
    return (this.#shard?.index ?? 1) === 1;
  }

  /** Returns the open trace of this id, or a new one if the trace is not, or no longer, open. */
  trace(traceId: string): CollectedTrace {
    if (this.#last?.traceId === traceId) return this.#last;
    const known = this.#open.get(traceId) ?? this.#waiting.get(traceId);
    const trace = known ?? new CollectedTrace(traceId);
    if (known !== undefined) this.#forget(known);
    else if (this.#closed.get(traceId) !== undefined) return trace;
    else this.openedTraces += 1;
    this.#open.set(traceId, trace);
    this.#held += trace.records.length;
    this.#last = trace;
    trace.round = this.#round;
    return trace;
  }

  /** Adds a span to the trace that {@link trace} just returned for it. */
  add(trace: CollectedTrace, record: SpanRecord): void {
    const { records } = trace;
    if (trace !== this.#last) {
      const service = this.#closed.get(trace.traceId) ?? false;
      if (service === false) return;
      this.#share(service, record.service);
      this.#addOutside(record, 'late');
      return;
    }
    if (records.length >= this.#options.maxSpansPerTrace) {
      trace.overflowed = true;
      this.#addOutside(record, 'dropped');
      return;
    }
    const [first = record] = records;
    if (record.service !== first.service) {
      trace.isOfSeveralServices = true;
      this.#share(first.service, record.service);
    }
    if (mayTellOfCall(record)) {
      this.needsPrices = true;
      (trace.calls ??= new CallsOfTrace()).add(record);
    }
    records.push(record);
    this.#held += 1;
  }

  /** Closes traces, the ones that got no span for longest first, until no more is held than need be. */
  closeOldest(): void {
    const { maxSpans, maxCompleteSpans } = this.#options;
    for (const trace of this.#open.values()) {
      if (this.#held - this.#heldWaiting <= maxCompleteSpans || this.#open.size === 1) break;
      this.#closeOrWait(trace);
    }
    for (const trace of this.#waiting.values()) {
      if (this.#held <= maxSpans) break;
      this.#close(trace);
    }
  }

  /** Where spans come as time passes: ends a round, and closes the traces that got no span for so many of them. */
  endRound({ complete, remote, incomplete }: QuietRounds): void {
    this.#round += 1;
    this.#last = undefined;
    for (const trace of this.#open.values()) {
      if (this.#round - trace.round < complete) break;
      const tree = trace.tree();
      trace.hasLocalRoots = tree.orphans.length === 0 && !lacksParents(tree);
      if (isComplete(tree) && !this.#mayGrow(trace)) this.#close(trace, tree);
      else this.#wait(trace);
    }
    for (const trace of this.#waiting.values()) {
      const rounds = trace.hasLocalRoots ? remote : incomplete;
      if (this.#round - trace.round >= rounds) this.#close(trace);
    }
  }

  /** The traces that are not closed, with how many rounds ago each got its last span. */
  *open(): Generator<readonly [trace: CollectedTrace, quietRounds: number]> {
    for (const traces of [this.#waiting, this.#open]) {
      for (const trace of traces.values()) yield [trace, this.#round - trace.round];
    }
  }

  closeAll(): void {
    for (const trace of [...this.#waiting.values(), ...this.#open.values()]) this.#close(trace);
  }

  /** Each service sends by itself: spans of another one may be on their way. */
  #mayGrow({ isOfSeveralServices, records: [first] }: CollectedTrace): boolean {
    return isOfSeveralServices || (first !== undefined && this.#sharing.has(first.service));
  }

  #share(...services: string[]): void {
    for (const service of services) {
      if (this.#sharing.size < MAX_SHARING) this.#sharing.add(service);
    }
  }

  #closeOrWait(trace: CollectedTrace): void {
    const { length } = trace.records;
    const mayWait = this.#options.maxCompleteSpans < this.#options.maxSpans;
    // A large trace that gets its spans one by one must not be looked through each time.
    if (!mayWait || length >= 2 * trace.spansWhenIncomplete) {
      const tree = trace.tree();
      if (!mayWait || isComplete(tree)) {
        this.#close(trace, tree);
        return;
      }
      trace.spansWhenIncomplete = length;
    }
    this.#wait(trace);
  }

  #wait(trace: CollectedTrace): void {
    const { length } = trace.records;
    this.#forget(trace);
    this.#waiting.set(trace.traceId, trace);
    this.#held += length;
    this.#heldWaiting += length;
  }

  #forget(trace: CollectedTrace): void {
    const { traceId, records } = trace;
    this.#held -= records.length;
    if (this.#waiting.delete(traceId)) this.#heldWaiting -= records.length;
    else this.#open.delete(traceId);
    if (trace === this.#last) this.#last = undefined;
  }

  #close(trace: CollectedTrace, built: TraceTree = trace.tree()): void {
    const { traceId, originSeconds = 0 } = trace;
    const isWanted = this.#options.isWanted(trace);
    this.#forget(trace);
    this.#closed.set(traceId, isWanted && (trace.records[0]?.service ?? ''));
    if (!isWanted) return;
    this.wantedTraces += 1;
    if (trace.isOfSeveralServices) {
      this.sink.warn(
        'by their clocks a call between services did not lie within its caller: it was moved there',
        correctClockSkew(built),
      );
    }
    const tree = trace.calls?.join(built) ?? built;
    const toleranceNanos = clockErrorOf(tree);
    analyzeTrace(tree, { toleranceNanos });
    this.sink.addTrace(tree, {
      originEpochMillis: originSeconds * 1000,
      toleranceNanos,
      incomplete: trace.overflowed || lacksParents(tree),
    });
  }

  #addOutside(record: SpanRecord, why: 'late' | 'dropped'): void {
    const isTimed = Number.isFinite(record.startNanos + record.endNanos);
    if (isTimed) this.sink.addOutside(record, record, why);
  }
}
