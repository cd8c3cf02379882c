import { sumOf } from '../sums.js';
import type {
  ComparedName,
  Comparison,
  ComparisonTest,
  Figure,
  FigureName,
  FigureTable,
  Part,
  Parts,
  Side,
  Values,
} from './figure.js';

const QUANTILE = {
  unit: 'seconds',
  in: { row: 'always', latency: 'always' },
  merge: 'durations',
} as const;
const FEWER_MORE = ['fewer', 'more'] as const;
const perTrace = (events: (values: Values) => number) => ({ per: 'traces', events }) as const;
const compared = <Name extends ComparedName<Side>>(
  name: Name,
  label: string,
  test: ComparisonTest,
  more: Pick<Comparison, 'head' | 'place' | 'words' | 'isBetterHigh'> = {},
) => ({ ...more, name, label, test });
const callsOf = ({ calls = 0 }: Values) => calls;
const retriesOf = ({ retries = 0 }: Values) => retries;
const pricedOf = ({ llmCalls = 0, unpricedCalls = 0 }: Values) => llmCalls - unpricedCalls;
const tokensOf = ({ inputTokens = 0, outputTokens = 0 }: Values) => inputTokens + outputTokens;

/** The figures that stand in a summary, in the order of the columns. */
const STORED = {
  criticalShare: {
    unit: 'share',
    in: { row: 'always' },
    merge: (_, { criticalSeconds = 0 }, { latencySeconds }) =>
      latencySeconds > 0 ? criticalSeconds / latencySeconds : 0,
    column: { head: 'Share', color: 'yellow' },
    budget: { name: 'share', help: 'critical time as a share of the time of all traces' },
  },
  criticalSeconds: {
    unit: 'seconds',
    in: { row: 'always' },
    column: { head: 'Critical' },
    budget: { name: 'critical', help: 'time in which all waited for the segment', isSum: true },
    diff: { row: compared('criticalSecondsPerTrace', 'critical', perTrace(callsOf), { place: 3 }) },
  },
  savingSeconds: {
    unit: 'seconds',
    in: { row: 'if known' },
    merge: mergeSavings,
    column: { head: 'Saving' },
    diff: { row: { name: 'savingSecondsPerTrace', words: FEWER_MORE, test: perTrace(callsOf) } },
  },
  selfSeconds: {
    unit: 'seconds',
    in: { row: 'always' },
    column: { head: 'Self' },
    budget: { name: 'self', help: 'the segment’s own time, without its children', isSum: true },
  },
  totalSeconds: {
    unit: 'seconds',
    in: { row: 'always', latency: 'always' },
    column: { head: 'Total', onlyBy: ['total'] },
    budget: { name: 'total', help: 'time of all traces, or calls, together', isSum: true },
  },
  totalCostUsd: {
    unit: 'usd',
    in: { row: 'if known' },
    column: { head: 'Total cost', onlyBy: ['cost', 'total'] },
  },
  wastedSeconds: {
    unit: 'seconds',
    in: { row: 'if known', totals: 'always' },
    column: { head: 'Wasted', onlyBy: ['waste'] },
    budget: { name: 'waste', help: 'time in failed attempts and waits after them', isSum: true },
    diff: {
      all: compared('wastedSecondsPerTrace', 'wasted per trace', perTrace(retriesOf), {
        words: FEWER_MORE,
      }),
    },
  },
  wastedCostUsd: {
    unit: 'usd',
    in: { row: 'if known', totals: 'if known' },
    column: { head: 'Wasted cost', onlyBy: ['waste'] },
  },
  calls: {
    unit: 'count',
    in: { row: 'always', model: 'always' },
    column: { head: 'Calls' },
    budget: { name: 'calls', help: 'calls of the segment', isSum: true },
    diff: {
      row: compared('callsPerTrace', 'calls', perTrace(callsOf), { head: 'Calls', place: 4 }),
    },
  },
  p50Seconds: {
    ...QUANTILE,
    column: { head: 'p50' },
    budget: { name: 'p50', help: 'time within which half of the traces, or calls, ended' },
    diff: {
      all: compared('p50Seconds', 'p50', { quantile: 0.5 }, { place: 1 }),
      row: compared('p50Seconds', 'p50', { quantile: 0.5 }, { head: 'p50', place: 1 }),
    },
  },
  p95Seconds: {
    ...QUANTILE,
    column: { head: 'p95' },
    budget: { name: 'p95', help: 'time within which 95 % of them ended' },
    diff: {
      all: compared('p95Seconds', 'p95', { quantile: 0.95 }, { place: 2 }),
      row: compared('p95Seconds', 'p95', { quantile: 0.95 }, { head: 'p95', place: 2 }),
    },
  },
  p99Seconds: {
    ...QUANTILE,
    budget: { name: 'p99', help: 'time within which 99 % of them ended' },
    diff: { all: compared('p99Seconds', 'p99', { quantile: 0.99 }, { place: 3 }) },
  },
  maxSeconds: {
    ...QUANTILE,
    budget: { name: 'max', help: 'time of the slowest' },
  },
  count: {
    unit: 'count',
    in: { latency: 'always' },
    budget: { name: 'traces', help: 'traces that ended' },
  },
  successRate: {
    unit: 'share',
    in: { totals: 'if known' },
    merge: (_, __, { traces, successes }) => (traces > 0 ? successes / traces : undefined),
    from: { row: ({ errors = 0, calls = 0 }) => 1 - errors / calls },
    budget: { name: 'success-rate', help: 'share of the traces, or calls, that did not fail' },
    diff: {
      all: compared(
        'successRate',
        'succeeded',
        { shareOf: 'traces', count: ({ successes }) => successes },
        { place: 4, isBetterHigh: true },
      ),
    },
  },
  errors: {
    unit: 'count',
    in: { row: 'always', totals: 'always', model: 'always' },
    column: { head: 'Errors', color: 'red', hidesZero: true },
    budget: { name: 'errors', help: 'segments, or calls, that ended with an error', isSum: true },
  },
  attempts: {
    unit: 'count',
    in: { row: 'if known', totals: 'always' },
    column: { head: 'Attempts' },
  },
  retries: {
    unit: 'count',
    in: { row: 'if known', totals: 'always' },
    budget: { name: 'retries', help: 'attempts beyond the first of each operation', isSum: true },
    diff: {
      all: compared('retriesPerTrace', 'retries per trace', perTrace(retriesOf), { place: 8 }),
    },
  },
  costUsd: {
    unit: 'usd',
    in: { row: 'if known', totals: 'if known', model: 'if known' },
    column: { head: 'Cost' },
    budget: { name: 'cost', help: 'US dollars', isSum: true },
    diff: {
      all: compared('costPerTraceUsd', 'cost per trace', perTrace(pricedOf), { place: 5 }),
      row: compared(
        'costPerCallUsd',
        'cost',
        { per: 'calls', events: callsOf },
        { head: 'Cost/call', place: 5 },
      ),
    },
  },
  costPerSuccessUsd: {
    unit: 'usd',
    in: { totals: 'if known' },
    merge: (_, { costUsd }, { successes }) =>
      costUsd !== undefined && successes > 0 ? costUsd / successes : undefined,
    budget: { name: 'cost-per-success', help: 'cost of all traces for each that succeeded' },
    diff: {
      all: compared(
        'costPerSuccessUsd',
        'cost per success',
        { per: 'successes', events: pricedOf, sum: 'costUsd' },
        { place: 6 },
      ),
    },
  },
  inputTokens: { unit: 'count', in: { row: 'if known', totals: 'always', model: 'always' } },
  outputTokens: { unit: 'count', in: { row: 'if known', totals: 'always', model: 'always' } },
  llmCalls: {
    unit: 'count',
    in: { totals: 'always' },
    budget: { name: 'llm-calls', help: 'LLM calls', isSum: true },
  },
  unpricedCalls: { unit: 'count', in: { totals: 'always', model: 'if known' } },
  cacheHits: { unit: 'count', in: { totals: 'if known' } },
  cacheSavedSeconds: { unit: 'seconds', in: { totals: 'if known' } },
  cacheSavedUsd: { unit: 'usd', in: { totals: 'if known' } },
} satisfies FigureTable;

