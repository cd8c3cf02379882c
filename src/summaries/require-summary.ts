import { findDurationsProblem } from '../durations.js';
import { wrongUse } from '../errors.js';
import { RANK_BY } from '../ranking/rank-rows.js';
import type { Summary } from '../summary.js';
import type { Part } from './figure.js';
import { figuresIn } from './figures.js';
import { pictures } from './require-pictures.js';
import {
  natural,
  flag,
  isRecord,
  list,
  maybe,
  named,
  number,
  object,
  isOneOf,
  string,
  type Check,
} from './checks.js';

function figures(part: Part): Record<string, Check> {
  return Object.fromEntries(
    figuresIn(part).map(([name, figure]) => {
      const check = figure.unit === 'count' ? natural : number;
      return [name, figure.in[part] === 'always' ? check : maybe(check)];
    }),
  );
}

function counts(...names: readonly string[]): Record<string, Check> {
  return Object.fromEntries(names.map((name) => [name, natural]));
}

const durations = maybe((value, at) => {
  const expected = findDurationsProblem(value);
  return expected === undefined ? undefined : `its "${at}" is damaged: expected ${expected}`;
});

const spanFields = { traceId: string, spanId: string, seconds: number };
const slowSpan = object(spanFields);
const waitFor = object({ row: string, service: string, seconds: number });
const insight = {
  ...{
    kind: string,
    severity: isOneOf(['low', 'medium', 'high']),
    segment: string,
    service: string,
  },
  ...{ message: string, evidence: object({}) },
  ...{ savingSeconds: maybe(number), savingUsd: maybe(number) },
  ...{ title: maybe(string), spans: maybe(list(slowSpan)) },
};
const functionTime = {
  ...{ name: string, file: maybe(string), line: maybe(number), samples: natural },
  ...{ selfSeconds: number, totalSeconds: number, share: number },
};
const cpuProfile = {
  ...{ segment: string, service: maybe(string), calls: natural, seconds: number, samples: natural },
  ...{ exact: flag, note: maybe(string), functions: list(object(functionTime)) },
};

const byValue = { value: string, ...figures('by'), durations, isAtLeast: maybe(flag) };
const slowRow = {
  ...{ ...named, slowSeconds: number, typicalSeconds: number, traces: natural },
  ...{ slowShare: number, typicalShare: number, isCause: maybe(flag), slowest: list(slowSpan) },
};
const slowEntryPoint = {
  ...{ ...named, calls: natural, beyondSeconds: number, rows: list(object(slowRow)) },
  ...{ slowTraces: natural, slowSeconds: number, typicalTraces: natural, typicalSeconds: number },
};

const experiment = {
  ...{ segment: string, service: string, slope: number, periods: natural },
  ...{ savingSecondsPerTrace: number, lowSecondsPerTrace: number, highSecondsPerTrace: number },
  predictedSecondsPerTrace: maybe(number),
};

const MAX_SHARDS = 10_000;
const isIndex = (value: unknown, of: number) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= of;
const shards: Check = (value, at) => {
  const { of, indexes } = isRecord(value) ? value : {};
  const isShards =
    isIndex(of, MAX_SHARDS) &&
    Array.isArray(indexes) &&
    indexes.length > 0 &&
    new Set(indexes).size === indexes.length &&
    indexes.every((index) => isIndex(index, of as number));
  return isShards ? undefined : `its "${at}" is not a count and some of its parts`;
};

/** Everything that is read of a summary when it is printed, merged or compared. */
const summary = object({
  services: list(string),
  generatedAt: string,
  rankedBy: isOneOf(RANK_BY),
  observedSeconds: number,
  observedFromEpochSeconds: maybe(number),
  traces: object({ ...counts('analyzed', 'incomplete', 'evicted'), replayed: maybe(natural) }),
  spans: object({
    ...counts('analyzed', 'late', 'dropped'),
    lateMost: maybe(list(object({ segment: string, service: string, count: natural }))),
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
      savingDoubt: maybe(string),
      slowest: list(slowSpan),
    }),
  ),
  entryPoints: maybe(list(object({ ...named, ...figures('entryPoint'), durations }))),
  by: maybe(list(object({ attribute: string, values: list(object(byValue)) }))),
  slow: maybe(list(object(slowEntryPoint))),
  slowest: list(object({ ...spanFields, ...named })),
  models: list(object({ provider: maybe(string), model: maybe(string), ...figures('model') })),
  errors: list(object({ type: string, segment: string, service: maybe(string), count: natural })),
  lateSegments: maybe(list(object({ segment: string, service: string, count: natural }))),
  running: maybe(
    object({
      count: natural,
      longest: list(object({ ...spanFields, ...named, row: maybe(string), openChildren: natural })),
    }),
  ),
  delivery: maybe(
    object({
      ...{ endpoint: maybe(string), reason: maybe(string) },
      ...counts('ended', 'delivered', 'dropped', 'pending'),
    }),
  ),
  experiments: maybe(list(object(experiment))),
  sampled: maybe(object(counts('traces', 'exported', 'spansLeftOut'))),
  shards: maybe(shards),
  unread: maybe(object(counts('damaged', 'spans'))),
  prices: maybe(object({ date: string })),
  insights: maybe(list(object(insight))),
  cpuProfiles: maybe(list(object(cpuProfile))),
  pictures: maybe(pictures),
  warnings: list(string),
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
