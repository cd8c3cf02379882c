import { trace, type Context, type Span } from '@opentelemetry/api';
import { quietly } from '../instrument/in-span.js';
import { currentSlowDown, useSlowDown, type SlowDown } from '../instrument/slow-down.js';
import { parentOf, type SdkSpan, type SdkSpanProcessor } from '../processor/sdk-span.js';
import * as semconv from '../semconv.js';
import type { ExperimentResult, Summary } from '../summary.js';
import { isModelCall } from '../trace/call-kind.js';
import { Delays } from './delays.js';
import { effectOf } from './effect.js';
import { chooseRows, ownSeconds } from './own-time.js';
import { resultOf, whyNone, whyNot } from './results.js';
import { Schedule, type Period } from './schedule.js';
import type { ExperimentSettings } from './settings.js';

/** How many requests are ranked before rows are chosen. After twice as many, each time, own times are read again. */
const FIRST_LOOK = 30;
/** The names of segments to know. */
const MAX_NAMES = 1_000;
/** A timer is no more precise; shorter delays are put off until they add up. */
const MIN_DELAY_MILLIS = 1;
/** The weight of the newest request in the mean duration, and the most that it may be of that. */
const NEWEST = 0.05;
const MOST_OF_MEAN = 4;
/** The experiment ends itself when requests take so many times as long as before it. */
const TOO_SLOW = 3;

/** A local root, while it runs. */
interface Request {
  readonly root: object;
  readonly startMillis: number;
  /** Absent if it began too near to a change of periods. */
  readonly period: Period | undefined;
  delayMillis: number;
}

/** The request that a span is part of, and whether it is a model call or an attempt, or inside one. */
interface Place {
  readonly request: Request;
  readonly isProtected: boolean;
}

/** A row that is made slower. */
interface SlowRow {
  /** What of a call's time is the row's own work. */
  ownShare: number;
  delayMillis: number;
  /** Wanted and not yet put in; negative if timers were late. */
  owedMillis: number;
}

