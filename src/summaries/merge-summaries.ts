import { defined, sumOf } from '../sums.js';
import { wrongUse } from '../errors.js';
import { groupBounded, MAX_KINDS, OTHER } from '../bounded.js';
import { OTHER_WARNING, readWarning, warningText } from '../ranking/counted-warning.js';
import { mergeCpuProfiles } from '../cpu-profile/merge-cpu-profiles.js';
import { successesOf, type Whole } from './figure.js';
import { mergeExperiments } from './merge-experiments.js';
import { mergeBy } from './merge-by.js';
import { mergeFigures } from './merge-figures.js';
import { mergeInsights } from './merge-insights.js';
import { mergePictures } from './merge-pictures.js';
import { findTwice, mergeShards } from './merge-shards.js';
import { mergeSlow } from './merge-slow.js';
import { DEFAULT_MAX_ROWS, SLOWEST_OF_ALL } from '../ranking/ranking.js';
import { rankRows } from '../ranking/rank-rows.js';
import { mergeGroups, mergeRows, rowKey, slowestOf } from './merge-rows.js';
import { renamed } from './merged-names.js';
import { requireSummary } from './require-summary.js';
import type { EntryPoint, ModelUsage, Summary } from '../summary.js';

const OLDER =
  'an older version saved a merged summary: quantiles and the observed time are estimates';
const NO_ENTRY_POINTS = 'an older version saved a summary: its traces are in no entry point';
const MAX_OPEN = 20;

/**
 * Merges the summaries of several processes into one, as if one process had seen all spans: it adds up
 * counts and sums, takes the quantiles of all durations together (exact up to 256 durations, within 1 %
 * beyond), and computes shares and rates anew. The order of the summaries does not matter, and some may
 * be merged ones. Merge each process once: what two summaries share, such as a trace that ran through
 * both processes, counts twice.
 *
 * - Keeps 1,000 rows, or as many as the largest summary has, by their time and cost; the others share
 *   the row `(other)`. Keeps 100 services, models, kinds of errors and warnings.
 * - Assumes that unknown savings are the same share of the critical time as the known ones.
 * - Tells an insight that several summaries share in the words of the one that would save most, with the
 *   savings of all; `evidence.processes` says how many saw it. Insights with a saving are weighed anew.
 * - Estimates the quantiles of a summary without `durations`, which an older version saved, and adds a
 *   warning.
 * - Warns of the shards that are missing where some are there (`shard` of `readSummary`).
 * - Ranks the rows as the summaries do, or by critical time if they differ.
 *
 * ```ts
 * import { BottleneckSpanProcessor } from 'hotspan/processor';
 * import { mergeSummaries, toText } from 'hotspan/report';
 *
 * const workers = [new BottleneckSpanProcessor(), new BottleneckSpanProcessor()];
 * console.log(toText(mergeSummaries(workers.map((worker) => worker.summary()))));
 * ```
 *
 * @throws TypeError if the list is empty, one of them is not a summary, a summary or a shard is there twice, or shards
 *   are of different counts
 */
