import { findDurationsProblem } from '../durations.js';
import type { Summary } from '../summary.js';
import { RANK_BY, rankRows } from '../ranking/rank-rows.js';
import { BadInputError } from '../errors.js';
import { printable } from '../format.js';

/**
 * Checks that a parsed JSON value is a saved summary, and ranks its rows.
 *
 * @param where the name of the source, for the error
 * @throws BadInputError when it is something else
 */
export function checkSavedSummary(value: unknown, where: string): Summary {
  const problem = problemIn(where);
  if (!isObject(value)) throw problem('it does not hold an object');
  if (value.schemaVersion !== 1) {
    const version = JSON.stringify(value.schemaVersion) as string | undefined;
    throw problem(`its "schemaVersion" is ${version ?? 'missing'}, not 1`);
  }
  const found = findProblem(value, SUMMARY, '');
  if (found !== undefined) throw problem(found);
  const ranks: readonly unknown[] = RANK_BY;
  if (!ranks.includes(value.rankedBy)) {
    throw problem(`its "rankedBy" is none of ${RANK_BY.join(', ')}`);
  }
  const summary = value as unknown as Summary;
  return { ...summary, bottlenecks: rankRows(summary.bottlenecks, summary.rankedBy) };
}

function problemIn(where: string) {
  return (what: string) =>
    new BadInputError(`${printable(where)}: expected a saved summary, but ${what}`);
}

/**
 * What has to be where: a type (a number is finite, a count not below 0), a list of something, or an
 * object with such fields; with `?` or `or nothing` not at all.
 */
type Shape =
  | 'string'
  | 'string?'
  | 'number'
  | 'number?'
  | 'count'
  | 'count?'
  | 'boolean'
  | 'severity'
  | 'durations?'
  | readonly [Shape]
  | readonly ['or nothing', Shape]
  | { readonly [key: string]: Shape };

const SEVERITIES: readonly unknown[] = ['low', 'medium', 'high'];

const SLOW_SPAN = { traceId: 'string', spanId: 'string', seconds: 'number' } as const;

const ROW: Shape = {
  name: 'string',
  service: 'string',
  calls: 'count',
  errors: 'count',
  totalSeconds: 'number',
  selfSeconds: 'number',
  criticalSeconds: 'number',
  criticalShare: 'number',
  savingSeconds: 'number?',
  p50Seconds: 'number',
  p95Seconds: 'number',
  p99Seconds: 'number',
  maxSeconds: 'number',
  durations: 'durations?',
  costUsd: 'number?',
  totalCostUsd: 'number?',
  inputTokens: 'count?',
  outputTokens: 'count?',
  attempts: 'count?',
  retries: 'count?',
  wastedSeconds: 'number?',
  wastedCostUsd: 'number?',
  slowest: [SLOW_SPAN],
};

const INSIGHT: Shape = {
  kind: 'string',
  severity: 'severity',
  segment: 'string',
  service: 'string',
  message: 'string',
  evidence: {},
  savingSeconds: 'number?',
  savingUsd: 'number?',
};

const CPU_PROFILE: Shape = {
  segment: 'string',
  service: 'string?',
  calls: 'count',
  seconds: 'number',
  samples: 'count',
  exact: 'boolean',
  note: 'string?',
  functions: [
    {
      name: 'string',
      file: 'string?',
      line: 'number?',
      samples: 'count',
      selfSeconds: 'number',
      totalSeconds: 'number',
      share: 'number',
    },
  ],
};

/** What is read of a summary when it is reported, merged or compared. */
const SUMMARY: Shape = {
  services: ['string'],
  generatedAt: 'string',
  rankedBy: 'string',
  observedSeconds: 'number',
  observedFromEpochSeconds: 'number?',
  traces: { analyzed: 'count', incomplete: 'count', evicted: 'count', replayed: 'count?' },
  spans: { analyzed: 'count', late: 'count', dropped: 'count' },
  latency: {
    count: 'count',
    totalSeconds: 'number',
    p50Seconds: 'number',
    p95Seconds: 'number',
    p99Seconds: 'number',
    maxSeconds: 'number',
    durations: 'durations?',
  },
  totals: {
    llmCalls: 'count',
    unpricedCalls: 'count',
    inputTokens: 'count',
    outputTokens: 'count',
    costUsd: 'number?',
    attempts: 'count',
    retries: 'count',
    wastedSeconds: 'number',
    wastedCostUsd: 'number?',
    cacheHits: 'count?',
    cacheSavedSeconds: 'number?',
    cacheSavedUsd: 'number?',
    errors: 'count',
    successRate: 'number?',
    costPerSuccessUsd: 'number?',
  },
  bottlenecks: [ROW],
  slowest: [{ ...SLOW_SPAN, name: 'string', service: 'string' }],
  models: [
    {
      provider: 'string?',
      model: 'string?',
      calls: 'count',
      errors: 'count',
      inputTokens: 'count',
      outputTokens: 'count',
      costUsd: 'number?',
      unpricedCalls: 'count?',
    },
  ],
  insights: ['or nothing', [INSIGHT]],
  errors: [{ type: 'string', segment: 'string', service: 'string?', count: 'count' }],
  cpuProfiles: ['or nothing', [CPU_PROFILE]],
  running: [
    'or nothing',
    {
      count: 'count',
      longest: [{ ...SLOW_SPAN, name: 'string', service: 'string', openChildren: 'count' }],
    },
  ],
  delivery: [
    'or nothing',
    {
      endpoint: 'string?',
      ended: 'count',
      delivered: 'count',
      dropped: 'count',
      pending: 'count',
      reason: 'string?',
    },
  ],
  sampled: ['or nothing', { traces: 'count', exported: 'count', spansLeftOut: 'count' }],
  warnings: ['string'],
};

/** The first thing in `value` that is not as it should be, in words; `at` is where `value` stands. */
function findProblem(value: unknown, shape: Shape, at: string): string | undefined {
  if (typeof shape === 'string') {
    if (shape.endsWith('?') && value === undefined) return undefined;
    if (shape === 'durations?') {
      const expected = findDurationsProblem(value);
      return expected === undefined ? undefined : `its "${at}" is damaged: expected ${expected}`;
    }
    if (shape === 'severity') {
      return SEVERITIES.includes(value)
        ? undefined
        : `its "${at}" is none of ${SEVERITIES.join(', ')}`;
    }
    const type = shape.replace('?', '');
    if (type === 'count' || type === 'number') {
      // A time may be below 0 by the rounding of a sum.
      const least = type === 'count' ? 0 : -Infinity;
      const isOne = typeof value === 'number' && Number.isFinite(value) && value >= least;
      return isOne ? undefined : `its "${at}" is not a ${type}`;
    }
    return typeof value === type ? undefined : `its "${at}" is not a ${type}`;
  }
  if (isList(shape)) {
    if (shape.length === 2) {
      return value === undefined ? undefined : findProblem(value, shape[1], at);
    }
    if (!Array.isArray(value)) return `its "${at}" is not a list`;
    return firstOf(value.map((item, index) => findProblem(item, shape[0], `${at}[${index}]`)));
  }
  if (!isObject(value)) return `its "${at}" is not an object`;
  const fields = Object.entries(shape);
  return firstOf(
    fields.map(([key, inner]) => findProblem(value[key], inner, at === '' ? key : `${at}.${key}`)),
  );
}

function firstOf(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function isList(shape: Shape): shape is readonly [Shape] | readonly ['or nothing', Shape] {
  return Array.isArray(shape);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
