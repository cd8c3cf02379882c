import type { FigureUnit } from '../format.js';
import { sumOf } from '../sums.js';
import type {
  ComparedName,
  Comparison,
  ComparisonTest,
  DeclaredFigure,
  Figure,
  FigureName,
  FigureTable,
  Part,
  Parts,
  Side,
  Values,
} from './figure.js';

const QUANTILE = {
  in: { row: 'always', latency: 'always', entryPoint: 'always', by: 'always' },
  merge: 'durations',
} as const;
/** Computed anew from the groups of traces. */
const INTERVAL = { in: { row: 'if known' }, merge: () => undefined } as const;
const FEWER_MORE = ['fewer', 'more'] as const;
const perTrace = (events: (values: Values) => number) => ({ per: 'traces', events }) as const;
const compared = <Name extends ComparedName<Side>>(
  place: number,
  name: Name,
  label: string,
  test: ComparisonTest,
  more: Pick<Comparison, 'head' | 'words' | 'isBetterHigh'> = {},
) => ({ ...more, place, name, label, test });
const callsOf = ({ calls = 0 }: Values) => calls;
const retriesOf = ({ retries = 0 }: Values) => retries;
const pricedOf = ({ llmCalls = 0, unpricedCalls = 0 }: Values) => llmCalls - unpricedCalls;
const llmCallsOf = ({ llmCalls = 0 }: Values) => llmCalls;
const tokensOf = ({ inputTokens = 0, outputTokens = 0 }: Values) => inputTokens + outputTokens;
const PER_CALL = { per: 'calls', events: callsOf } as const;
const COST_PER_SUCCESS = { per: 'successes', events: pricedOf, sum: 'costUsd' } as const;
const SUCCEEDED: ComparisonTest = { shareOf: 'traces', count: ({ successes }) => successes };
const FAILED: ComparisonTest = { shareOf: 'calls', count: ({ values }) => values.errors ?? 0 };

