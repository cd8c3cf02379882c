import * as kinds from '../options.js';
import { RANK_BY } from '../ranking/rank-rows.js';
import type { RankBy } from '../summary.js';
import type { GroupName } from '../trace/group-name.js';

/** Which traces `readSummary` takes, and how it ranks them. */
export interface ReadOptions {
  /** Read only traces with a span of this service. A Jaeger with several services needs it. */
  readonly service?: string | undefined;
  /**
   * Read only traces that started since then: `30m`, `1h` or `2d` before now, an ISO time, a `Date`, or
   * milliseconds since the epoch. Default: all traces of a file, those of the last hour of a server.
   */
  readonly since?: string | Date | number | undefined;
  /**
   * Read only traces in which a span, or its row, has this name. A Jaeger looks for it among the spans of
   * the service first.
   */
  readonly name?: string | undefined;
  /**
   * Rank only the traces of this entry point: the name of their local root, as the summary's `entryPoints` have
   * it, or `service/name`. Default: all.
   */
  readonly entry?: string | undefined;
  /**
   * The attributes to group by, such as `session.id`, or in short `session`, `user`, `tenant`, `route`, `agent` or
   * `tool`: who the traces, their time and their cost are of. Values are taken from spans and their resources, and
   * stand in the summary. Default: none.
   */
  readonly by?: string | readonly string[] | undefined;
  /**
   * Read only the traces of one part, such as `3/16`: a hash of a trace's id decides on its part. Each trace is in one of
   * 1/16 to 16/16, and `mergeSummaries` of their summaries finds what one process would. Default: all.
   */
  readonly shard?: string | undefined;
  /** The order of the rows. Default `critical`, or the order that a saved summary has. */
  readonly rankBy?: RankBy | undefined;
  /** The most rows to keep; further names share the row `(other)`. Default 1,000. */
  readonly maxRows?: number | undefined;
  /** Count attempts, and the HTTP requests inside LLM calls, toward their operation. Default true. */
  readonly fold?: boolean | undefined;
  /**
   * Returns the name of the row of a span; not asked about LLM calls. Default: names that differ only in
   * parameters and ids share one.
   */
  readonly groupName?: GroupName | undefined;
  /** The most traces to ask a server for, the newest first. Default: 1,000 of a Jaeger, all of a ClickHouse. */
  readonly limit?: number | undefined;
  /**
   * How long a server may take to answer, and to go on with its answer, in milliseconds. Default: 60,000 for a Jaeger;
   * 300,000, which is also the most, for a ClickHouse, which sorts before it answers.
   */
  readonly timeoutMillis?: number | undefined;
  /** The present, in milliseconds since the epoch. Default `Date.now()`. */
  readonly nowEpochMillis?: number | undefined;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
  /** Is told, a few times for each megabyte, how much of a source was read. Default: nobody is. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** How far the reading of a source has come. */
export interface ReadProgress {
  readonly source: string;
  /** 0 while a server has not answered. */
  readonly readBytes: number;
  /** Absent for standard input and servers. */
  readonly allBytes?: number;
}

export const TRACE_OPTIONS: kinds.Shape<Omit<ReadOptions, 'rankBy' | 'by'>> = {
  service: kinds.aString,
  since: kinds.aValue(
    'a time span such as 30m, an ISO time, a Date or a number',
    (value) => ['string', 'number'].includes(typeof value) || value instanceof Date,
  ),
  name: kinds.aString,
  entry: kinds.aName,
  shard: kinds.aString,
  maxRows: kinds.aCount,
  fold: kinds.aBoolean,
  groupName: kinds.aFunction,
  limit: kinds.aCount,
  timeoutMillis: kinds.aPositiveNumber,
  nowEpochMillis: kinds.aPositiveNumber,
  signal: kinds.aSignal,
  onProgress: kinds.aFunction,
};

const rankBy = kinds.oneOf(RANK_BY);
export const READ_OPTIONS: kinds.Shape<ReadOptions> = { ...TRACE_OPTIONS, rankBy, by: kinds.names };
