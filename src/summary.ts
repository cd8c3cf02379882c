import type {
  Bottleneck,
  ByAttribute,
  EntryPoint,
  RankBy,
  SlowEntryPoint,
  SlowSpan,
} from './bottleneck.js';
import type { Durations } from './durations.js';
import type { Insight } from './insight.js';
import type { Pictures } from './pictures.js';

export type * from './bottleneck.js';
export type * from './insight.js';
export type * from './pictures.js';
export type { DurationHistogram, Durations } from './durations.js';

/** The calls of one model, and their cost. */
export interface ModelUsage {
  readonly provider?: string;
  readonly model?: string;
  readonly calls: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the input tokens: read from the provider's cache, and written to it. Absent where no call tells of any. */
  readonly cachedInputTokens?: number;
  readonly cacheWriteInputTokens?: number;
  /** Of the output tokens. */
  readonly reasoningOutputTokens?: number;
  readonly costUsd?: number;
  /**
   * What the cost is for: text that was written, with reasoning; input that no cache had; input from the provider's
   * cache, and what was written to it; audio, images, video, searches and other units. Absent where there is none.
   * What `costUsd` is more than these together is not told apart: of those calls only the whole cost is known.
   */
  readonly outputCostUsd?: number;
  readonly uncachedInputCostUsd?: number;
  readonly cachedInputCostUsd?: number;
  readonly cacheWriteInputCostUsd?: number;
  readonly otherCostUsd?: number;
  /** Of the cost, of whatever kind: what failed attempts used. Absent where there is none. */
  readonly wastedCostUsd?: number;
  /** Calls with a known usage, but no known price. Absent when there are none. */
  readonly unpricedCalls?: number;
  /** Calls whose cost leaves something out. Absent when there are none. */
  readonly partlyPricedCalls?: number;
}

/** The price table in use when a summary was made; of several processes the oldest. */
export interface PricesInUse {
  /** The day that the table is of. */
  readonly date: string;
}

/** One function inside a segment, as V8's profiler saw it. */
export interface FunctionTime {
  /**
   * `(anonymous)` if it has none. `(garbage collector)`, `(program)` (native code) and `(idle)` are not
   * functions: they stand for time outside all functions.
   */
  readonly name: string;
  /** The path from the working directory, or from `node_modules`. Absent if it is in no file. */
  readonly file?: string;
  /** The line where the function begins, from 1. */
  readonly line?: number;
  /** How many samples had it on the stack. */
  readonly samples: number;
  /** Time in the function itself. */
  readonly selfSeconds: number;
  /** Time in the function and in everything that it called. Recursion counts once. */
  readonly totalSeconds: number;
  /** `selfSeconds` as a share of the segment's `seconds`, 0 to 1. */
  readonly share: number;
}

/** The CPU profile of one row. */
export interface SegmentCpuProfile {
  readonly segment: string;
  readonly service?: string;
  /** How many calls were profiled. */
  readonly calls: number;
  /** CPU time of its code and of the profiled segments inside it, without waits. */
  readonly seconds: number;
  readonly samples: number;
  /** `true` if every sample surely belongs to this segment. Otherwise `note` says why not. */
  readonly exact: boolean;
  readonly note?: string;
  /**
   * The functions with the most self time and those with the most total time, by self time. The code of a
   * profiled segment inside this one counts toward the total time here, and the self time there.
   */
  readonly functions: readonly FunctionTime[];
}

/** A segment that has started and not ended. */
export interface OpenSegment extends SlowSpan {
  readonly name: string;
  /** What its row is called, if that is not its name: an attempt counts for its operation. */
  readonly row?: string;
  readonly service: string;
  /** How many segments directly inside it are open. If there are none, the others wait for this one. */
  readonly openChildren: number;
}

/** The segments that have started and not ended. */
export interface OpenSegments {
  /** How many there are. */
  readonly count: number;
  /** The 20 that have been open longest, the longest first. */
  readonly longest: readonly OpenSegment[];
}

