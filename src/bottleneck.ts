import type { Durations } from './durations.js';

/** The order of a summary's rows. */
export type RankBy = 'critical' | 'saving' | 'self' | 'total' | 'p95' | 'cost' | 'waste';

/** One slow span, to open in a tracing UI. */
export interface SlowSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly seconds: number;
}

/** One row of the ranking: all spans of one name and service. Times in seconds, money in USD. */
export interface Bottleneck {
  /** From 1. */
  readonly rank: number;
  /** The best rank that it may really have: it cannot be told apart from the row there. Absent when it is its own. */
  readonly mayRank?: number;
  readonly name: string;
  readonly service: string;
  readonly calls: number;
  readonly errors: number;
  /** The calls' durations, added up. */
  readonly totalSeconds: number;
  /** Total time without the time in direct children. */
  readonly selfSeconds: number;
  /** Time of the local roots in which all else waited for this row. */
  readonly criticalSeconds: number;
  /** `criticalSeconds` as a share of all local roots' time, 0 to 1. */
  readonly criticalShare: number;
  /**
   * Between these the share would be in 95 of 100 cases, if there were no end of traces. Absent when there are too few
   * traces to say.
   */
  readonly criticalLowShare?: number;
  readonly criticalHighShare?: number;
  /** How much shorter traces would be if its own work took no time; at most `criticalSeconds`. */
  readonly savingSeconds?: number;
  /** Between these it would be in 95 of 100 cases, for traces that took as long together. */
  readonly savingLowSeconds?: number;
  readonly savingHighSeconds?: number;
  /** `criticalSeconds` and `savingSeconds` in 16 groups of traces, for merging: the intervals come from them. */
  readonly criticalGroups?: readonly number[];
  /** Absent when the saving is the same share of the critical time in all groups. */
  readonly savingGroups?: readonly number[];
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  readonly p99Seconds: number;
  readonly maxSeconds: number;
  /** The durations behind the quantiles, for merging. Absent when they are unknown. */
  readonly durations?: Durations;
  /** Cost of the priced calls. Absent when none has a price. */
  readonly costUsd?: number;
  /** Cost of the calls and of everything inside them: the cost of an agent. */
  readonly totalCostUsd?: number;
  /** Calls whose cost leaves something out; `warnings` say what. Absent when there are none. */
  readonly partlyPricedCalls?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Time to the first token of streamed calls. Absent where no call tells it. */
  readonly firstTokenP50Seconds?: number;
  readonly firstTokenP95Seconds?: number;
  /** The times behind these quantiles, for merging. */
  readonly firstTokens?: Durations;
  /** How many attempts there were. Absent when the segment is not a retried operation. */
  readonly attempts?: number;
  /** Attempts beyond the first of each operation. */
  readonly retries?: number;
  /** Time in failed attempts, and in the waits between attempts. */
  readonly wastedSeconds?: number;
  /** Cost of this segment's failed attempts, without nested operations. */
  readonly wastedCostUsd?: number;
  /** The rows that it waited for, most time first: that time is in their `criticalSeconds`. */
  readonly waitsFor?: readonly WaitFor[];
  /**
   * The row that would take over if this one took no time, and how much more critical time it would have then: a
   * branch beside it. Present where less than half of `criticalSeconds` can be saved.
   */
  readonly takenOverBy?: WaitFor;
  /** Why `savingSeconds` may be wrong; absent where nothing speaks against it. */
  readonly savingDoubt?: SavingDoubt;
  /** What of `criticalSeconds` nothing worked in: a timer ran, a user thought, a queue was empty. */
  readonly idleSeconds?: number;
  /** What of `selfSeconds` its synchronous code blocked the event loop for. Absent where no span tells it. */
  readonly blockedSeconds?: number;
  /**
   * At most so much of the row's `totalSeconds` is in the row `(other)` instead, from before it had a row of its own;
   * of `(other)` itself: of any one name. Absent when it is nothing.
   */
  readonly inOtherSeconds?: number;
  /** The slowest spans of the row, slowest first. */
  readonly slowest: readonly SlowSpan[];
}