/** The figures that stand in a summary, in the order of the columns. */
const STORED = {
  criticalShare: {
    in: { row: 'always', by: 'always' },
    merge: (_, { criticalSeconds = 0 }, { latencySeconds }) =>
      latencySeconds > 0 ? criticalSeconds / latencySeconds : 0,
    column: { head: 'Share', color: 'yellow' },
    budget: { name: 'share', help: 'critical time as a share of the time of all traces' },
  },
  criticalLowShare: INTERVAL,
  criticalHighShare: INTERVAL,
  savingLowSeconds: INTERVAL,
  savingHighSeconds: INTERVAL,
  criticalSeconds: {
    in: { row: 'always', by: 'always' },
    column: { head: 'Critical', yields: 3 },
    budget: { name: 'critical', help: 'time in which all waited for the segment', isSum: true },
    diff: { row: compared(3, 'criticalSecondsPerTrace', 'critical', perTrace(callsOf)) },
  },
  savingSeconds: {
    in: { row: 'if known' },
    merge: mergeSavings,
    column: { head: 'Saving', yields: 1 },
    diff: {
      row: {
        ...{ place: 7, name: 'savingSecondsPerTrace' },
        ...{ words: FEWER_MORE, test: perTrace(callsOf) },
      },
    },
  },
  idleSeconds: { in: { row: 'if known' } },
  blockedSeconds: { in: { row: 'if known' } },
  // Of rows that one side has and the other has not, more is added.
  inOtherSeconds: { in: { row: 'if known' } },
  selfSeconds: {
    in: { row: 'always' },
    column: { head: 'Self', yields: 9 },
    budget: { name: 'self', help: 'the segment’s own time, without its children', isSum: true },
  },
  totalSeconds: {
    in: { row: 'always', latency: 'always', entryPoint: 'always', by: 'always' },
    column: { head: 'Total', yields: 6, onlyBy: ['total'] },
    budget: { name: 'total', help: 'time of all traces, or calls, together', isSum: true },
  },
  totalCostUsd: {
    in: { row: 'if known' },
    column: { head: 'Total cost', yields: 6, onlyBy: ['cost', 'total'] },
  },
  wastedSeconds: {
    in: { row: 'if known', totals: 'always', by: 'if known' },
    column: { head: 'Wasted', onlyBy: ['waste'] },
    budget: { name: 'waste', help: 'time in failed attempts and waits after them', isSum: true },
    diff: {
      all: compared(9, 'wastedSecondsPerTrace', 'wasted per trace', perTrace(retriesOf), {
        words: FEWER_MORE,
      }),
    },
  },
  wastedCostUsd: {
    in: { row: 'if known', totals: 'if known', model: 'if known', by: 'if known' },
    column: { head: 'Wasted cost', onlyBy: ['waste'] },
  },
  calls: {
    in: { row: 'always', model: 'always', entryPoint: 'always', by: 'always' },
    column: { head: 'Calls', yields: 4 },
    budget: { name: 'calls', help: 'calls of the segment', isSum: true },
    diff: { row: compared(4, 'callsPerTrace', 'calls', perTrace(callsOf), { head: 'Calls' }) },
  },
  p50Seconds: {
    ...QUANTILE,
    column: { head: 'p50', yields: 8 },
    budget: { name: 'p50', help: 'time within which half of the traces, or calls, ended' },
    diff: {
      all: compared(1, 'p50Seconds', 'p50', { quantile: 0.5 }),
      row: compared(1, 'p50Seconds', 'p50', { quantile: 0.5 }, { head: 'p50' }),
    },
  },
  p95Seconds: {
    ...QUANTILE,
    column: { head: 'p95', yields: 2 },
    budget: { name: 'p95', help: 'time within which 95 % of them ended' },
    diff: {
      all: compared(2, 'p95Seconds', 'p95', { quantile: 0.95 }),
      row: compared(2, 'p95Seconds', 'p95', { quantile: 0.95 }, { head: 'p95' }),
    },
  },
  p99Seconds: {
    ...QUANTILE,
    budget: { name: 'p99', help: 'time within which 99 % of them ended' },
    diff: { all: compared(3, 'p99Seconds', 'p99', { quantile: 0.99 }) },
  },
  maxSeconds: { ...QUANTILE, budget: { name: 'max', help: 'time of the slowest' } },
  firstTokenP50Seconds: {
    in: { row: 'if known' },
    merge: 'firstTokens',
    budget: { name: 'first-token-p50', help: 'time to the first token of half of the streams' },
  },
  firstTokenP95Seconds: {
    in: { row: 'if known' },
    merge: 'firstTokens',
    budget: { name: 'first-token-p95', help: 'time to the first token of 95 % of the streams' },
  },
  count: { in: { latency: 'always' }, budget: { name: 'traces', help: 'traces that ended' } },
  successRate: {
    in: { totals: 'if known' },
    merge: (_, __, { traces, successes }) => (traces > 0 ? successes / traces : undefined),
    from: { row: ({ errors = 0, calls = 0 }) => 1 - errors / calls },
    budget: { name: 'success-rate', help: 'share of the traces, or calls, that did not fail' },
    diff: { all: compared(4, 'successRate', 'succeeded', SUCCEEDED, { isBetterHigh: true }) },
  },
  errors: {
    in: { row: 'always', totals: 'always', model: 'always', entryPoint: 'always', by: 'always' },
    column: { head: 'Errors', yields: 5, color: 'red', hidesZero: true },
    budget: { name: 'errors', help: 'segments, or calls, that ended with an error', isSum: true },
  },
  attempts: { in: { row: 'if known', totals: 'always' }, column: { head: 'Attempts', yields: 7 } },
  retries: {
    in: { row: 'if known', totals: 'always' },
    budget: { name: 'retries', help: 'attempts beyond the first of each operation', isSum: true },
    diff: { all: compared(8, 'retriesPerTrace', 'retries per trace', perTrace(retriesOf)) },
  },
  costUsd: {
    in: {
      row: 'if known',
      totals: 'if known',
      model: 'if known',
      entryPoint: 'if known',
      by: 'if known',
    },
    column: { head: 'Cost', yields: 2 },
    budget: { name: 'cost', help: 'US dollars', isSum: true },
    diff: {
      all: compared(5, 'costPerTraceUsd', 'cost per trace', perTrace(pricedOf)),
      row: compared(5, 'costPerCallUsd', 'cost', PER_CALL, { head: 'Cost/call' }),
    },
  },
  costPerSuccessUsd: {
    in: { totals: 'if known' },
    merge: (_, { costUsd }, { successes }) =>
      costUsd !== undefined && successes > 0 ? costUsd / successes : undefined,
    budget: { name: 'cost-per-success', help: 'cost of all traces for each that succeeded' },
    diff: { all: compared(6, 'costPerSuccessUsd', 'cost per success', COST_PER_SUCCESS) },
  },
  inputTokens: { in: { row: 'if known', totals: 'always', model: 'always' } },
  outputTokens: { in: { row: 'if known', totals: 'always', model: 'always' } },
  cachedInputTokens: { in: { model: 'if known' } },
  cacheWriteInputTokens: { in: { model: 'if known' } },
  reasoningOutputTokens: { in: { model: 'if known' } },
  outputCostUsd: { in: { model: 'if known' } },
  uncachedInputCostUsd: { in: { model: 'if known' } },
  cachedInputCostUsd: { in: { model: 'if known' } },
  cacheWriteInputCostUsd: { in: { model: 'if known' } },
  otherCostUsd: { in: { model: 'if known' } },
  llmCalls: {
    in: { totals: 'always' },
    budget: { name: 'llm-calls', help: 'LLM calls', isSum: true },
  },
  unpricedCalls: { in: { totals: 'always', model: 'if known' } },
  partlyPricedCalls: { in: { row: 'if known', totals: 'if known', model: 'if known' } },
  cacheHits: { in: { totals: 'if known' } },
  cacheSavedSeconds: { in: { totals: 'if known' } },
  cacheSavedUsd: { in: { totals: 'if known' } },
} satisfies FigureTable;

