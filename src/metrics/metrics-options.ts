import * as kinds from '../options.js';

/** Options of `BottleneckMetrics`. */
export interface MetricsOptions {
  /**
   * The most rows that have series of their own. The first half goes to the rows that come first, the heaviest of
   * them first; the rest to rows with at least a hundredth of all time. The others share `(other)`. A row keeps its
   * series. Default 200.
   */
  readonly maxRows?: number | undefined;
  /**
   * The names of metrics of model calls in the GenAI conventions: those of v0.1.0 (`current`), or those before them
   * (`older`: `gen_ai.client.operation.duration`, `gen_ai.client.token.usage`), which many dashboards still read.
   * Default `current`.
   */
  readonly genAiNames?: 'current' | 'older' | undefined;
}

export const METRICS_OPTIONS: kinds.Shape<MetricsOptions> = {
  maxRows: kinds.aCount,
  genAiNames: kinds.oneOf(['current', 'older']),
};

/** @throws TypeError if an option is wrong */
export function metricsSettings(
  where: string,
  options: MetricsOptions,
): kinds.Settings<MetricsOptions> {
  kinds.checkOptions(where, options, METRICS_OPTIONS);
  const { maxRows = 200, genAiNames = 'current' } = options;
  return { maxRows, genAiNames };
}
