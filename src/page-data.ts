import type { FigureUnit } from './format.js';
import type { CallPath, PictureTrace, SlowSpan, Summary } from './summary.js';

/** What a page is drawn from: the JSON that stands in it. */
export interface PageData {
  readonly summary: Summary;
  readonly about: PageAbout;
}

/** What a page needs to know beside the summary. */
export interface PageAbout {
  /** Of hotspan. */
  readonly version: string;
  /** The address of Jaeger's UI, without credentials and without a slash at its end. */
  readonly jaegerUrl?: string;
  /** `true` if newer data follows. */
  readonly live?: true;
  /** The traces that go on, where only spans tell of them. Absent when there are none. */
  readonly running?: RunningTraces;
  /** The number of the newest trace, where the server lists them; 0 before the first. */
  readonly newest?: number;
  /** The latency of what users waited for: without health checks and start-up. */
  readonly latency: Pick<Summary['latency'], 'count' | 'p50Seconds' | 'p95Seconds' | 'maxSeconds'>;
}

/** Traces of which spans came and the local root did not: it comes when it ends. */
export interface RunningTraces {
  /** How many there are. */
  readonly count: number;
  /** The 20 that have gone on longest, the longest first. */
  readonly longest: readonly RunningTrace[];
}

export interface RunningTrace {
  readonly traceId: string;
  /** Of the span that ended last, of those directly in spans that go on. */
  readonly name: string;
  readonly service: string;
  /** How long it has gone on at least: since its first span that is known began. */
  readonly seconds: number;
  /** How many of its spans came so far. */
  readonly spans: number;
}

/** The newest traces of a live page, as its server lists them. */
export interface NewestList {
  /** The numbers of the oldest one that is still kept, and of the newest one. */
  readonly first: number;
  readonly last: number;
  /** Those that were asked for, the newest first. */
  readonly traces: readonly ListedTrace[];
}

export interface ListedTrace {
  /** Its number: they count from 1 as traces end. */
  readonly at: number;
  readonly traceId: string;
  /** Its entry point. */
  readonly name: string;
  readonly service: string;
  readonly startEpochSeconds: number;
  readonly seconds: number;
  /** 0 if it is not known. */
  readonly spans: number;
  /** How many of its spans ended with an error; absent if none did. */
  readonly errors?: number;
  readonly costUsd?: number;
  /** `true` if its spans are kept, to be drawn. */
  readonly isDrawn?: true;
}

/** What is drawn of one trace, chosen for nothing. */
export type DrawnTrace = Omit<PictureTrace, 'why'>;

/** What a page of two summaries is drawn from. */
export interface DiffPageData {
  readonly version: string;
  /** As in `PageAbout`. */
  readonly jaegerUrl?: string;
  readonly diff: PageDiff;
}

/** A diff as a page shows it. */
export interface PageDiff {
  readonly traces: { readonly before: number; readonly after: number };
  /** What got better and worse, in one sentence. */
  readonly conclusion: string;
  /** Figures of all traces. */
  readonly overall: readonly (PageChange & {
    readonly label: string;
    readonly unit: FigureUnit;
    /** What the change is called, such as `faster`; absent when it cannot be told. */
    readonly verdict?: string;
    readonly mood: Mood;
  })[];
  /** The rows; their change is that of the critical time of a trace. */
  readonly rows: readonly (PageChange & {
    readonly name: string;
    readonly service: string;
    /** `faster (p50, p95)`, `noise`, `new`. */
    readonly verdict: string;
    readonly mood: Mood;
    /** The slowest span of each side, as far as there is one. */
    readonly slowest: { readonly before?: SlowSpan; readonly after?: SlowSpan };
  })[];
  /** Parents before their children. Empty where the summaries tell of none. */
  readonly paths: readonly PageDiffPath[];
  readonly notes: readonly string[];
}

/** A call path before and after; its figures are its own, of one trace on average. */
export interface PageDiffPath extends Pick<CallPath, 'name' | 'service' | 'parent' | 'means'> {
  readonly beforeSeconds: number;
  readonly afterSeconds: number;
  readonly beforeCalls: number;
  readonly afterCalls: number;
  /** Its time changed by no more than noise. */
  readonly isNoise?: true;
}

/** A side where it is unknown is absent. */
export interface PageChange {
  readonly before?: number;
  readonly after?: number;
  /** after ÷ before. */
  readonly ratio?: number;
}

/** What a change means for users. */
export type Mood = 'better' | 'worse' | 'none';
