import * as kinds from '../options.js';

/** Options of `BottleneckMetrics`. */
export interface MetricsOptions {
  /**
   * The most rows that have series of their own. The first half goes to the rows that come first, the heaviest of
   * them first; the rest to rows with at least a hundredth of all time. The others share `(other)`. A row keeps its
   * series. Default 200.
   */
  readonly maxRows?: number | undefined;
}

export const METRICS_OPTIONS: kinds.Shape<MetricsOptions> = { maxRows: kinds.aCount };

/** @throws TypeError if an option is wrong */
export function metricsSettings(
  where: string,
  options: MetricsOptions,
): kinds.Settings<MetricsOptions> {
  kinds.checkOptions(where, options, METRICS_OPTIONS);
  const { maxRows = 200 } = options;
  return { maxRows };
}