/** The figures that no field of a summary holds. */
const COMPUTED = {
  errorRate: {
    in: {},
    from: {
      all: ({ successRate = NaN }) => 1 - successRate,
      row: ({ errors = 0, calls = 0 }) => errors / calls,
    },
    budget: { name: 'error-rate', help: 'share of the traces, or calls, that failed' },
    diff: { row: compared(6, 'errorRate', 'errors', FAILED) },
  },
  tokens: {
    in: {},
    from: { all: tokensOf, row: tokensOf },
    budget: {
      name: 'tokens',
      help: 'input and output tokens',
      isSum: true,
      zeroMeans: 'no response had its token usage',
    },
    diff: { all: compared(7, 'tokensPerTrace', 'tokens per trace', perTrace(llmCallsOf)) },
  },
} satisfies Record<string, DeclaredFigure>;

export const FIGURES: readonly (readonly [name: string, figure: Figure])[] = Object.entries({
  ...STORED,
  ...COMPUTED,
}).map(([name, declared]) => [name, { ...declared, unit: unitOf(name) }]);

/** The names of the figures tell their units. */
function unitOf(name: string): FigureUnit {
  if (name.endsWith('Seconds')) return 'seconds';
  if (name.endsWith('Usd')) return 'usd';
  return /(Share|Rate)$/.test(name) ? 'share' : 'count';
}

/** Returns the figures that a part of a summary holds, in the order of the table. */
export function figuresIn<P extends Part>(part: P) {
  return FIGURES.filter(([, figure]) => part in figure.in) as [
    name: Extract<keyof Parts[P], FigureName>,
    figure: Figure,
  ][];
}

/** Where a saving is unknown, it is taken to be the same share of the critical time as elsewhere. */
function mergeSavings(rows: readonly Values[], sums: Values): number | undefined {
  const known = rows.filter(({ savingSeconds }) => savingSeconds !== undefined);
  const saving = sumOf(known, (row) => row.savingSeconds);
  const critical = sumOf(known, (row) => row.criticalSeconds) ?? 0;
  if (saving === undefined || critical <= 0 || known.length === rows.length) return saving;
  return (saving / critical) * (sums.criticalSeconds ?? 0);
}
