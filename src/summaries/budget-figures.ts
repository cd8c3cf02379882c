import type { Bottleneck, Summary } from '../summary.js';

/** What a limit is in: seconds, US dollars, a share of 1, or a count. */
export type BudgetUnit = 'seconds' | 'usd' | 'share' | 'count';

/** What a summary tells of a figure. */
export interface Reading {
  /** Absent when it is not known. */
  readonly value?: number | undefined;
  /** Why there is no value, or why it is only the least that it may be. */
  readonly lacks?: string | undefined;
}

/** A figure that a budget can be set on. */
export interface Figure {
  readonly unit: BudgetUnit;
  /** For people. */
  readonly means: string;
  /** Absent when it is only of a segment. */
  readonly ofAll?: (summary: Summary) => Reading;
  /** Absent when it is only of all traces. */
  readonly ofRow?: (row: Bottleneck, summary: Summary) => Reading;
}

type Figures = Readonly<Record<string, Figure>>;

const NO_TRACE = 'no trace has ended';
const NO_CALL = 'no call of it has ended';
const NO_PRICE = 'no call has a known price';
const NO_USAGE = 'no response had its token usage';

function known(value: number | undefined, otherwise: string): Reading {
  return value !== undefined && Number.isFinite(value) ? { value } : { lacks: otherwise };
}

/** Of the calls, which there are: 0 of none would keep any budget. */
function ofCalls(pick: (row: Bottleneck) => number) {
  return (row: Bottleneck): Reading => known(row.calls > 0 ? pick(row) : undefined, NO_CALL);
}

function ofTraces(pick: (summary: Summary) => number | undefined) {
  return (summary: Summary): Reading =>
    known(summary.latency.count > 0 ? pick(summary) : undefined, NO_TRACE);
}

/** A cost of all traces: where calls are unpriced it is the least that it may be. */
function ofPriced(pick: (totals: Summary['totals']) => number | undefined) {
  return ({ totals }: Summary): Reading => {
    const cost = known(pick(totals), NO_PRICE);
    if (cost.value === undefined || totals.unpricedCalls === 0) return cost;
    return { ...cost, lacks: `LLM calls without a known price: ${totals.unpricedCalls}` };
  };
}

function quantile(key: 'p50Seconds' | 'p95Seconds' | 'p99Seconds' | 'maxSeconds', means: string) {
  return {
    unit: 'seconds',
    means,
    ofAll: ofTraces(({ latency }) => latency[key]),
    ofRow: ofCalls((row) => row[key]),
  } as const satisfies Figure;
}

function tokensOf(input = 0, output = 0): Reading {
  return known(input + output > 0 ? input + output : undefined, NO_USAGE);
}

/** Figures that are no sums. */
const MEASURES: Figures = {
  p50: quantile('p50Seconds', 'the time that half of the traces, or calls, stay within'),
  p95: quantile('p95Seconds', 'the time that 95 % of them stay within'),
  p99: quantile('p99Seconds', 'the time that 99 % of them stay within'),
  max: quantile('maxSeconds', 'the time of the slowest'),
  share: {
    unit: 'share',
    means: 'critical time as a part of the time of all traces',
    ofRow: ({ criticalShare }) => known(criticalShare, NO_TRACE),
  },
  'error-rate': {
    unit: 'share',
    means: 'the part of the traces, or calls, that failed',
    ofAll: ofTraces(({ totals: { successRate = NaN } }) => 1 - successRate),
    ofRow: ofCalls(({ errors, calls }) => errors / calls),
  },
  'success-rate': {
    unit: 'share',
    means: 'the part of them that did not fail',
    ofAll: ofTraces(({ totals: { successRate } }) => successRate),
    ofRow: ofCalls(({ errors, calls }) => 1 - errors / calls),
  },
  'cost-per-success': {
    unit: 'usd',
    means: 'the cost of all traces, divided by those that succeeded',
    ofAll: ofPriced(({ costPerSuccessUsd }) => costPerSuccessUsd),
  },
  traces: {
    unit: 'count',
    means: 'how many traces ended',
    ofAll: ({ latency }) => known(latency.count, NO_TRACE),
  },
};

/** Sums over all traces of the summary; each has a figure `…-per-trace` as well. */
const SUMS: Figures = {
  total: {
    unit: 'seconds',
    means: 'the time of all traces, or calls, together',
    ofAll: ofTraces(({ latency }) => latency.totalSeconds),
    ofRow: ofCalls(({ totalSeconds }) => totalSeconds),
  },
  self: {
    unit: 'seconds',
    means: 'the segment’s own time, without its children',
    ofRow: ({ selfSeconds }) => known(selfSeconds, NO_CALL),
  },
  critical: {
    unit: 'seconds',
    means: 'the time in which everything waited for the segment',
    ofRow: ({ criticalSeconds }) => known(criticalSeconds, NO_CALL),
  },
  waste: {
    unit: 'seconds',
    means: 'the time in failed attempts, and in the waits between attempts',
    ofAll: ofTraces(({ totals }) => totals.wastedSeconds),
    ofRow: ofCalls(({ wastedSeconds = 0 }) => wastedSeconds),
  },
  cost: {
    unit: 'usd',
    means: 'US dollars',
    ofAll: ofPriced(({ costUsd }) => costUsd),
    ofRow: ({ costUsd }) => known(costUsd, NO_PRICE),
  },
  tokens: {
    unit: 'count',
    means: 'input and output tokens',
    ofAll: ({ totals }) => tokensOf(totals.inputTokens, totals.outputTokens),
    ofRow: ({ inputTokens, outputTokens }) => tokensOf(inputTokens, outputTokens),
  },
  calls: {
    unit: 'count',
    means: 'how often the segment was called',
    ofRow: ({ calls }) => known(calls, NO_CALL),
  },
  'llm-calls': {
    unit: 'count',
    means: 'how many LLM calls were made',
    ofAll: ofTraces(({ totals }) => totals.llmCalls),
  },
  retries: {
    unit: 'count',
    means: 'attempts beyond the first of each operation',
    ofAll: ofTraces(({ totals }) => totals.retries),
    ofRow: ofCalls(({ retries = 0 }) => retries),
  },
  errors: {
    unit: 'count',
    means: 'segments, or calls, that ended with an error',
    ofAll: ofTraces(({ totals }) => totals.errors),
    ofRow: ofCalls(({ errors }) => errors),
  },
};

function perTrace({ unit, means, ofAll, ofRow }: Figure): Figure {
  const divided = ({ value, lacks }: Reading, { latency }: Summary): Reading => {
    if (value === undefined) return { lacks };
    if (latency.count === 0) return { lacks: NO_TRACE };
    return { value: value / latency.count, lacks };
  };
  return {
    unit,
    means: `${means}, divided by the traces`,
    ...(ofAll && { ofAll: (summary) => divided(ofAll(summary), summary) }),
    ...(ofRow && { ofRow: (row, summary) => divided(ofRow(row, summary), summary) }),
  };
}

/** Every figure by its name. */
export const FIGURES: ReadonlyMap<string, Figure> = new Map([
  ...Object.entries(MEASURES),
  ...Object.entries(SUMS),
  ...Object.entries(SUMS).map(([name, figure]) => [`${name}-per-trace`, perTrace(figure)] as const),
]);
