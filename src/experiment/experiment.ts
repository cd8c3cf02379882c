import type { Context, Span } from '@opentelemetry/api';
import { quietly } from '../instrument/in-span.js';
import { currentSlowDown, useSlowDown, type SlowDown } from '../instrument/slow-down.js';
import type { SdkSpan, SdkSpanProcessor } from '../processor/sdk-span.js';
import * as semconv from '../semconv.js';
import type { ExperimentResult, Summary } from '../summary.js';
import { Delays } from './delays.js';
import { effectOf } from './effect.js';
import { HeldUp } from './held-up.js';
import { chooseRows, ownSeconds } from './own-time.js';
import { addCall, placeOf, setPlace, type Request } from './places.js';
import { RequestTimes, TOO_SLOW } from './request-times.js';
import { resultOf, whyNone, whyNot, whyUntold } from './results.js';
import { Schedule, type Period } from './schedule.js';
import type { ExperimentSettings } from './settings.js';

/** How many requests are ranked before rows are chosen. After twice as many, each time, own times are read again. */
const FIRST_LOOK = 30;
/** The names of segments to know. */
const MAX_NAMES = 1_000;
/** A timer is no more precise; shorter delays are put off until they add up. */
const MIN_DELAY_MILLIS = 1;
/** A row that is made slower. */
interface SlowRow {
  readonly name: string;
  /** What of a call's time is the row's own work. */
  ownShare: number;
  delayMillis: number;
  /** Wanted and not yet put in; negative if timers were late. */
  owedMillis: number;
  readonly heldUp: HeldUp;
}

const STOPPED = `the experiment ended itself: requests took more than ${TOO_SLOW} times as long as before it`;

export interface ExperimentSources {
  /** What was ranked so far. */
  readonly summary: () => Summary;
  /** The name of the row that a segment belongs to. */
  readonly rowName: (name: string) => string;
  readonly service: string;
  /** The only entry point that is ranked. Default: all are. */
  readonly entry: string | undefined;
}

/**
 * Makes segments a little slower for short periods and measures how much longer requests take: Coz ("Finding Code that
 * Counts with Causal Profiling", Curtsinger and Berger, 2015) turned around. It sees requests as a span processor, and
 * puts a delay between the end of a segment's work and the end of the segment. It never delays model calls, attempts,
 * what is inside them, synchronous segments, and errors.
 */
export class Experiment implements SdkSpanProcessor, SlowDown {
  readonly #delays = new Delays();
  #rows = new Map<string, SlowRow>();
  #schedule: Schedule | undefined;
  /** The rows of segments that could be made slower. */
  readonly #canBeSlowed = new Set<string>();
  #durations = new RequestTimes();
  #nextLook = FIRST_LOOK;
  #delayMillis = 0;
  #isOver = false;

  constructor(
    private readonly settings: ExperimentSettings,
    private readonly sources: ExperimentSources,
  ) {
    useSlowDown(this);
  }

