import type { Durations } from './durations.js';

export type { DurationHistogram, Durations } from './durations.js';

/** What the rows of a summary can be ordered by. */
export type RankBy = 'critical' | 'saving' | 'self' | 'total' | 'p95' | 'cost' | 'waste';

/** One concrete span, so that a figure can be opened as a trace. */
export interface SlowSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly seconds: number;
}

/** One row of the ranking: all spans of one name and service. Times in seconds, money in USD. */
export interface Bottleneck {
  /** From 1. */
  readonly rank: number;
  readonly name: string;
  readonly service: string;
  readonly calls: number;
  readonly errors: number;
  /** Sum of end − start over the calls. */
  readonly totalSeconds: number;
  /** Total time minus the union of the direct children. */
  readonly selfSeconds: number;
  /** The part of the local roots' durations in which this was what everything waited for. */
  readonly criticalSeconds: number;
  /** `criticalSeconds` as a share of all local roots' time, 0 to 1. */
  readonly criticalShare: number;
  /**
   * How much shorter the traces would have been had this row's own work taken no time; absent when that
   * was not computed. Never more than `criticalSeconds`.
   */
  readonly savingSeconds?: number;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  readonly p99Seconds: number;
  readonly maxSeconds: number;
  /** What the quantiles are made of, for merging; absent when it is not known. */
  readonly durations?: Durations;
  /** Sum over the priced calls; absent when none was priced. */
  readonly costUsd?: number;
  /** Cost of the calls with all that ran inside them: what an agent cost. */
  readonly totalCostUsd?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** How many tries were made; absent when the segment is not a retried operation. */
  readonly attempts?: number;
  /** Attempts beyond the first of each operation. */
  readonly retries?: number;
  /** Seconds in failed attempts and in the waits between attempts. */
  readonly wastedSeconds?: number;
  /** USD of all that failed attempts of this segment used, and of no operation's inside. */
  readonly wastedCostUsd?: number;
  /** The slowest spans of the row, slowest first. */
  readonly slowest: readonly SlowSpan[];
}

/** What one model was asked and what it cost. */
export interface ModelUsage {
  readonly provider?: string;
  readonly model?: string;
  readonly calls: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd?: number;
  /** Calls whose usage is known and whose price is not; absent when there is none. */
  readonly unpricedCalls?: number;
}

/** What an {@link Insight} is about. */
export type InsightKind =
  | 'repeated-calls'
  | 'growing-context'
  | 'sequential-calls'
  | 'many-short-calls'
  | 'costly-retries'
  | 'timeout'
  | 'dominant'
  | 'blocked-event-loop';

/** Something that was seen and that may be worth a change, with what it would save at most. */
export interface Insight {
  /** A newer hotspan may have more kinds. */
  readonly kind: InsightKind | (string & Record<never, never>);
  readonly severity: 'high' | 'medium' | 'low';
  /** The name of the row that it is about. */
  readonly segment: string;
  readonly service: string;
  /** One sentence for people: what was seen. */
  readonly message: string;
  /** The figures behind the message. */
  readonly evidence: Readonly<Record<string, number | string>>;
  readonly savingSeconds?: number;
  readonly savingUsd?: number;
}

/** One function inside a segment, as V8's profiler saw it. */
export interface FunctionTime {
  /**
   * `(anonymous)` when it has none. `(garbage collector)`, `(program)` (native code) and `(idle)` are
   * no functions: the time that nothing else can be told of.
   */
  readonly name: string;
  /** Relative to the working directory, or from `node_modules` on; absent for what is in no file. */
  readonly file?: string;
  /** Where the function begins, from 1. */
  readonly line?: number;
  /** In how many samples it was on the stack. */
  readonly samples: number;
  /** In the function itself. */
  readonly selfSeconds: number;
  /** In the function and all that it called; a recursive one once. */
  readonly totalSeconds: number;
  /** `selfSeconds` as a share of the segment's `seconds`, 0 to 1. */
  readonly share: number;
}

/** What ran inside the profiled segments of one row. */
export interface SegmentCpuProfile {
  readonly segment: string;
  readonly service?: string;
  /** How many runs of the segment were profiled. */
  readonly calls: number;
  /** Of its code and of the profiled segments inside it, waits left out: what the samples sum to. */
  readonly seconds: number;
  readonly samples: number;
  /** Whether every sample is known to be of this segment; `note` says why not. */
  readonly exact: boolean;
  readonly note?: string;
  /**
   * The functions with most self time, and those with most total time; the most self time first. What
   * a profiled segment inside this one ran counts to the total here, and to the self time there.
   */
  readonly functions: readonly FunctionTime[];
}

/** A segment that has started and not ended. */
export interface OpenSegment extends SlowSpan {
  readonly name: string;
  readonly service: string;
  /** How many segments directly inside it are running; with none it is what is waited for. */
  readonly openChildren: number;
}

