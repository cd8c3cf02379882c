import { diffOverall } from './diff.js';
import type { FigureChange } from './figure-change.js';
import { requireSummary } from './require-summary.js';
import { defined } from './row.js';
import type { Summary } from './summary.js';

/** One figure of two configurations. A side where it is not known is absent. */
export interface Change {
  readonly baseline?: number;
  readonly candidate?: number;
  /** candidate ÷ baseline; absent when a side is, or the baseline is 0. */
  readonly ratio?: number;
}

/** Two configurations side by side, by what a user of them notices. */
export interface Comparison {
  /** Share of the local roots that ended without an error. */
  readonly successRate: Change;
  /** All cost divided by the local roots that succeeded: the cost of pass. */
  readonly costPerSuccessUsd: Change;
  readonly p50Seconds: Change;
  readonly p95Seconds: Change;
  /** Input and output tokens, divided by the local roots. */
  readonly tokensPerTrace: Change;
  /** 1 − the ratio of the costs per success: 0.4 is 40 % cheaper. */
  readonly costReduction?: number;
  /** The ratio of the success rates: 0.9 keeps 90 % of the successes. */
  readonly successRetention?: number;
}

/**
 * Compares two configurations, for example a model and a cheaper one, from a summary of each. The
 * measure of cost is the cost of pass: all cost, that of failures too, divided by the successes. The
 * figures are those of `diffSummaries`, which also says what is noise, and what changed in each row.
 *
 * ```ts
 * import { BottleneckSpanProcessor, compare, comparisonToText } from 'hotspan';
 *
 * const before = new BottleneckSpanProcessor().summary();
 * const after = new BottleneckSpanProcessor().summary();
 * console.log(comparisonToText(compare(before, after)));
 * ```
 *
 * @throws TypeError when one of them is not a summary
 */
export function compare(baseline: Summary, candidate: Summary): Comparison {
  requireSummary('compare', '`baseline`', baseline);
  requireSummary('compare', '`candidate`', candidate);
  const overall = diffOverall(baseline, candidate);
  const successRate = changeOf(overall.successRate);
  const costPerSuccessUsd = changeOf(overall.costPerSuccessUsd);
  return {
    successRate,
    costPerSuccessUsd,
    p50Seconds: changeOf(overall.p50Seconds),
    p95Seconds: changeOf(overall.p95Seconds),
    tokensPerTrace: changeOf(overall.tokensPerTrace),
    ...(costPerSuccessUsd.ratio === undefined
      ? {}
      : { costReduction: 1 - costPerSuccessUsd.ratio }),
    ...(successRate.ratio === undefined ? {} : { successRetention: successRate.ratio }),
  };
}

function changeOf({ before, after, ratio }: FigureChange): Change {
  return defined({ baseline: before, candidate: after, ratio });
}
