import { fnv32 } from './hash.js';

/** Traces are put into so many groups by their ids: how much these differ says how sure a sum over all is. */
export const TRACE_GROUPS = 16;

/** Sums over the traces of each group. */
export type GroupSums = number[];

export function noGroupSums(): GroupSums {
  return new Array<number>(TRACE_GROUPS).fill(0);
}

/** Returns the group of a trace, the same in all processes: a hash, folded, since similar ids get similar sums. */
export function groupOfTrace(traceId: string): number {
  let hash = fnv32(traceId);
  hash ^= hash >>> 16;
  hash ^= hash >>> 8;
  return (hash ^ (hash >>> 4)) & (TRACE_GROUPS - 1);
}

/** Adds to each group what another sum has in it, `factor` times. */
export function addGroups(to: GroupSums, from: readonly number[], factor = 1): void {
  for (let group = 0; group < TRACE_GROUPS; group += 1) to[group]! += factor * (from[group] ?? 0);
}

export function totalOf(groups: readonly number[]): number {
  let total = 0;
  for (const sum of groups) total += sum;
  return total;
}
