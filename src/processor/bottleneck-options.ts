import { groupName } from '../trace/group-name.js';
import type { RankBy } from '../summary.js';
import { requireRankBy } from '../ranking/rank-rows.js';
import { requireCount, requireFunction, requireOptions, wrongUse } from '../errors.js';

/** Limits and choices of a `BottleneckSpanProcessor`. */
export interface BottleneckOptions {
  /** What the rows are ordered by. Default `critical`. */
  readonly rankBy?: RankBy | undefined;
  /** Traces that may be open at once; the oldest is given up beyond. Default 10,000. */
  readonly maxTraces?: number | undefined;
  /** Spans kept of one trace. Default 100,000. */
  readonly maxSpansPerTrace?: number | undefined;
  /** Spans kept of all open traces; the oldest trace is given up beyond. Default 200,000. */
  readonly maxSpans?: number | undefined;
  /** Rows kept; further names share the row `(other)`. Default 1,000. */
  readonly maxRows?: number | undefined;
  /**
   * Whether attempts, and the HTTP client spans inside LLM calls, count as parts of their operation
   * instead of as rows of their own. Default true.
   */
  readonly fold?: boolean | undefined;
  /**
   * Gives the name of the row that spans of a name belong to; not asked about LLM calls. Default: ids,
   * numbers and other data in names are replaced, see `groupName`. `(name) => name` keeps all apart.
   */
  readonly groupName?: ((name: string) => string) | undefined;
}

/** The options with their defaults. */
export type BottleneckSettings = {
  readonly [Key in keyof BottleneckOptions]-?: NonNullable<BottleneckOptions[Key]>;
};

const DEFAULTS: BottleneckSettings = {
  rankBy: 'critical',
  maxTraces: 10_000,
  maxSpansPerTrace: 100_000,
  maxSpans: 200_000,
  maxRows: 1_000,
  fold: true,
  groupName,
};

/**
 * The settings that the options ask for.
 *
 * @throws TypeError when an option is wrong
 */
export function settingsOf(options: BottleneckOptions): BottleneckSettings {
  const where = 'BottleneckSpanProcessor';
  requireOptions(where, options, Object.keys(DEFAULTS));
  requireCount(where, '`maxTraces`', options.maxTraces);
  requireCount(where, '`maxSpansPerTrace`', options.maxSpansPerTrace);
  requireCount(where, '`maxSpans`', options.maxSpans);
  requireCount(where, '`maxRows`', options.maxRows);
  requireRankBy(where, options.rankBy);
  if (options.groupName !== undefined) {
    requireFunction(where, '`groupName`', options.groupName);
  }
  if (options.fold !== undefined && typeof options.fold !== 'boolean') {
    throw wrongUse(where, '`fold` to be true or false', options.fold);
  }
  return {
    rankBy: options.rankBy ?? DEFAULTS.rankBy,
    maxTraces: options.maxTraces ?? DEFAULTS.maxTraces,
    maxSpansPerTrace: options.maxSpansPerTrace ?? DEFAULTS.maxSpansPerTrace,
    maxSpans: options.maxSpans ?? DEFAULTS.maxSpans,
    maxRows: options.maxRows ?? DEFAULTS.maxRows,
    fold: options.fold ?? DEFAULTS.fold,
    groupName: options.groupName ?? DEFAULTS.groupName,
  };
}
