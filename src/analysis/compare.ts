import { requireObject, wrongUse } from '../errors.js';
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
 * measure of cost is the cost of pass: all cost, that of failures too, divided by the successes.
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
  requireSummary('`baseline`', baseline);
  requireSummary('`candidate`', candidate);
  const change = (figure: (summary: Summary) => number | undefined) =>
    changeOf(figure(baseline), figure(candidate));
  const ofTraces = (pick: (latency: Summary['latency']) => number) =>
    change(({ latency }) => (latency.count > 0 ? pick(latency) : undefined));
  const successRate = change(({ totals }) => totals.successRate);
  const costPerSuccessUsd = change(({ totals }) => totals.costPerSuccessUsd);
  return {
    successRate,
    costPerSuccessUsd,
    p50Seconds: ofTraces(({ p50Seconds }) => p50Seconds),
    p95Seconds: ofTraces(({ p95Seconds }) => p95Seconds),
    tokensPerTrace: change(({ totals, latency }) =>
      latency.count > 0 ? (totals.inputTokens + totals.outputTokens) / latency.count : undefined,
    ),
    ...(costPerSuccessUsd.ratio === undefined
      ? {}
      : { costReduction: 1 - costPerSuccessUsd.ratio }),
    ...(successRate.ratio === undefined ? {} : { successRetention: successRate.ratio }),
  };
}

function changeOf(baseline: number | undefined, candidate: number | undefined): Change {
  const isKnown = baseline !== undefined && candidate !== undefined && baseline > 0;
  return {
    ...(baseline === undefined ? {} : { baseline }),
    ...(candidate === undefined ? {} : { candidate }),
    ...(isKnown ? { ratio: candidate / baseline } : {}),
  };
}

function requireSummary(what: string, summary: Summary | undefined): void {
  requireObject('compare', what, summary);
  const { totals, latency } = Object(summary) as Partial<Summary>;
  if (totals === undefined || latency === undefined) {
    throw wrongUse('compare', `${what} to be a summary`, summary);
  }
}
