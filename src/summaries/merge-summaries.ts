import { defined, sumOf } from '../sums.js';
import { wrongUse } from '../errors.js';
import { groupBounded, MAX_KINDS, OTHER } from '../bounded.js';
import { OTHER_WARNING, readWarning, warningText } from '../ranking/counted-warning.js';
import { mergeCpuProfiles } from '../cpu-profile/merge-cpu-profiles.js';
import { mergeInsights } from './merge-insights.js';
import { mergeProcesses } from './merge-process.js';
import { mergeRows, mergeTimings, slowestOf } from './merge-rows.js';
import { DEFAULT_MAX_ROWS, SLOWEST_OF_ALL } from '../ranking/ranking.js';
import { requireSummary } from './require-summary.js';
import type { ModelUsage, Summary } from '../summary.js';
import { rankRows } from '../ranking/rank-rows.js';

const OLDER =
  'a summary without what merging needs, of an older version, was merged: quantiles and the observed time are estimates';

/**
 * Makes one summary of those of several processes, as if one had seen all spans: counts and sums are
 * added up, the quantiles are those of all durations together, exact up to 256 and within 1 % beyond,
 * and shares and rates are computed anew. In which order the summaries come does not matter, nor
 * whether some were merged before. What they found in common, a trace that ran through two of them for
 * example, counts twice: each process is to be merged once.
 *
 * - At most 1,000 rows, or as many as one of the summaries has, are kept by their critical time; the
 *   others share the row `(other)`. Of services, models, kinds of errors and warnings 100 are kept.
 * - Savings that some summaries do not know are taken to be the same share of the critical time.
 * - An insight that several have in common is told in the words of the one that would save most; its
 *   saving is that of all, and `evidence.processes` says how many saw it. Those with a saving are weighed
 *   anew.
 * - A summary of an older version, without `durations`, is merged by its p50, p95, p99 and maximum; a
 *   warning says so.
 * - The rows are ranked as in the summaries, by critical time when these differ.
 *
 * ```ts
 * import { BottleneckSpanProcessor } from 'hotspan/processor';
 * import { mergeSummaries, toText } from 'hotspan/report';
 *
 * const workers = [new BottleneckSpanProcessor(), new BottleneckSpanProcessor()];
 * console.log(toText(mergeSummaries(workers.map((worker) => worker.summary()))));
 * ```
 *
 * @throws TypeError when there is none, or one of them is not a summary
 */
export function mergeSummaries(summaries: readonly Summary[]): Summary {
  requireSummaries(summaries);
  const all = <T>(pick: (summary: Summary) => readonly T[]) => summaries.flatMap(pick);
  const latency = mergeLatency(summaries);
  const { rankedBy } = summaries[0]!;
  const by = summaries.every((each) => each.rankedBy === rankedBy) ? rankedBy : 'critical';
  const maxRows = largest(summaries, ({ bottlenecks }) => bottlenecks.length) ?? 0;
  const rows = mergeRows(
    all(({ bottlenecks }) => bottlenecks),
    Math.max(DEFAULT_MAX_ROWS, maxRows),
    latency.totalSeconds,
  );
  const totals = mergeTotals(summaries);
  const bottlenecks = rankRows(rows, by);
  const { costUsd, inputTokens } = totals;
  const weighedBy = { rows: bottlenecks, seconds: latency.totalSeconds, costUsd, inputTokens };
  return {
    schemaVersion: 1,
    generatedAt: all(({ generatedAt }) => [generatedAt])
      .sort()
      .at(-1)!,
    services: mergeServices(all(({ services }) => services)),
    rankedBy: by,
    ...mergeObserved(summaries),
    traces: mergeTraces(summaries),
    spans: {
      analyzed: add(summaries, ({ spans }) => spans.analyzed),
      late: add(summaries, ({ spans }) => spans.late),
      dropped: add(summaries, ({ spans }) => spans.dropped),
    },
    latency,
    totals,
    bottlenecks,
    slowest: slowestOf(
      all(({ slowest }) => slowest),
      SLOWEST_OF_ALL,
    ),
    models: mergeModels(all(({ models }) => models)),
    errors: mergeErrors(all(({ errors }) => errors)),
    ...(summaries.every(({ insights }) => insights === undefined)
      ? {}
      : {
          insights: mergeInsights(
            all(({ insights = [] }) => insights),
            weighedBy,
          ),
        }),
    ...(summaries.every(({ cpuProfiles }) => cpuProfiles === undefined)
      ? {}
      : { cpuProfiles: mergeCpuProfiles(all(({ cpuProfiles = [] }) => cpuProfiles)) }),
    ...mergeProcesses(summaries),
    warnings: mergeWarnings([
      ...all(({ warnings }) => warnings),
      ...summaries.filter(isOlder).map(() => OLDER),
    ]),
  };
}

