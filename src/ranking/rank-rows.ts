import { wrongUse } from '../errors.js';
import type { Bottleneck, RankBy, Summary } from '../summary.js';
import { cannotBeToldApart, savingGroupsOf } from './sureness.js';

const KEYS: Readonly<Record<RankBy, (row: Bottleneck) => number>> = {
  // Of the time that was waited for, what can be saved; all but the idle time where that is not known.
  critical: (row) => row.savingSeconds ?? row.criticalSeconds - (row.idleSeconds ?? 0),
  // An unknown saving comes after no saving.
  saving: (row) => row.savingSeconds ?? -1,
  self: (row) => row.selfSeconds,
  total: (row) => row.totalSeconds,
  p95: (row) => row.p95Seconds,
  cost: (row) => row.costUsd ?? 0,
  waste: (row) => row.wastedSeconds ?? 0,
};

export const RANK_BY = Object.keys(KEYS) as readonly RankBy[];

export function requireRankBy(where: string, by: RankBy | undefined): void {
  if (by === undefined || RANK_BY.includes(by)) return;
  throw wrongUse(where, `\`rankBy\` to be one of ${RANK_BY.join(', ')}`, by);
}

/** So many rows are compared with each other: further down, what comes first matters little. */
const MAX_COMPARED = 20;

/**
 * Sorts the rows and ranks them from 1. Ties go by critical time, then by total time and name.
 *
 * @param whole the time of all traces by their groups, which tell the rows apart
 */
export function rankRows(
  rows: readonly Bottleneck[],
  by: RankBy,
  whole: Summary['latency']['groups'],
): Bottleneck[] {
  const key = KEYS[by];
  const sorted = [...rows]
    .sort(
      (a, b) =>
        key(b) - key(a) ||
        b.criticalSeconds - a.criticalSeconds ||
        b.totalSeconds - a.totalSeconds ||
        (`${a.service}\n${a.name}` < `${b.service}\n${b.name}` ? -1 : 1),
    )
    .map((row, index) => ranked(row, index + 1));
  if (by !== 'critical' && by !== 'saving') return sorted;
  const compared = sorted
    .slice(0, MAX_COMPARED)
    .map((row) => savingGroupsOf(row) ?? row.criticalGroups);
  return sorted.map((row, index) => {
    if (index >= MAX_COMPARED || key(row) <= 0) return row;
    const own = compared[index];
    const at = compared.findIndex((sums) => cannotBeToldApart(sums, own, whole));
    return at < 0 || at >= index ? row : { ...row, mayRank: at + 1 };
  });
}

/** In another order it may rank elsewhere. */
function ranked(row: Bottleneck, rank: number): Bottleneck {
  const copy: Omit<Bottleneck, 'mayRank'> & { mayRank?: number } = { ...row, rank };
  delete copy.mayRank;
  return copy;
}

/**
 * Returns a copy of a summary with its rows in another order.
 *
 * @throws TypeError if `by` is not one of critical, saving, self, total, p95, cost, waste
 */
export function rerank<T extends Summary>(summary: T, by: RankBy): T {
  requireRankBy('rerank', by);
  const bottlenecks = rankRows(summary.bottlenecks, by, summary.latency.groups);
  return { ...summary, rankedBy: by, bottlenecks };
}
