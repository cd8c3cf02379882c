import { readFileSync } from 'node:fs';
import { RANK_BY, type Summary } from '../analysis/summary.js';
import { printable } from '../report/format.js';

/** Input that cannot be used: its message is one line for the user, with the file's name. */
export class BadInputError extends Error {}

/**
 * Reads a summary that was saved as JSON.
 *
 * @throws BadInputError when the file cannot be read or holds something else
 */
export function readSavedSummary(file: string): Summary {
  const problem = (what: string) =>
    new BadInputError(`${printable(file)}: expected a saved summary, but ${what}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw problem(UNREADABLE[code] ?? `it could not be read (${code})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw problem('it is not JSON');
  }
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
  return value as unknown as Summary;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'it may not be read',
};

/** What has to be where: a type, a list of something, or an object with such fields. */
type Shape =
  | 'string'
  | 'string?'
  | 'number'
  | 'number?'
  | readonly [Shape]
  | { readonly [key: string]: Shape };

const ROW: Shape = {
  name: 'string',
  service: 'string',
  calls: 'number',
  errors: 'number',
  totalSeconds: 'number',
  selfSeconds: 'number',
  criticalSeconds: 'number',
  criticalShare: 'number',
  p50Seconds: 'number',
  p95Seconds: 'number',
  costUsd: 'number?',
  totalCostUsd: 'number?',
  attempts: 'number?',
  wastedSeconds: 'number?',
  wastedCostUsd: 'number?',
};

/** What the reports read of a summary. */
const SUMMARY: Shape = {
  services: ['string'],
  rankedBy: 'string',
  observedSeconds: 'number',
  traces: { analyzed: 'number', incomplete: 'number', evicted: 'number' },
  spans: { analyzed: 'number', late: 'number', dropped: 'number' },
  latency: { count: 'number', p50Seconds: 'number', p95Seconds: 'number', maxSeconds: 'number' },
  totals: {
    llmCalls: 'number',
    unpricedCalls: 'number',
    inputTokens: 'number',
    outputTokens: 'number',
    costUsd: 'number?',
    retries: 'number',
    wastedSeconds: 'number',
    wastedCostUsd: 'number?',
    cacheHits: 'number?',
    cacheSavedSeconds: 'number?',
    cacheSavedUsd: 'number?',
    errors: 'number',
    successRate: 'number?',
    costPerSuccessUsd: 'number?',
  },
  bottlenecks: [ROW],
  models: [
    {
      provider: 'string?',
      model: 'string?',
      calls: 'number',
      errors: 'number',
      inputTokens: 'number',
      outputTokens: 'number',
      costUsd: 'number?',
      unpricedCalls: 'number?',
    },
  ],
  errors: [{ type: 'string', segment: 'string', count: 'number' }],
  warnings: ['string'],
};

/** The first thing in `value` that is not as it should be, in words; `at` is where `value` stands. */
function findProblem(value: unknown, shape: Shape, at: string): string | undefined {
  if (typeof shape === 'string') {
    if (shape.endsWith('?') && value === undefined) return undefined;
    const type = shape.replace('?', '');
    return typeof value === type ? undefined : `its "${at}" is not a ${type}`;
  }
  if (isList(shape)) {
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

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}