function requireSummaries(summaries: unknown): void {
  if (!Array.isArray(summaries) || summaries.length === 0) {
    throw wrongUse('mergeSummaries', '`summaries` to be a list of at least one', summaries);
  }
  summaries.forEach((each, at) => requireSummary('mergeSummaries', `\`summaries[${at}]\``, each));
}

function add(summaries: readonly Summary[], pick: (summary: Summary) => number): number {
  return sumOf(summaries, pick) ?? 0;
}

function largest<T>(items: readonly T[], pick: (item: T) => number): number | undefined {
  return items.reduce<number | undefined>(
    (most, item) => Math.max(most ?? -Infinity, pick(item)),
    undefined,
  );
}

function isOlder({ latency, bottlenecks, observedFromEpochSeconds }: Summary): boolean {
  if (latency.count === 0) return false;
  const timings = [latency, ...bottlenecks];
  return (
    observedFromEpochSeconds === undefined ||
    timings.some(({ durations }) => durations === undefined)
  );
}

function mergeLatency(summaries: readonly Summary[]): Summary['latency'] {
  const latencies = summaries.map(({ latency }) => latency);
  return {
    count: sumOf(latencies, ({ count }) => count) ?? 0,
    totalSeconds: sumOf(latencies, ({ totalSeconds }) => totalSeconds) ?? 0,
    ...mergeTimings(latencies, ({ count }) => count),
  };
}

/** From the first start to the last end, as far as these are known; the longest time of one at least. */
function mergeObserved(
  summaries: readonly Summary[],
): Pick<Summary, 'observedSeconds' | 'observedFromEpochSeconds'> {
  const longest = largest(summaries, ({ observedSeconds }) => observedSeconds) ?? 0;
  const placed = summaries.flatMap(({ observedFromEpochSeconds: from, observedSeconds }) =>
    from === undefined ? [] : [{ from, to: from + observedSeconds }],
  );
  const to = largest(placed, (each) => each.to);
  const minusFrom = largest(placed, ({ from }) => -from);
  if (to === undefined || minusFrom === undefined) return { observedSeconds: longest };
  return {
    observedSeconds: Math.max(longest, to + minusFrom),
    observedFromEpochSeconds: -minusFrom,
  };
}

function mergeTraces(summaries: readonly Summary[]): Summary['traces'] {
  return {
    analyzed: add(summaries, ({ traces }) => traces.analyzed),
    incomplete: add(summaries, ({ traces }) => traces.incomplete),
    evicted: add(summaries, ({ traces }) => traces.evicted),
    ...defined({ replayed: sumOf(summaries, ({ traces }) => traces.replayed) }),
  };
}