/**
 * Why the saving of a row may be wrong: its calls lose races, and would win them if they were faster; calls ended
 * because a timer did; it waited for something that no span tells of, or may have, in a trace of more than 16,384
 * spans; or it read streams whose items were there before it asked for them, so that nobody knows how fast they would come.
 */
export type SavingDoubt = 'race' | 'timeout' | 'unknown-wait' | 'stream';

/** Another row, and for how many seconds of critical time one waits for it, or would. */
export interface WaitFor {
  readonly row: string;
  readonly service: string;
  readonly seconds: number;
}

/** One kind of request or job: all local roots of one name and service. `costUsd` is of all calls inside. */
export type EntryPoint = Pick<
  Bottleneck,
  | ('name' | 'service' | 'calls' | 'errors' | 'totalSeconds' | 'durations' | 'costUsd')
  | ('p50Seconds' | 'p95Seconds' | 'p99Seconds' | 'maxSeconds')
>;

/** One row in the slowest 5 % of an entry point's traces, beside the typical ones: those from p25 to p75. */
export interface SlowRow {
  readonly name: string;
  readonly service: string;
  /** Its critical time in a slow trace, on average. */
  readonly slowSeconds: number;
  /** Its critical time in a typical trace, on average. */
  readonly typicalSeconds: number;
  /** `slowSeconds` as a share of the slow traces' time, 0 to 1. */
  readonly slowShare: number;
  /** `typicalSeconds` as a share of the typical traces' time, 0 to 1. */
  readonly typicalShare: number;
  /** In how many of the slow traces it took more time beyond the typical than any other row. */
  readonly traces: number;
  /** `true` if it makes the slow ones slow: more, and more often, than its share of the time explains. */
  readonly isCause?: true;
  /** The slowest of these traces, by their local roots. */
  readonly slowest: readonly SlowSpan[];
}

/** What the slowest 5 % of an entry point's traces wait for, from samples of them and of the typical ones. */
export interface SlowEntryPoint {
  readonly name: string;
  readonly service: string;
  /** All local roots of the entry point. */
  readonly calls: number;
  /** The p95 of all: the slow ones took longer. */
  readonly beyondSeconds: number;
  /** How many of the slowest were looked at. */
  readonly slowTraces: number;
  /** What these took, on average. */
  readonly slowSeconds: number;
  /** How many of the typical ones were looked at. */
  readonly typicalTraces: number;
  /** What these took, on average. */
  readonly typicalSeconds: number;
  /** At most 10; the one that adds most to the slow ones comes first. */
  readonly rows: readonly SlowRow[];
}

/**
 * Everything that one value of an attribute has: a user, a session, a tool. `calls` are the traces of the value, or
 * the spans that begin it where a trace has several. Times of calls are whole; the other figures are of the spans
 * that have the value, or are inside one that has and tell no other, so that those of all values add up.
 */
export interface ByValue extends Pick<
  Bottleneck,
  | ('calls' | 'errors' | 'totalSeconds' | 'criticalSeconds' | 'criticalShare' | 'durations')
  | ('p50Seconds' | 'p95Seconds' | 'p99Seconds' | 'maxSeconds')
  | ('costUsd' | 'wastedSeconds' | 'wastedCostUsd')
> {
  /** `(other)` for all values that there was no room for, `(none)` for what has no value. */
  readonly value: string;
  /** `true` if its figures may be higher: what is missing is in `(other)`. */
  readonly isAtLeast?: true;
}

/** The values of one attribute, the dearest first: by cost, or by critical time where no cost is known. */
export interface ByAttribute {
  /** As it was asked for. */
  readonly attribute: string;
  /** At most 1,000, `(other)` and `(none)`. */
  readonly values: readonly ByValue[];
}
