import { trace, type Attributes, type Span } from '@opentelemetry/api';
import { BoundedMap } from '../bounded.js';
import * as semconv from '../semconv.js';
import type { SpanClock } from './clock.js';

/**
 * Who makes a stream go on: `asked` if its source works only while its reader waits, as a generator does; `ahead`
 * if it works on its own and the items wait for their reader, as those of a network do; `surely ahead` where that
 * needs no proof.
 */
export type SourcePace = 'asked' | 'ahead' | 'surely ahead';

/** The most turns to keep. Beyond them, two at a time become one. */
const MAX_TURNS = 64;
/** Of the time of the stream: a reader that takes less is not worth its turns. */
const MIN_READER_SHARE = 0.005;
/** Of the usual time from item to item: a shorter wait found the item there. */
const MIN_WAIT_SHARE = 0.05;
/** Of the time from the first item to the last: no guess is taken to be better than that. */
const MIN_ERROR_SHARE = 0.01;
/** How sure a source is taken to be of its pace, before it has shown it; and how sure it can become. */
const PRIOR = 3;
const MAX_PROOF = 30;
/** The calls and segments whose sources' paces are remembered. */
const MAX_NAMES = 200;

/** By name: above 0 if its streams are rather ahead, below if they rather are asked. */
const proofs = new BoundedMap(MAX_NAMES, () => ({ ahead: 0 }));

/** Takes down when a stream's reader waited for its source, and when the source waited for its reader. */
export class StreamTurns {
  /** By turns, in seconds: the source until the stream was there, then the reader, the source, the reader, ... */
  readonly #turns: number[];
  readonly #openSeconds: number;
  readonly #paces = new Paces();
  #perTurn = 1;
  #inLast = 0;
  #waiting = 0;
  /** Since when it has been the turn of the one or the other. */
  #sinceSeconds: number;
  #readerSeconds = 0;
  #sourceSeconds: number;
  #pulls = 0;
  #reader: string | undefined;
  #hasManyReaders = false;

  /**
   * To be made when the reader gets the stream.
   *
   * @param name of what has the stream, where its pace is remembered
   */
  constructor(
    private readonly name: string,
    private readonly clock: SpanClock,
    private readonly parentSpanId: string | undefined,
  ) {
    this.#openSeconds = clock.elapsedSeconds();
    this.#sinceSeconds = this.#openSeconds;
    this.#sourceSeconds = this.#openSeconds;
    this.#turns = [this.#openSeconds];
  }