/** The figures that no field of a summary holds. */
const COMPUTED = {
  errorRate: {
    unit: 'share',
    in: {},
    from: {
      all: ({ successRate = NaN }) => 1 - successRate,
      row: ({ errors = 0, calls = 0 }) => errors / calls,
    },
    budget: { name: 'error-rate', help: 'share of the traces, or calls, that failed' },
    diff: {
      row: {
        name: 'errorRate',
        label: 'errors',
        place: 6,
        test: { shareOf: 'calls', count: ({ values: { errors = 0 } }) => errors },
      },
    },
  },
  tokens: {
    unit: 'count',
    in: {},
    from: { all: tokensOf, row: tokensOf },
    budget: {
      name: 'tokens',
      help: 'input and output tokens',
      isSum: true,
      zeroMeans: 'no response had its token usage',
    },
    diff: {
      all: compared(
        'tokensPerTrace',
        'tokens per trace',
        perTrace(({ llmCalls = 0 }) => llmCalls),
        { place: 7 },
      ),
    },
  },
} satisfies Record<string, Figure>;

/** Every figure, by its name. */
export const FIGURES: readonly (readonly [name: string, figure: Figure])[] = Object.entries({
  ...STORED,
  ...COMPUTED,
});

/** Returns the figures that a part of a summary holds, in the order of the table. */
export function figuresIn<P extends Part>(part: P) {
  type Name = Extract<keyof Parts[P], FigureName>;
  return FIGURES.filter(([, figure]) => part in figure.in) as [name: Name, figure: Figure][];
}

/** Where a saving is unknown, it is taken to be the same share of the critical time as elsewhere. */
function mergeSavings(rows: readonly Values[], sums: Values): number | undefined {
  const known = rows.filter(({ savingSeconds }) => savingSeconds !== undefined);
  const saving = sumOf(known, (row) => row.savingSeconds);
  const critical = sumOf(known, (row) => row.criticalSeconds) ?? 0;
  if (saving === undefined || critical <= 0 || known.length === rows.length) return saving;
  return (saving / critical) * (sums.criticalSeconds ?? 0);
}