/**
 * What an experiment measured of one row: it made the row slower for short periods. Times are seconds of a trace, on
 * average over all traces.
 */
export interface ExperimentResult {
  readonly segment: string;
  readonly service: string;
  /** How much longer a trace takes for each second by which the row is slower. */
  readonly slope: number;
  /** What traces would be shorter by if the row's own work took no time: the slope times that work. */
  readonly savingSecondsPerTrace: number;
  /** The ends of the 95 % interval of `savingSecondsPerTrace`. */
  readonly lowSecondsPerTrace: number;
  readonly highSecondsPerTrace: number;
  /** The row's `savingSeconds` by replay, divided by the traces. */
  readonly predictedSecondsPerTrace?: number;
  /** The periods that were compared: half of them slower. */
  readonly periods: number;
}

/** The spans on their way to a receiver: `ended` is the sum of `delivered`, `dropped` and `pending`. */
export interface Delivery {
  /** The address of the receiver, without credentials. Absent when spans are not sent. */
  readonly endpoint?: string;
  readonly ended: number;
  readonly delivered: number;
  /** Given up: as far as is known, they did not arrive. */
  readonly dropped: number;
  /** Waiting, or on their way. */
  readonly pending: number;
  /** Why spans were last dropped, or do not arrive now. */
  readonly reason?: string;
}

/** The parts of all traces that a summary is of, where they were divided by the ids of traces. */
export interface Shards {
  /** How many parts there are. */
  readonly of: number;
  /** Which of them are in the summary, from 1, in their order. */
  readonly indexes: readonly number[];
}

/** What could not be read of the sources, so that the figures lack it. */
export interface Unread {
  /** Damaged pieces: lines, documents or messages of which something was left out, and the ends of cut files. */
  readonly damaged: number;
  /** Spans without a usable id. */
  readonly spans: number;
}

/** The traces that sampling exported. All traces are ranked. */
export interface SampledTraces {
  /** Traces that ended, and those that tail sampling decided on earlier. */
  readonly traces: number;
  /** How many of them go on to the exporter. */
  readonly exported: number;
  /** How many spans do not. */
  readonly spansLeftOut: number;
}

/**
 * The findings of hotspan: plain data, `schemaVersion` 1. Fields that end in `Seconds` are seconds, those
 * that end in `Usd` US dollars. Unknown figures are absent. The `criticalSeconds` of all rows add up to
 * `latency.totalSeconds`.
 */