  /** The reader asks for an item. */
  onPull(): void {
    this.#waiting += 1;
    if (this.#waiting > 1) return;
    this.#noteReader(trace.getActiveSpan());
    this.#endOfReader(this.clock.elapsedSeconds());
  }

  /** It gets one, or hears that there is none. */
  onItem(): void {
    if (this.#waiting === 0) return;
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#endOfSource(this.clock.elapsedSeconds());
  }

  /** What to record on the span of a stream that has ended. */
  attributes(pace: SourcePace): Attributes {
    if (this.#pulls === 0) return {};
    const endSeconds = this.clock.lengthSeconds();
    if (this.#waiting > 0) this.#endOfSource(endSeconds);
    else this.#endOfReader(endSeconds);
    const allSeconds = this.#sinceSeconds;
    const isAhead = pace === 'surely ahead' || this.#isAhead(pace);
    const { lastArrivalSeconds } = this.#paces;
    const aloneSeconds = Math.max(this.#openSeconds, lastArrivalSeconds);
    const readerSeconds = isAhead ? allSeconds - aloneSeconds : this.#readerSeconds;
    const attributes: Attributes = {
      [semconv.HOTSPAN_STREAM_MODEL_TIME]: seconds(this.#sourceSeconds),
      [semconv.HOTSPAN_STREAM_READER_TIME]: seconds(readerSeconds),
    };
    const reader = this.#hasManyReaders ? undefined : this.#reader;
    if (reader !== undefined) attributes[semconv.HOTSPAN_STREAM_READER] = reader;
    const isFast = !(readerSeconds > MIN_READER_SHARE * allSeconds);
    const turns = isFast
      ? this.#turnsIfFast(allSeconds)
      : isAhead
        ? this.#turnsIfAhead(aloneSeconds)
        : this.#turns;
    const sums = isFast || this.#perTurn === 1 ? '' : `${this.#perTurn}: `;
    attributes[semconv.HOTSPAN_STREAM_TURNS] = sums + turns.map(micros).join(' ');
    return attributes;
  }

  /** A reader that took no time may have worked beside its pulls, from the first item on, and after the last. */
  #turnsIfFast(allSeconds: number): number[] {
    const { firstSeconds, lastSeconds } = this.#paces;
    const ends = [firstSeconds, lastSeconds, allSeconds];
    const turns = [this.#openSeconds];
    let since = this.#openSeconds;
    for (const end of ends) {
      if (end > since) turns.push(0, end - since);
      since = Math.max(since, end);
    }
    return turns;
  }

  /** A source that is ahead works without a pause until its last item is there. */
  #turnsIfAhead(aloneSeconds: number): number[] {
    const turns = [this.#openSeconds];
    let since = this.#openSeconds;
    for (let at = 1; at < this.#turns.length; at += 2) {
      const until = since + this.#turns[at]! + this.#turns[at + 1]!;
      const ownSeconds = Math.max(0, Math.min(until, aloneSeconds) - since);
      if (ownSeconds > 0) turns.push(0, ownSeconds);
      if (until - since > ownSeconds) turns.push(until - since - ownSeconds, 0);
      since = until;
    }
    return turns;
  }

  #isAhead(pace: 'asked' | 'ahead'): boolean {
    const proof = proofs.get(`${pace} ${this.name}`, () => ({ ahead: 0 }));
    const ahead = proof.ahead + this.#paces.proof();
    proof.ahead = Math.min(MAX_PROOF, Math.max(-MAX_PROOF, ahead));
    return proof.ahead + (pace === 'ahead' ? PRIOR : -PRIOR) > 0;
  }

  #noteReader(span: Span | undefined): void {
    const id = span?.spanContext().spanId;
    const reader = id === this.parentSpanId ? undefined : id;
    if (this.#pulls === 0) this.#reader = reader;
    else if (this.#reader !== reader) this.#hasManyReaders = true;
    this.#pulls += 1;
  }

  #endOfReader(atSeconds: number): void {
    const length = Math.max(0, atSeconds - this.#sinceSeconds);
    this.#sinceSeconds = Math.max(atSeconds, this.#sinceSeconds);
    this.#readerSeconds += length;
    this.#paces.addReading(length);
    if (this.#inLast === 0 || this.#inLast === this.#perTurn) this.#startTurn();
    this.#inLast += 1;
    this.#turns[this.#turns.length - 2]! += length;
  }

  #endOfSource(atSeconds: number): void {
    const length = Math.max(0, atSeconds - this.#sinceSeconds);
    this.#sinceSeconds = Math.max(atSeconds, this.#sinceSeconds);
    this.#sourceSeconds += length;
    this.#paces.addWait(length, this.#sinceSeconds);
    this.#turns[this.#turns.length - 1]! += length;
  }

  #startTurn(): void {
    const turns = this.#turns;
    this.#inLast = 0;
    if (turns.length >= 1 + 2 * MAX_TURNS) {
      for (let at = 1; at < turns.length; at += 4) {
        const to = (at + 1) / 2;
        turns[to] = turns[at]! + turns[at + 2]!;
        turns[to + 1] = turns[at + 1]! + turns[at + 3]!;
      }
      turns.length = 1 + MAX_TURNS;
      this.#perTurn *= 2;
    }
    turns.push(0, 0);
  }
}

/**
 * Finds out whether a source works on its own, by its waits: two guesses of the next wait run beside each other, and
 * the one that was wrong by less is right.
 *
 *     asked   the next wait is as long as the others, whatever the reader did meanwhile
 *     ahead   the next item comes as long after the last one as the others, and the wait is what is left of that
 */
class Paces {
  /** When the last item came that its reader had to wait for. */
  lastArrivalSeconds = 0;
  #items = 0;
  firstSeconds = 0;
  /** Before the last, which may have been the news that there is none. */
  lastSeconds = 0;
  #nowSeconds = 0;
  /** When the last item is taken to have come. */
  #arrivedSeconds = 0;
  #apartSeconds = 0;
  #waitedSeconds = 0;
  #readingSeconds = 0;
  #errorIfAsked = 0;
  #errorIfAhead = 0;

  addReading(lengthSeconds: number): void {
    this.#readingSeconds = lengthSeconds;
  }

  addWait(lengthSeconds: number, atSeconds: number): void {
    this.#items += 1;
    this.lastSeconds = this.#nowSeconds;
    this.#nowSeconds = atSeconds;
    if (this.#items === 1) {
      this.firstSeconds = atSeconds;
      this.#arrivedSeconds = atSeconds;
      this.lastArrivalSeconds = atSeconds;
      return;
    }
    const earlier = this.#items - 2;
    const pulledSeconds = atSeconds - lengthSeconds;
    const dueSeconds = this.#arrivedSeconds + this.#apartSeconds;
    if (earlier > 0) {
      const mean = this.#waitedSeconds / earlier;
      this.#errorIfAsked += Math.abs(lengthSeconds - mean);
      this.#errorIfAhead += Math.abs(lengthSeconds - Math.max(0, dueSeconds - pulledSeconds));
    }
    this.#waitedSeconds += lengthSeconds;
    const usual = (atSeconds - this.firstSeconds) / (earlier + 1);
    if (lengthSeconds > MIN_WAIT_SHARE * Math.max(usual, this.#readingSeconds)) {
      this.lastArrivalSeconds = atSeconds;
      this.#arrivedSeconds = atSeconds;
      this.#apartSeconds = usual;
    } else {
      this.#arrivedSeconds = earlier === 0 ? pulledSeconds : Math.min(pulledSeconds, dueSeconds);
      this.#apartSeconds = earlier === 0 ? usual : Math.min(this.#apartSeconds, usual);
    }
  }

  /**
   * How much better it explains the waits that the source is ahead: the logarithm of how much likelier that makes
   * them, where errors are spread as Laplace has it.
   */
  proof(): number {
    const least = MIN_ERROR_SHARE * (this.#nowSeconds - this.firstSeconds);
    if (!(least > 0)) return 0;
    const [asked, ahead] = [this.#errorIfAsked + least, this.#errorIfAhead + least];
    const proof = (this.#items - 2) * Math.log(asked / ahead);
    return Math.min(MAX_PROOF, Math.max(-MAX_PROOF, proof));
  }
}

function seconds(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function micros(value: number): number {
  return Math.round(value * 1e6);
}
