import { loadPrices } from '../cost/price.js';
import { pricesInUse } from '../cost/price-table.js';
import { parseJson } from '../fields.js';
import { MAX_LISTED, NewestTraces } from '../ranking/newest-traces.js';
import { Ranking } from '../ranking/ranking.js';
import { readOtlpProtobuf } from '../readers/otlp-protobuf.js';
import { readOtlpJson } from '../readers/json-formats.js';
import type { ReadOptions } from '../readers/read-options.js';
import { SpanSink } from '../readers/span-sink.js';
import { TraceCollector, type QuietRounds } from '../readers/trace-collector.js';
import type { RunningTraces } from '../page-data.js';
import { defined } from '../sums.js';
import type { Summary } from '../summary.js';
import { ByReader, byKeysOf } from '../trace/by-attributes.js';
import { factsReaderBy } from '../trace/facts-reader.js';
import { runningTracesOf } from './running-traces.js';

/** The most spans to hold of traces that have not ended. */
const MAX_SPANS = 100_000;
/** The most that the spans of the newest traces take. */
const MAX_BYTES = 64 * 2 ** 20;
const ROUND_MILLIS = 500;
/** How long is waited for more of a trace: 1 s, 6 s (each service sends every 5 s by default) and 10 min. */
const ROUNDS: QuietRounds = { complete: 2, remote: 12, incomplete: 1_200 };

/** What is ranked, and by what it is grouped: see `ReadOptions`. */
export type RankingChoice = Pick<ReadOptions, 'by' | 'entry'>;

export interface Taken {
  readonly spans: number;
  readonly leftOut: number;
}

/**
 * Ranks traces whose spans come one by one, in any order, from any service. A trace is ranked a second after its last
 * span, if no parent of a span is missing. It is ranked after six seconds where its service shares traces with another
 * one, or where the parent is in another process that sends nothing, and else after ten minutes, or when there is no
 * room for more. Traces cannot be taken back out of a ranking: what comes later is counted as late.
 */
export class LiveRanking {
  readonly #ranking: Ranking;
  /** Nothing else is done here: all are drawn. */
  readonly newest = new NewestTraces({ traces: MAX_LISTED, bytes: MAX_BYTES, spans: Infinity });
  readonly #by: ByReader;
  readonly #collector: TraceCollector;
  readonly #sink: SpanSink;
  #timer: NodeJS.Timeout | undefined;

  /** @param roundMillis how often it looks for traces that have ended */
  constructor(
    { by, entry }: RankingChoice = {},
    private readonly roundMillis = ROUND_MILLIS,
  ) {
    const ranking = new Ranking({ by: byKeysOf(by), ...defined({ entry }) });
    this.#ranking = ranking;
    this.#by = new ByReader(byKeysOf(by));
    this.#collector = new TraceCollector(ranking, {
      ...{ maxSpans: MAX_SPANS, maxCompleteSpans: MAX_SPANS },
      readFacts: factsReaderBy(this.#by, undefined, (text) => ranking.warn(text)),
      readsAllAttributes: this.#by.keys.length > 0,
    });
    this.#sink = new SpanSink(this.#collector);
    ranking.follow(this.newest);
  }

  /** Adds the spans of a request. Returns `undefined`, and adds nothing, if it is none of OTLP. */
  async take(body: Buffer, isJson: boolean): Promise<Taken | undefined> {
    // Traces are priced when they end.
    await loadPrices();
    const sink = this.#sink;
    const { spans, leftOut } = sink;
    const isKnown = isJson
      ? readOtlpJson(parseJson(body.toString()), sink)
      : readOtlpProtobuf(body, sink);
    sink.makeRoom();
    this.#timer ??= setInterval(() => this.#endRound(), this.roundMillis).unref();
    return isKnown ? { spans: sink.spans - spans, leftOut: sink.leftOut - leftOut } : undefined;
  }

  /** Returns what was found so far, in all traces that have ended. */
  summary(): Summary {
    const summary = this.#ranking.toSummary({ nowEpochMillis: Date.now() });
    const warnings = [...summary.warnings, ...this.#by.warnings()];
    return { ...summary, ...pricesInUse(summary), warnings };
  }

  /** Returns the traces that go on: a local root comes when it ends, after what is in it. */
  running(): RunningTraces | undefined {
    return runningTracesOf(this.#collector.open(), this.roundMillis / 1_000);
  }

  /** Ranks what is there of the traces that have not ended. */
  finish(): void {
    clearInterval(this.#timer);
    this.#collector.closeAll();
  }

  #endRound(): void {
    this.#collector.endRound(ROUNDS);
    if (!this.#collector.isEmpty) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