export interface Summary {
  readonly schemaVersion: 1;
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly services: readonly string[];
  readonly rankedBy: RankBy;
  /** Time from the first start to the last end of a local root. */
  readonly observedSeconds: number;
  /** The first start, since 1970. Absent when there was no local root. */
  readonly observedFromEpochSeconds?: number;
  readonly traces: {
    readonly analyzed: number;
    /** Analyzed although spans were missing, or still running when the local root ended. */
    readonly incomplete: number;
    /** Given up before their local root ended: beyond the memory limits, or open at shutdown. */
    readonly evicted: number;
    /** The size of the sample that savings were computed from. It includes the slowest. */
    readonly replayed?: number;
  };
  readonly spans: {
    readonly analyzed: number;
    /** Ended more than 0.1 s after their local root. They count, but are on no critical path after it. */
    readonly late: number;
    /** The rows that most late spans were of, those of consumers and servers left out. Absent if none was. */
    readonly lateMost?: readonly {
      readonly segment: string;
      readonly service: string;
      readonly count: number;
    }[];
    /** In evicted traces, or beyond the limits: calls, errors and cost count, other times do not. */
    readonly dropped: number;
  };
  /** How long users waited: the durations of all local roots, health checks and start-up among them. */
  readonly latency: {
    readonly count: number;
    readonly totalSeconds: number;
    readonly p50Seconds: number;
    readonly p95Seconds: number;
    readonly p99Seconds: number;
    readonly maxSeconds: number;
    /** The durations behind the quantiles, for merging. Absent when they are unknown. */
    readonly durations?: Durations;
    /** `totalSeconds` in the groups of traces that the rows' intervals come from. */
    readonly groups?: readonly number[];
  };
  readonly totals: {
    readonly llmCalls: number;
    /** LLM calls that succeeded, but have no cost: an unknown model, or a response without usage. */
    readonly unpricedCalls: number;
    /** Calls whose cost leaves something out; `warnings` say what. Absent when there are none. */
    readonly partlyPricedCalls?: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Cost of the priced calls. Absent when none has a price. */
    readonly costUsd?: number;
    readonly attempts: number;
    readonly retries: number;
    /** Time in failed attempts, and in the waits between attempts. Nested ones count once. */
    readonly wastedSeconds: number;
    /** Cost of all failed attempts. */
    readonly wastedCostUsd?: number;
    /** LLM calls that a cache answered. They do not count as `llmCalls`. Absent when there were none. */
    readonly cacheHits?: number;
    /** How much longer these answers took when a model gave them. */
    readonly cacheSavedSeconds?: number;
    /** The known cost of these answers when a model gave them. */
    readonly cacheSavedUsd?: number;
    /** Segments that ended with an error. Failed attempts do not count. */
    readonly errors: number;
    /** Share of the local roots that ended without an error. Absent when there are none. */
    readonly successRate?: number;
    /** The whole cost, divided by the local roots that succeeded. */
    readonly costPerSuccessUsd?: number;
  };
  readonly bottlenecks: readonly Bottleneck[];
  /**
   * The entry points, most total time first: at most 100, further ones share `(other)`. Their calls and
   * times add up to those of `latency`. Absent in summaries of older versions.
   */
  readonly entryPoints?: readonly EntryPoint[];
  /** By whom: the values of attributes that were asked for. Absent when none was. */
  readonly by?: readonly ByAttribute[];
  /**
   * What makes the slow traces slow, by entry point: at most 20, most time beyond the typical first. Absent where
   * there are too few traces to say.
   */
  readonly slow?: readonly SlowEntryPoint[];
  /** The slowest segments of all. */
  readonly slowest: readonly (SlowSpan & { readonly name: string; readonly service: string })[];
  readonly models: readonly ModelUsage[];
  readonly errors: readonly {
    readonly type: string;
    readonly segment: string;
    /** Absent in summaries of older versions. */
    readonly service?: string;
    readonly count: number;
  }[];
  /**
   * The rows that most late spans were of; nobody waits for consumers and servers, which are left out. Absent
   * if there was none.
   */
  readonly lateSegments?: readonly {
    readonly segment: string;
    readonly service: string;
    readonly count: number;
  }[];
  /** The open segments when the summary was made. Absent when there were none. */
  readonly running?: OpenSegments;
  /** The state of the export. The figures are complete, whatever arrived. Absent without an export. */
  readonly delivery?: Delivery;
  /** Observations that may be worth a change, the largest saving first. */
  readonly insights?: readonly Insight[];
  /** The CPU profiles of segments. Absent when there are none. */
  readonly cpuProfiles?: readonly SegmentCpuProfile[];
  /** What was measured by making segments slower. Absent without an experiment. */
  readonly experiments?: readonly ExperimentResult[];
  /** Absent when all traces are exported. */
  readonly sampled?: SampledTraces;
  /** Which part of the traces it is of. Absent when it is not of a part. */
  readonly shards?: Shards;
  /** What could not be read of files and servers; `warnings` say where. Absent when everything was. */
  readonly unread?: Unread;
  /** The price table, where it lacks a price that was asked for, or is older than 90 days. Else absent. */
  readonly prices?: PricesInUse;
  /** What the page draws. Absent in summaries of older versions. */
  readonly pictures?: Pictures;
  /** Sentences for people that say what was left out, and why. */
  readonly warnings: readonly string[];
}