/** What is running. */
export interface OpenSegments {
  /** How many segments are known to be running. */
  readonly count: number;
  /** The 20 that have been running longest, the longest first. */
  readonly longest: readonly OpenSegment[];
}

/** How the spans fared on their way to a receiver: `ended` is the sum of the other three. */
export interface Delivery {
  /** Where they are sent, without credentials; absent when they are not. */
  readonly endpoint?: string;
  readonly ended: number;
  readonly delivered: number;
  /** Given up: they did not arrive, as far as is known. */
  readonly dropped: number;
  /** They wait, or are on their way. */
  readonly pending: number;
  /** Why spans were dropped last, or do not arrive now. */
  readonly reason?: string;
}

/** What sampling let through. All of it is ranked. */
export interface SampledTraces {
  /** Traces that ended, and those that tail sampling had to decide before. */
  readonly traces: number;
  /** Those of them that go on to the exporter. */
  readonly exported: number;
  /** Spans that do not. */
  readonly spansLeftOut: number;
}

/**
 * What hotspan found: plain data, `schemaVersion` 1. Fields that end in `Seconds` are seconds, in
 * `Usd` US dollars. What is not known is absent.
 *
 * The `criticalSeconds` of all rows sum to `latency.totalSeconds`.
 */
export interface Summary {
  readonly schemaVersion: 1;
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly services: readonly string[];
  readonly rankedBy: RankBy;
  /** From the first start to the last end of a local root. */
  readonly observedSeconds: number;
  /** The first start, since 1970; absent when there was no local root. */
  readonly observedFromEpochSeconds?: number;
  readonly traces: {
    readonly analyzed: number;
    /** Analyzed although spans were missing, or were still running when the local root ended. */
    readonly incomplete: number;
    /** Given up before their local root ended: beyond the memory limits, or open at shutdown. */
    readonly evicted: number;
    /** The sample that savings were computed from; the slowest are in it. */
    readonly replayed?: number;
  };
  readonly spans: {
    readonly analyzed: number;
    /** Ended after their local root: they count, but what came after it is on no critical path. */
    readonly late: number;
    /** Of evicted traces, or beyond the limits: calls, errors and cost count, self and critical time do not. */
    readonly dropped: number;
  };
  /** Of the local roots: how long users waited. */
  readonly latency: {
    readonly count: number;
    readonly totalSeconds: number;
    readonly p50Seconds: number;
    readonly p95Seconds: number;
    readonly p99Seconds: number;
    readonly maxSeconds: number;
    /** What the quantiles are made of, for merging; absent when it is not known. */
    readonly durations?: Durations;
  };
  readonly totals: {
    readonly llmCalls: number;
    /** LLM calls that succeeded and have no cost: an unknown model, or no usage in the response. */
    readonly unpricedCalls: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Sum over the priced calls; absent when none was priced. */
    readonly costUsd?: number;
    readonly attempts: number;
    readonly retries: number;
    /** Seconds in failed attempts and in the waits between attempts; nested ones once. */
    readonly wastedSeconds: number;
    /** USD of all that failed attempts used. */
    readonly wastedCostUsd?: number;
    /** LLM calls that a cache answered; they are not among `llmCalls`. Absent when there was none. */
    readonly cacheHits?: number;
    /** How much longer these answers took when they were made. */
    readonly cacheSavedSeconds?: number;
    /** What these answers cost when they were made, as far as it is known. */
    readonly cacheSavedUsd?: number;
    /** Segments that ended with an error; failed attempts are not among them. */
    readonly errors: number;
    /** Share of the local roots that ended without an error; absent when there is none. */
    readonly successRate?: number;
    /** All cost divided by the local roots that succeeded. */
    readonly costPerSuccessUsd?: number;
  };
  readonly bottlenecks: readonly Bottleneck[];
  /** The slowest single segments of all. */
  readonly slowest: readonly (SlowSpan & { readonly name: string; readonly service: string })[];
  readonly models: readonly ModelUsage[];
  readonly errors: readonly {
    readonly type: string;
    readonly segment: string;
    /** Absent in a summary of an older version. */
    readonly service?: string;
    readonly count: number;
  }[];
  /** What was running when the summary was made; absent when nothing was. */
  readonly running?: OpenSegments;
  /** Of the export: the figures above are complete whatever arrived. Absent when nothing is exported. */
  readonly delivery?: Delivery;
  /** What may be worth a change, the largest saving first. */
  readonly insights?: readonly Insight[];
  /** What ran inside the segments with a CPU profile; absent when there was none. */
  readonly cpuProfiles?: readonly SegmentCpuProfile[];
  /** Present when a part was kept from the export, or traces are chosen for it when they end. */
  readonly sampled?: SampledTraces;
  /** Sentences for people: what was left out, and why. */
  readonly warnings: readonly string[];
}
