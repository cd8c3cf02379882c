import { findDurationsProblem } from '../durations.js';
import { wrongUse } from '../errors.js';
import { isObject, type Fields } from '../fields.js';
import { RANK_BY } from '../ranking/rank-rows.js';
import type { Summary } from '../summary.js';
import type { Part } from './figure.js';
import { figuresIn } from './figures.js';

/** Returns in words what is wrong with a value that stands at `at`; `undefined` if it is all right. */
type Check = (value: unknown, at: string) => string | undefined;

const isRecord = (value: unknown): value is Fields => isObject(value) && !Array.isArray(value);

function is(what: string, accepts: (value: unknown) => boolean): Check {
  return (value, at) => (accepts(value) ? undefined : `its "${at}" is ${what}`);
}

const text = is('not a string', (value) => typeof value === 'string');
const flag = is('not a boolean', (value) => typeof value === 'boolean');
// Rounding may leave a sum just below 0.
const number = is('not a number', Number.isFinite);
const count = is('not a count', (value) => Number.isFinite(value) && (value as number) >= 0);

function oneOf(values: readonly string[]): Check {
  return is(`none of ${values.join(', ')}`, (value) => values.includes(value as string));
}

function maybe(check: Check): Check {
  return (value, at) => (value === undefined ? undefined : check(value, at));
}

function list(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return `its "${at}" is not a list`;
    return firstOf(value, (item, index) => check(item, `${at}[${index}]`));
  };
}

function object(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields);
  return (value, at) => {
    if (!isRecord(value)) return `its "${at}" is not an object`;
    return firstOf(checks, ([key, check]) => check(value[key], at === '' ? key : `${at}.${key}`));
  };
}

function firstOf<T>(items: readonly T[], find: (item: T, index: number) => string | undefined) {
  for (const [index, item] of items.entries()) {
    const problem = find(item, index);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function figures(part: Part): Record<string, Check> {
  return Object.fromEntries(
    figuresIn(part).map(([name, figure]) => {
      const check = figure.unit === 'count' ? count : number;
      return [name, figure.in[part] === 'always' ? check : maybe(check)];
    }),
  );
}

function counts(...names: readonly string[]): Record<string, Check> {
  return Object.fromEntries(names.map((name) => [name, count]));
}

const durations = maybe((value, at) => {
  const expected = findDurationsProblem(value);
  return expected === undefined ? undefined : `its "${at}" is damaged: expected ${expected}`;
});

const named = { name: text, service: text };
const spanFields = { traceId: text, spanId: text, seconds: number };
const slowSpan = object(spanFields);
const waitFor = object({ row: text, service: text, seconds: number });
const insight = {
  ...{ kind: text, severity: oneOf(['low', 'medium', 'high']), segment: text, service: text },
  ...{ message: text, evidence: object({}) },
  ...{ savingSeconds: maybe(number), savingUsd: maybe(number) },
};
const functionTime = {
  ...{ name: text, file: maybe(text), line: maybe(number), samples: count },
  ...{ selfSeconds: number, totalSeconds: number, share: number },
};
const cpuProfile = {
  ...{ segment: text, service: maybe(text), calls: count, seconds: number, samples: count },
  ...{ exact: flag, note: maybe(text), functions: list(object(functionTime)) },
};

const byValue = { value: text, ...figures('by'), durations, isAtLeast: maybe(flag) };
const slowRow = {
  ...{ ...named, slowSeconds: number, typicalSeconds: number, traces: count },
  ...{ slowShare: number, typicalShare: number, isCause: maybe(flag), slowest: list(slowSpan) },
};
const slowEntryPoint = {
  ...{ ...named, calls: count, beyondSeconds: number, rows: list(object(slowRow)) },
  ...{ slowTraces: count, slowSeconds: number, typicalTraces: count, typicalSeconds: number },
};

const experiment = {
  ...{ segment: text, service: text, slope: number, periods: count },
  ...{ savingSecondsPerTrace: number, lowSecondsPerTrace: number, highSecondsPerTrace: number },
  predictedSecondsPerTrace: maybe(number),
};

/** Everything that is read of a summary when it is printed, merged or compared. */
const summary = object({
  services: list(text),
  generatedAt: text,
  rankedBy: oneOf(RANK_BY),
  observedSeconds: number,
  observedFromEpochSeconds: maybe(number),
  traces: object({ ...counts('analyzed', 'incomplete', 'evicted'), replayed: maybe(count) }),
  spans: object({
    ...counts('analyzed', 'late', 'dropped'),
    lateMost: maybe(list(object({ segment: text, service: text, count }))),
  }),
  latency: object({ ...figures('latency'), durations, groups: maybe(list(number)) }),
  totals: object(figures('totals')),
  bottlenecks: list(
    object({
      ...named,
      ...figures('row'),
      ...{ durations, criticalGroups: maybe(list(number)), savingGroups: maybe(list(number)) },
      waitsFor: maybe(list(waitFor)),
      takenOverBy: maybe(waitFor),
      savingDoubt: maybe(text),
      slowest: list(slowSpan),
    }),
  ),
  entryPoints: maybe(list(object({ ...named, ...figures('entryPoint'), durations }))),
  by: maybe(list(object({ attribute: text, values: list(object(byValue)) }))),
  slow: maybe(list(object(slowEntryPoint))),
  slowest: list(object({ ...spanFields, ...named })),
  models: list(object({ provider: maybe(text), model: maybe(text), ...figures('model') })),
  errors: list(object({ type: text, segment: text, service: maybe(text), count })),
  lateSegments: maybe(list(object({ segment: text, service: text, count }))),
  running: maybe(
    object({ count, longest: list(object({ ...spanFields, ...named, openChildren: count })) }),
  ),
  delivery: maybe(
    object({
      ...{ endpoint: maybe(text), reason: maybe(text) },
      ...counts('ended', 'delivered', 'dropped', 'pending'),
    }),
  ),
  experiments: maybe(list(object(experiment))),
  sampled: maybe(object(counts('traces', 'exported', 'spansLeftOut'))),
  prices: maybe(object({ date: text })),
  insights: maybe(list(object(insight))),
  cpuProfiles: maybe(list(object(cpuProfile))),
  warnings: list(text),
} satisfies Record<Exclude<keyof Summary, 'schemaVersion'>, Check>);

export function findSummaryProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it does not hold an object';
  if (value.schemaVersion === 1) return summary(value, '');
  const version = JSON.stringify(value.schemaVersion) as string | undefined;
  return `its "schemaVersion" is ${version ?? 'missing'}, not 1`;
}

export function requireSummary(where: string, what: string, value: unknown): void {
  if (!isRecord(value)) throw wrongUse(where, `${what} to be a summary`, value);
  const problem = findSummaryProblem(value);
  if (problem === undefined) return;
  throw new TypeError(`${where}: expected ${what} to be a summary, but ${problem}`);
}
