import { BottleneckMetrics } from '../metrics/bottleneck-metrics.js';
import * as kinds from '../options.js';
import { RANK_BY } from '../ranking/rank-rows.js';
import type { RankBy } from '../summary.js';
import type { GroupName } from '../trace/group-name.js';

/** Options of a `BottleneckSpanProcessor`. */
export interface BottleneckOptions {
  /** The figure that orders the rows. Default `critical`. */
  readonly rankBy?: RankBy | undefined;
  /**
   * The most traces that may be open at once. Beyond, a part of them is given up, chosen by a hash of their trace ids:
   * slow traces are as likely to stay as fast ones. Default 10,000.
   */
  readonly maxTraces?: number | undefined;
  /** The most spans to keep of one trace. Default 100,000. */
  readonly maxSpansPerTrace?: number | undefined;
  /** The most spans to keep of all open traces. Beyond, traces are given up in the same way. Default 200,000. */
  readonly maxSpans?: number | undefined;
  /** The most rows to keep: of the names that take and cost most. The others share `(other)`. Default 1,000. */
  readonly maxRows?: number | undefined;
  /** Count attempts, and HTTP client spans inside LLM calls, toward their operation. Default true. */
  readonly fold?: boolean | undefined;
  /**
   * Returns the name of the row that a span belongs to, from its name, kind and attributes. It is called when
   * the span ends, but once for all spans of a name that have no attributes, and not for LLM calls. Default:
   * ids, numbers and other data in names are replaced, see `groupName`. `(name) => name` keeps every
   * name apart; `(name, { attributes }) => name + attributes['app.tenant']` ranks tenants apart.
   */
  readonly groupName?: GroupName | undefined;
  /**
   * Rank only the traces of this entry point: the name of their local root, as the summary's `entryPoints`
   * have it. Default: all.
   */
  readonly entry?: string | undefined;
  /**
   * The attributes to group by, such as `session.id`, or in short `session`, `user`, `tenant`, `route`, `agent` or
   * `tool`: who the traces, their time and their cost are of, see `by` in the summary, which then has their values.
   * Keeps the 1,000 heaviest values of each. Default: none.
   */
  readonly by?: string | readonly string[] | undefined;
  /** Count what is found as metrics, too. Default: none. */
  readonly metrics?: BottleneckMetrics | undefined;
}

export const BOTTLENECKS: kinds.Shape<BottleneckOptions> = {
  rankBy: kinds.oneOf(RANK_BY),
  maxTraces: kinds.aCount,
  maxSpansPerTrace: kinds.aCount,
  maxSpans: kinds.aCount,
  maxRows: kinds.aCount,
  fold: kinds.aBoolean,
  groupName: kinds.aFunction,
  entry: kinds.aName,
  by: kinds.names,
  metrics: kinds.aValue('a BottleneckMetrics', (value) => value instanceof BottleneckMetrics),
};

type NoDefault = 'groupName' | 'entry' | 'by' | 'metrics';

/** The options with their defaults; those without a default may be absent. */
export type BottleneckSettings = kinds.Settings<Omit<BottleneckOptions, NoDefault>> &
  Pick<BottleneckOptions, NoDefault>;

/** @throws TypeError if an option is wrong */
export function settingsOf(options: BottleneckOptions): BottleneckSettings {
  kinds.checkOptions('BottleneckSpanProcessor', options, BOTTLENECKS);
  const { maxTraces = 10_000, maxSpansPerTrace = 100_000, maxSpans = 200_000 } = options;
  const { rankBy = 'critical', maxRows = 1_000, fold = true, groupName } = options;
  const { entry, by, metrics } = options;
  return {
    ...{ rankBy, maxTraces, maxSpansPerTrace, maxSpans, maxRows, fold },
    ...{ groupName, entry, by, metrics },
  };
}