export function mergeSummaries(given: readonly Summary[]): Summary {
  requireSummaries(given);
  const twice = findTwice(given);
  if (twice !== undefined) throw new TypeError(`mergeSummaries: ${twice}`);
  const summaries = renamed(given);
  const of = <Name extends keyof Summary>(name: Name) =>
    summaries.flatMap((each) => (each[name] ?? []) as Item<Name> | readonly Item<Name>[]);
  const ifAny = <Name extends keyof Summary>(
    name: Name,
    merge: (parts: Item<Name>[]) => Summary[Name],
  ): Partial<Pick<Summary, Name>> => {
    const isAbsent = summaries.every((summary) => summary[name] === undefined);
    return isAbsent ? {} : ({ [name]: merge(of(name)) } as Pick<Summary, Name>);
  };
  const whole = {
    latencySeconds: sumOf(of('latency'), ({ totalSeconds }) => totalSeconds) ?? 0,
    traces: sumOf(of('latency'), ({ count }) => count) ?? 0,
    successes: sumOf(summaries, successesOf) ?? 0,
  };
  const { rankedBy } = summaries[0]!;
  const by = summaries.every((each) => each.rankedBy === rankedBy) ? rankedBy : 'critical';
  const totals = mergeFigures('totals', of('totals'), whole);
  const most = Math.max(DEFAULT_MAX_ROWS, ...summaries.map((each) => each.bottlenecks.length));
  const groups = mergeGroups(
    of('latency').flatMap(({ count, groups: own }) => (count > 0 ? [own] : [])),
  );
  const bottlenecks = rankRows(mergeRows(summaries, most, whole, groups), by, groups);
  const { costUsd, inputTokens } = totals;
  const weighedBy = { rows: bottlenecks, seconds: whole.latencySeconds, costUsd, inputTokens };
  const older = [
    ...summaries.filter(isOlder).map(() => OLDER),
    ...summaries.filter(lacksEntryPoints).map(() => NO_ENTRY_POINTS),
  ];
  const entryPoints = ifAny('entryPoints', (points) => mergeEntryPoints(points, whole));
  return {
    schemaVersion: 1,
    generatedAt: of('generatedAt').sort().at(-1)!,
    services: mergeServices(of('services')),
    rankedBy: by,
    ...mergeObserved(summaries),
    traces: addUp(of('traces')),
    spans: addUp(of('spans')),
    latency: { ...mergeFigures('latency', of('latency'), whole), ...defined({ groups }) },
    totals,
    bottlenecks,
    ...entryPoints,
    ...ifAny('by', (by) => mergeBy(by, whole)),
    ...ifAny('slow', mergeSlow),
    slowest: slowestOf(of('slowest'), SLOWEST_OF_ALL),
    models: mergeModels(of('models'), whole),
    errors: mergeErrors(of('errors')),
    ...ifAny('insights', (insights) => mergeInsights(insights, weighedBy)),
    ...ifAny('pictures', (all) => mergePictures(all, entryPoints.entryPoints)),
    ...ifAny('cpuProfiles', mergeCpuProfiles),
    ...ifAny('lateSegments', mergeLate),
    ...ifAny('experiments', mergeExperiments),
    ...ifAny('running', (all) => {
      const longest = all.flatMap((each) => each.longest);
      return { ...addUp(all), longest: slowestOf(longest, MAX_OPEN) };
    }),
    ...ifAny('delivery', (all) => {
      const endpoint = all.find((each) => each.endpoint !== undefined)?.endpoint;
      const reason = all.find((each) => each.reason !== undefined)?.reason;
      return { ...addUp(all), ...defined({ endpoint, reason }) };
    }),
    ...ifAny('sampled', addUp),
    ...ifAny('unread', addUp),
    ...ifAny('prices', (all) => ({ date: all.map(({ date }) => date).sort()[0]! })),
    ...mergeShards(given, mergeWarnings([...of('warnings'), ...older])),
  };
}

/** A part of a summary; of a list, one of its items. */
type Item<Name extends keyof Summary> =
  NonNullable<Summary[Name]> extends readonly (infer T)[] ? T : NonNullable<Summary[Name]>;

function requireSummaries(summaries: unknown): void {
  if (!Array.isArray(summaries) || summaries.length === 0) {
    throw wrongUse('mergeSummaries', '`summaries` to be a list of at least one', summaries);
  }
  summaries.forEach((each, at) => requireSummary('mergeSummaries', `\`summaries[${at}]\``, each));
}

/** Adds up the counts in objects, each where it is known, and leaves out everything else. */
function addUp<T extends object>(items: readonly T[]): T {
  const names = new Set(items.flatMap((item) => Object.keys(item))) as Set<keyof T>;
  const countOf = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const sums = [...names].map((name) => [name, sumOf(items, (item) => countOf(item[name]))]);
  return defined(Object.fromEntries(sums) as T) as T;
}