function mergeTotals(summaries: readonly Summary[]): Summary['totals'] {
  const sum = (pick: (totals: Summary['totals']) => number) =>
    add(summaries, ({ totals }) => pick(totals));
  const sumIfKnown = (pick: (totals: Summary['totals']) => number | undefined) =>
    sumOf(summaries, ({ totals }) => pick(totals));
  const costUsd = sumIfKnown((totals) => totals.costUsd);
  const ended = add(summaries, ({ latency }) => latency.count);
  const succeeded = add(summaries, successesOf);
  return {
    llmCalls: sum((totals) => totals.llmCalls),
    unpricedCalls: sum((totals) => totals.unpricedCalls),
    inputTokens: sum((totals) => totals.inputTokens),
    outputTokens: sum((totals) => totals.outputTokens),
    ...defined({ costUsd }),
    attempts: sum((totals) => totals.attempts),
    retries: sum((totals) => totals.retries),
    wastedSeconds: sum((totals) => totals.wastedSeconds),
    ...defined({
      wastedCostUsd: sumIfKnown((totals) => totals.wastedCostUsd),
      cacheHits: sumIfKnown((totals) => totals.cacheHits),
      cacheSavedSeconds: sumIfKnown((totals) => totals.cacheSavedSeconds),
      cacheSavedUsd: sumIfKnown((totals) => totals.cacheSavedUsd),
    }),
    errors: sum((totals) => totals.errors),
    ...(ended > 0 ? { successRate: succeeded / ended } : {}),
    ...(costUsd !== undefined && succeeded > 0 ? { costPerSuccessUsd: costUsd / succeeded } : {}),
  };
}

/** How many local roots ended without an error. */
export function successesOf({ latency, totals }: Summary): number {
  return Math.round((totals.successRate ?? 0) * latency.count);
}

function mergeServices(services: readonly string[]): string[] {
  const names = [...new Set(services)].filter((name) => name !== OTHER);
  const isCut = names.length > MAX_KINDS || services.includes(OTHER);
  return [...names.sort().slice(0, MAX_KINDS), ...(isCut ? [OTHER] : [])];
}

function mergeModels(models: readonly ModelUsage[]): ModelUsage[] {
  const keyOf = ({ provider = '', model = '' }: ModelUsage) => `${provider}\n${model}`;
  const otherKey = keyOf({ model: OTHER } as ModelUsage);
  const groups = groupBounded(models, MAX_KINDS, otherKey, keyOf, ({ calls }) => calls);
  return groups.map(({ items, isOther }) => {
    const sum = (pick: (usage: ModelUsage) => number) => sumOf(items, pick) ?? 0;
    const { provider, model } = items[0]!;
    return {
      ...(isOther ? { model: OTHER } : defined({ provider, model })),
      calls: sum(({ calls }) => calls),
      errors: sum(({ errors }) => errors),
      inputTokens: sum(({ inputTokens }) => inputTokens),
      outputTokens: sum(({ outputTokens }) => outputTokens),
      ...defined({
        costUsd: sumOf(items, ({ costUsd }) => costUsd),
        unpricedCalls: sumOf(items, ({ unpricedCalls }) => unpricedCalls),
      }),
    };
  });
}

function mergeErrors(errors: Summary['errors']): Summary['errors'] {
  const keyOf = ({ type, segment, service = '' }: Omit<Summary['errors'][number], 'count'>) =>
    `${type}\n${service}\n${segment}`;
  const other = { type: OTHER, segment: OTHER };
  return groupBounded(errors, MAX_KINDS, keyOf(other), keyOf, ({ count }) => count)
    .map(({ items, isOther }) => ({
      ...(isOther ? other : items[0]!),
      count: sumOf(items, ({ count }) => count) ?? 0,
    }))
    .sort((a, b) => b.count - a.count);
}

function mergeWarnings(warnings: readonly string[]): string[] {
  const counted = warnings.map(readWarning);
  return groupBounded(
    counted,
    MAX_KINDS,
    OTHER_WARNING,
    ({ text }) => text,
    ({ count }) => count,
  ).map(({ items, isOther }) =>
    warningText({
      text: isOther ? OTHER_WARNING : items[0]!.text,
      count: sumOf(items, ({ count }) => count) ?? 0,
    }),
  );
}
