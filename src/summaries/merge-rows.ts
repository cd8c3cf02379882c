import { groupBounded, groupBy, OTHER } from '../bounded.js';
import { groupsOf, intervalsOf, savingGroupsOf } from '../ranking/sureness.js';
import { isMostSaved } from '../ranking/savings-of-rows.js';
import { MAX_WAITS, SECONDS_PER_USD, SLOWEST_PER_ROW } from '../ranking/row.js';
import type { Bottleneck, SlowSpan, Summary, WaitFor } from '../summary.js';
import { defined, sumOf } from '../sums.js';
import { addGroups, noGroupSums } from '../trace-groups.js';
import type { Whole } from './figure.js';
import { mergeFigures } from './merge-figures.js';

export function rowKey({ service, name }: Pick<Bottleneck, 'service' | 'name'>): string {
  return `${service}\n${name}`;
}

/** Of the critical time of all processes. */
const MIN_DOUBTFUL = 0.05;

const OTHERS = { service: '', name: OTHER };
const isOthers = (row: Bottleneck) => rowKey(row) === rowKey(OTHERS);
const missedOf = ({ inOtherSeconds }: Bottleneck) => inOtherSeconds;

/** Merges the rows of one name, and keeps those that took and cost most. */
export function mergeRows(
  summaries: readonly Summary[],
  limit: number,
  whole: Whole,
  latencyGroups: Groups,
): Bottleneck[] {
  const rows = summaries.flatMap(({ bottlenecks }) => bottlenecks);
  const groups = groupBounded(rows, limit, OTHERS, rowKey, weightOf);
  const missed = missedIn(summaries);
  return groups.map(({ items, named: { name, service } }) => {
    const slowest = slowestOf(
      items.flatMap((row) => row.slowest),
      SLOWEST_PER_ROW,
    );
    const sums = mergeFigures('row', items, whole);
    const figures = { ...sums, ...mergeRowGroups(items, sums) };
    const inOtherSeconds = missed(items);
    const isMissed = inOtherSeconds > 0 ? { inOtherSeconds } : {};
    const intervals = intervalsOf(figures, latencyGroups);
    const more = {
      ...intervals,
      ...isMissed,
      ...mergeWaits(items),
      ...mergeTakenOver(items, sums),
      ...mergeDoubts(items, sums),
    };
    return { rank: 0, name, service, ...figures, ...more, slowest };
  });
}

type Groups = readonly number[] | undefined;

/** `undefined` if a part of the sums is unknown, or there is none. */
export function mergeGroups(parts: readonly Groups[]): Groups {
  if (parts.length === 0) return undefined;
  const sums = noGroupSums();
  for (const part of parts) {
    if (part === undefined) return undefined;
    addGroups(sums, part);
  }
  return sums;
}

/** Of a saving that is unknown, as where savings are merged: the same share of the critical time as elsewhere. */
function mergeRowGroups(
  rows: readonly Bottleneck[],
  { criticalSeconds, savingSeconds }: Pick<Bottleneck, 'criticalSeconds' | 'savingSeconds'>,
): Pick<Bottleneck, 'criticalGroups' | 'savingGroups'> {
  const working = rows.filter((row) => row.criticalSeconds > 0);
  const criticalGroups = mergeGroups(working.map((row) => row.criticalGroups));
  if (criticalGroups === undefined) return {};
  const ratio = (savingSeconds ?? 0) / criticalSeconds;
  const isKnown = working.some((row) => row.savingSeconds !== undefined);
  const saving = working.map(
    (row) => savingGroupsOf(row) ?? row.criticalGroups?.map((sum) => ratio * sum),
  );
  return groupsOf(criticalGroups, isKnown ? mergeGroups(saving) : undefined);
}

/** As the ranking of one process weighs its rows. */
function weightOf({ totalSeconds, criticalSeconds, costUsd = 0 }: Bottleneck): number {
  return totalSeconds + criticalSeconds + SECONDS_PER_USD * costUsd;
}

/** What a summary without a row of a name may have of it among all others counts as missed, too. */
function missedIn(summaries: readonly Summary[]): (items: readonly Bottleneck[]) => number {
  const ofAny = new Map<Bottleneck, number>();
  let anywhere = 0;
  for (const { bottlenecks } of summaries) {
    const any = bottlenecks.find(isOthers)?.inOtherSeconds ?? 0;
    anywhere += any;
    for (const row of bottlenecks) ofAny.set(row, any);
  }
  const ofName = (same: readonly Bottleneck[]) =>
    Math.max(0, anywhere - (sumOf(same, (row) => ofAny.get(row)) ?? 0)) +
    (sumOf(same, missedOf) ?? 0);
  return (items) => {
    if (!items.some(isOthers) && new Set(items.map(rowKey)).size === 1) return ofName(items);
    const given = groupBy(
      items.filter((row) => !isOthers(row)),
      rowKey,
    );
    const each = [...given.values()].map((same) => ofName(same) + (sumOf(same, weightOf) ?? 0));
    return each.reduce((most, missed) => Math.max(most, missed), anywhere);
  };
}

function mergeWaits(rows: readonly Bottleneck[]): Pick<Bottleneck, 'waitsFor'> {
  const waitsFor = addWaits(rows.flatMap((row) => row.waitsFor ?? [])).slice(0, MAX_WAITS);
  return waitsFor.length === 0 ? {} : { waitsFor };
}

/** Who takes over in most processes, if little can be saved in all of them together. */
function mergeTakenOver(
  rows: readonly Bottleneck[],
  merged: Pick<Bottleneck, 'savingSeconds' | 'criticalSeconds'>,
): Pick<Bottleneck, 'takenOverBy'> {
  if (isMostSaved(merged)) return {};
  const [takenOverBy] = addWaits(rows.flatMap((row) => row.takenOverBy ?? []));
  return defined({ takenOverBy });
}

/** The doubt that most of the saving has, unless it is a small part. */
function mergeDoubts(
  rows: readonly Bottleneck[],
  { criticalSeconds }: Pick<Bottleneck, 'criticalSeconds'>,
): Pick<Bottleneck, 'savingDoubt'> {
  const doubtful = groupBy(rows, ({ savingDoubt }) => savingDoubt);
  doubtful.delete(undefined);
  const [most] = [...doubtful]
    .map(([savingDoubt, of]) => ({
      savingDoubt,
      seconds: sumOf(of, (r) => r.criticalSeconds) ?? 0,
    }))
    .sort((a, b) => b.seconds - a.seconds);
  if (most === undefined || most.seconds < MIN_DOUBTFUL * criticalSeconds) return {};
  return defined({ savingDoubt: most.savingDoubt });
}

/** The longest first. */
function addWaits(waits: readonly WaitFor[]): WaitFor[] {
  const groups = groupBy(waits, ({ service, row }) => rowKey({ service, name: row }));
  return [...groups.values()]
    .map((same) => ({ ...same[0]!, seconds: sumOf(same, ({ seconds }) => seconds) ?? 0 }))
    .sort((a, b) => b.seconds - a.seconds);
}

/** Ties go by their ids, so that the order of the spans does not matter. */
export function slowestOf<T extends SlowSpan>(spans: readonly T[], limit: number): T[] {
  const idOf = ({ traceId, spanId }: T) => `${traceId}\n${spanId}`;
  return [...spans]
    .sort((a, b) => b.seconds - a.seconds || (idOf(a) < idOf(b) ? -1 : 1))
    .slice(0, limit);
}