type LateSegment = NonNullable<Summary['lateSegments']>[number];

function mergeLate(late: readonly LateSegment[]): LateSegment[] {
  const keyOf = ({ service, segment }: Omit<LateSegment, 'count'>) => `${service}\n${segment}`;
  const other = { segment: OTHER, service: '' };
  return groupBounded(late, MAX_KINDS, other, keyOf, ({ count }) => count).map(
    ({ named: { segment, service }, size }) => ({ segment, service, count: size }),
  );
}

function lacksEntryPoints({ latency, entryPoints }: Summary): boolean {
  return latency.count > 0 && entryPoints === undefined;
}

function mergeEntryPoints(points: readonly EntryPoint[], whole: Whole): EntryPoint[] {
  const other = { service: '', name: OTHER };
  const groups = groupBounded(points, MAX_KINDS, other, rowKey, (point) => point.totalSeconds);
  return groups.map(({ items, named: { name, service } }) => ({
    ...{ name, service },
    ...mergeFigures('entryPoint', items, whole),
  }));
}

function isOlder({ latency, bottlenecks, observedFromEpochSeconds: from }: Summary): boolean {
  const lacksDurations = [latency, ...bottlenecks].some((each) => each.durations === undefined);
  return latency.count > 0 && (from === undefined || lacksDurations);
}

/** From the first start to the last end, as far as they are known; at least the longest of all. */
function mergeObserved(
  summaries: readonly Summary[],
): Pick<Summary, 'observedSeconds' | 'observedFromEpochSeconds'> {
  const longest = Math.max(...summaries.map(({ observedSeconds }) => observedSeconds));
  const placed = summaries.flatMap(({ observedFromEpochSeconds: from, observedSeconds }) =>
    from === undefined ? [] : [{ from, to: from + observedSeconds }],
  );
  if (placed.length === 0) return { observedSeconds: longest };
  const from = Math.min(...placed.map((each) => each.from));
  const to = Math.max(...placed.map((each) => each.to));
  return { observedSeconds: Math.max(longest, to - from), observedFromEpochSeconds: from };
}

function mergeServices(services: readonly string[]): string[] {
  const names = [...new Set(services)].filter((name) => name !== OTHER);
  const isCut = names.length > MAX_KINDS || services.includes(OTHER);
  return [...names.sort().slice(0, MAX_KINDS), ...(isCut ? [OTHER] : [])];
}

function mergeModels(models: readonly ModelUsage[], whole: Whole): ModelUsage[] {
  const keyOf = ({ provider = '', model = '' }: Pick<ModelUsage, 'provider' | 'model'>) =>
    `${provider}\n${model}`;
  const groups = groupBounded(models, MAX_KINDS, { model: OTHER }, keyOf, ({ calls }) => calls);
  return groups.map(({ items, named: { provider, model } }) => ({
    ...defined({ provider, model }),
    ...mergeFigures('model', items, whole),
  }));
}

function mergeErrors(errors: Summary['errors']): Summary['errors'] {
  const keyOf = ({ type, segment, service = '' }: Omit<Summary['errors'][number], 'count'>) =>
    `${type}\n${service}\n${segment}`;
  const other = { type: OTHER, segment: OTHER };
  return groupBounded(errors, MAX_KINDS, other, keyOf, ({ count }) => count)
    .map(({ named, size }) => ({ ...named, count: size }))
    .sort((a, b) => b.count - a.count);
}

function mergeWarnings(warnings: readonly string[]): string[] {
  const counted = warnings.map(readWarning);
  const textOf = ({ text }: { readonly text: string }) => text;
  const other = { text: OTHER_WARNING };
  const groups = groupBounded(counted, MAX_KINDS, other, textOf, ({ count }) => count);
  return groups.map(({ named: { text }, size }) => warningText({ text, count: size }));
}