  onStart(span: SdkSpan, parentContext: Context): void {
    if (this.#isOver) return;
    try {
      setPlace(
        span,
        parentContext,
        () => this.#open(span),
        (nowMillis) => this.#heldUpAt(nowMillis),
      );
    } catch {
      // Without a place it is not delayed, nor counted.
    }
  }

  onEnd(span: SdkSpan): void {
    const place = placeOf(span);
    if (this.#isOver || place === undefined) return;
    try {
      addCall(place, this.sources.rowName(span.name), span);
      if (place.request.root === span) this.#addRequest(span, place.request);
    } catch {
      this.stop();
    }
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    this.stop();
    return Promise.resolve();
  }

  /** Ends the experiment at once, and the delays that run. What was measured stays. */
  stop(): void {
    this.#isOver = true;
    // Another may have begun.
    if (currentSlowDown() === this) useSlowDown(undefined);
    this.#delays.stop();
  }

  /** Forgets what was measured so far. */
  reset(): void {
    this.#schedule = undefined;
    this.#rows = new Map();
    this.#durations = new RequestTimes();
    this.#delayMillis = 0;
    this.#nextLook = FIRST_LOOK;
  }

  run<T>(name: string, span: Span, work: (span: Span) => T): T {
    const startMillis = performance.now();
    const result = work(span);
    if (!(result instanceof Promise)) return result;
    const row = this.#begin(name, span);
    // Of a kind of promise of the user's own, `then` may not return one.
    return Promise.resolve(result).then(
      (value: unknown) => {
        const delay = row && this.#delayAfter(row, span, performance.now() - startMillis);
        return delay === undefined ? value : delay.then(() => value);
      },
      (error: unknown) => {
        row?.heldUp.end(performance.now(), 0, false);
        throw error;
      },
    ) as T;
  }

  /** Adds to a summary what was measured, or why nothing was. */
  addTo(summary: Summary): Summary {
    const experiments: ExperimentResult[] = [];
    const missing: string[] = [];
    for (const [name, { delayMillis, heldUp }] of this.#rows) {
      const missed = heldUp.notByDelays();
      const pairs = this.#schedule?.pairsOf(name) ?? [];
      const effect = effectOf(pairs);
      const result = effect && resultOf(summary, name, effect, delayMillis / 1000);
      if (missed !== undefined) missing.push(whyUntold(name, missed));
      else if (result !== undefined) experiments.push({ ...result, service: this.sources.service });
      else missing.push(whyNot(name, this.#canBeSlowed.has(name) ? pairs.length : undefined));
    }
    if (this.#rows.size === 0) missing.push(whyNone(this.#durations.count, FIRST_LOOK));
    if (this.#durations.areTooLong) missing.push(STOPPED);
    return { ...summary, experiments, warnings: [...summary.warnings, ...missing] };
  }

  #open(span: SdkSpan): Request {
    const startMillis = performance.now();
    const period = this.#periodAt(startMillis);
    const isCounted =
      period !== undefined &&
      startMillis >= period.countedFromMillis &&
      startMillis <= period.countedToMillis;
    const counted = isCounted ? period : undefined;
    return { root: span, startMillis, period: counted, delayMillis: 0, hasRow: false };
  }

  #addRequest(span: SdkSpan, { startMillis, period, delayMillis }: Request): void {
    // A session or a socket is no request.
    if (span.attributes[semconv.HOTSPAN_IDLE] === true) return;
    const millis = performance.now() - startMillis;
    this.#durations.add(millis);
    if (this.#durations.areTooLong) this.stop();
    const { rowName, entry } = this.sources;
    const name = rowName(span.name);
    if (entry === undefined || entry === name) {
      period?.requests.add(name, millis / 1000, delayMillis / 1000);
    }
    if (this.#durations.count < this.#nextLook) return;
    this.#nextLook *= 2;
    this.#look();
  }

  #periodAt(nowMillis: number): Period | undefined {
    const schedule = this.#schedule;
    const period = schedule?.at(nowMillis, this.#durations.meanMillis);
    // All is measured.
    if (schedule !== undefined && period === undefined) this.stop();
    return period;
  }

  #heldUpAt(nowMillis: number): HeldUp | undefined {
    const period = this.#schedule && this.#periodAt(nowMillis);
    return period && this.#rows.get(period.row)?.heldUp;
  }

  /** Reads from the ranking which rows to make slower, and what of their time is their own. */
  #look(): void {
    const summary = this.sources.summary();
    if (this.#rows.size === 0) {
      const { rows = chooseRows(summary, (row) => this.#canBeSlowed.has(row)) } = this.settings;
      const unknown = { ownShare: 0, delayMillis: 0, owedMillis: 0 };
      for (const row of rows) this.#rows.set(row, { name: row, ...unknown, heldUp: new HeldUp() });
      this.#durations.compareFromNowOn();
      if (rows.length > 0) this.#schedule = new Schedule(rows, this.settings.periodMillis);
    }
    for (const ranked of summary.bottlenecks) {
      const row = this.#rows.get(ranked.name);
      if (row === undefined) continue;
      const delaySeconds = row.delayMillis / 1000;
      const seconds = ranked.totalSeconds - delaySeconds;
      row.ownShare = seconds > 0 ? ownSeconds(ranked, delaySeconds) / seconds : 0;
    }
  }

  /** Returns the row that a call belongs to, if it may be delayed. Never throws. */
  #begin(name: string, span: Span): SlowRow | undefined {
    const place = placeOf(span);
    if (this.#isOver || place === undefined || place.isProtected) return undefined;
    const rowName = this.sources.rowName(name);
    if (this.#canBeSlowed.size < MAX_NAMES) this.#canBeSlowed.add(rowName);
    const row = this.#rows.get(rowName);
    if (row === undefined) return undefined;
    row.heldUp.begin();
    place.request.hasRow = true;
    return row;
  }

  /** Never throws. */
  #delayAfter(row: SlowRow, span: Span, elapsedMillis: number): Promise<void> | undefined {
    const request = placeOf(span)?.request;
    if (this.#isOver || request === undefined) return undefined;
    try {
      const nowMillis = performance.now();
      const period = this.#periodAt(nowMillis);
      const wanted = elapsedMillis * row.ownShare * this.settings.delayShare;
      const isSlowed = period?.row === row.name && period.isSlowed;
      const millis = isSlowed ? this.#delayOf(row, wanted) : undefined;
      row.heldUp.end(nowMillis, millis ?? wanted, millis !== undefined);
      return millis === undefined ? undefined : this.#delay(row, request, span, millis);
    } catch {
      this.stop();
      return undefined;
    }
  }

  #delayOf(row: SlowRow, wantedMillis: number): number | undefined {
    const { delayShare, maxDelayMillis } = this.settings;
    row.owedMillis += wantedMillis;
    const millis = Math.min(row.owedMillis, maxDelayMillis);
    const isTooMuch = this.#delayMillis + millis > delayShare * this.#durations.sumMillis;
    if (!isTooMuch && millis < MIN_DELAY_MILLIS) return undefined;
    row.owedMillis = 0;
    if (isTooMuch) return undefined;
    this.#delayMillis += millis;
    return millis;
  }

  async #delay(row: SlowRow, request: Request, span: Span, millis: number): Promise<void> {
    const waited = await this.#delays.wait(millis);
    row.owedMillis -= Math.min(waited - millis, millis);
    row.delayMillis += waited;
    request.delayMillis += waited;
    quietly(() => span.setAttribute(semconv.HOTSPAN_EXPERIMENT_DELAY, waited / 1000));
  }
}