const STOPPED = `the experiment ended itself: requests took more than ${TOO_SLOW} times as long as before it`;
const PLACE = Symbol('hotspan experiment');
type Tagged = Partial<Record<typeof PLACE, Place>>;

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
  #requests = 0;
  #nextLook = FIRST_LOOK;
  #meanMillis = 0;
  #meanBeforeMillis = Infinity;
  #requestMillis = 0;
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
      const place = this.#placeOf(span, parentContext);
      if (place !== undefined) (span as Tagged)[PLACE] = place;
    } catch {
      // Without a place it is not delayed, nor counted.
    }
  }

  onEnd(span: SdkSpan): void {
    const request = (span as Tagged)[PLACE]?.request;
    if (this.#isOver || request?.root !== span) return;
    try {
      this.#addRequest(span, request);
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
    this.#requests = 0;
    this.#nextLook = FIRST_LOOK;
  }

  run<T>(name: string, span: Span, work: (span: Span) => T): T {
    const startMillis = performance.now();
    const result = work(span);
    if (!(result instanceof Promise)) return result;
    // Of a kind of promise of the user's own, `then` may not return one.
    return Promise.resolve(result).then((value: unknown) => {
      const delay = this.#delayAfter(name, span, performance.now() - startMillis);
      return delay === undefined ? value : delay.then(() => value);
    }) as T;
  }

  /** Adds to a summary what was measured, or why nothing was. */
  addTo(summary: Summary): Summary {
    const experiments: ExperimentResult[] = [];
    const missing: string[] = [];
    for (const [name, { delayMillis }] of this.#rows) {
      const pairs = this.#schedule?.pairsOf(name) ?? [];
      const effect = effectOf(pairs);
      const result = effect && resultOf(summary, name, effect, delayMillis / 1000);
      if (result !== undefined) experiments.push({ ...result, service: this.sources.service });
      else missing.push(whyNot(name, this.#canBeSlowed.has(name) ? pairs.length : undefined));
    }
    if (this.#rows.size === 0) missing.push(whyNone(this.#requests, FIRST_LOOK));
    if (this.#meanMillis > TOO_SLOW * this.#meanBeforeMillis) missing.push(STOPPED);
    return { ...summary, experiments, warnings: [...summary.warnings, ...missing] };
  }

  #placeOf(span: SdkSpan, parentContext: Context): Place | undefined {
    const parent = parentOf(span, parentContext);
    const isRoot = parent === undefined || parent.isRemote === true;
    const around = trace.getSpan(parentContext) as Tagged | undefined;
    const place = isRoot ? this.#open(span) : around?.[PLACE];
    if (place === undefined || place.isProtected) return place;
    const { attributes } = span;
    const isAttempt = attributes[semconv.HOTSPAN_ATTEMPT_NUMBER] !== undefined;
    return isAttempt || isModelCall(attributes) ? { ...place, isProtected: true } : place;
  }

  #open(span: SdkSpan): Place {
    const startMillis = performance.now();
    const period = this.#periodAt(startMillis);
    const isCounted =
      period !== undefined &&
      startMillis >= period.countedFromMillis &&
      startMillis <= period.countedToMillis;
    const counted = isCounted ? period : undefined;
    return {
      request: { root: span, startMillis, period: counted, delayMillis: 0 },
      isProtected: false,
    };
  }

  #addRequest(span: SdkSpan, { startMillis, period, delayMillis }: Request): void {
    // A session or a socket is no request.
    if (span.attributes[semconv.HOTSPAN_IDLE] === true) return;
    const millis = performance.now() - startMillis;
    this.#requests += 1;
    this.#requestMillis += millis;
    this.#addToMean(millis);
    if (this.#meanMillis > TOO_SLOW * this.#meanBeforeMillis) this.stop();
    const { rowName, entry } = this.sources;
    const name = rowName(span.name);
    if (entry === undefined || entry === name) {
      period?.requests.add(name, millis / 1000, delayMillis / 1000);
    }
    if (this.#requests < this.#nextLook) return;
    this.#nextLook *= 2;
    this.#look();
  }

  #addToMean(millis: number): void {
    const isFirst = this.#requests === 1;
    const most = isFirst ? millis : MOST_OF_MEAN * this.#meanMillis;
    const weight = Math.max(NEWEST, 1 / this.#requests);
    this.#meanMillis += (Math.min(millis, most) - this.#meanMillis) * weight;
  }

  #periodAt(nowMillis: number): Period | undefined {
    const schedule = this.#schedule;
    const period = schedule?.at(nowMillis, this.#meanMillis);
    // All is measured.
    if (schedule !== undefined && period === undefined) this.stop();
    return period;
  }

  /** Reads from the ranking which rows to make slower, and what of their time is their own. */
  #look(): void {
    const summary = this.sources.summary();
    if (this.#rows.size === 0) {
      const { rows = chooseRows(summary, (row) => this.#canBeSlowed.has(row)) } = this.settings;
      for (const row of rows) this.#rows.set(row, { ownShare: 0, delayMillis: 0, owedMillis: 0 });
      this.#meanBeforeMillis = this.#meanMillis;
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

  /** Never throws. */
  #delayAfter(name: string, span: Span, elapsedMillis: number): Promise<void> | undefined {
    const place = (span as Tagged)[PLACE];
    if (this.#isOver || place === undefined || place.isProtected) return undefined;
    try {
      const rowName = this.sources.rowName(name);
      if (this.#canBeSlowed.size < MAX_NAMES) this.#canBeSlowed.add(rowName);
      const row = this.#rows.get(rowName);
      const period = row && this.#periodAt(performance.now());
      if (row === undefined || period?.row !== rowName || !period.isSlowed) return undefined;
      const millis = this.#delayOf(row, elapsedMillis);
      return millis === undefined ? undefined : this.#delay(row, place.request, span, millis);
    } catch {
      this.stop();
      return undefined;
    }
  }

  #delayOf(row: SlowRow, elapsedMillis: number): number | undefined {
    const { delayShare, maxDelayMillis } = this.settings;
    row.owedMillis += elapsedMillis * row.ownShare * delayShare;
    const millis = Math.min(row.owedMillis, maxDelayMillis);
    const isTooMuch = this.#delayMillis + millis > delayShare * this.#requestMillis;
    if (isTooMuch) row.owedMillis = 0;
    if (isTooMuch || millis < MIN_DELAY_MILLIS) return undefined;
    row.owedMillis = 0;
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
