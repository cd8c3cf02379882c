import { sumOf } from '../sums.js';
import type { WaitFor } from '../summary.js';
import { addGroups, noGroupSums, type GroupSums } from '../trace-groups.js';
import type { Flows } from '../waits/flows.js';
import type { RowName } from '../trace/row-names.js';
import type { Row } from './row.js';

const NANOS = 1e9;
/** Less of a row's critical time is not worth a word. */
const MIN_SHARE = 0.01;

/** The critical time of a row: without its waits for others, and with those of others for it. */
export interface CriticalWithWaits {
  criticalNanos: number;
  /** The same by the groups of traces. */
  readonly groups: GroupSums;
  /** What of it nothing worked in. */
  idleNanos: number;
  /** The longest first. */
  waits: WaitFor[];
}

export function criticalWithWaits(
  rows: readonly Row[],
  flows: Flows,
): ReadonlyMap<RowName, CriticalWithWaits> {
  const all = new Map<RowName, CriticalWithWaits>();
  for (const row of rows) {
    const groups = [...(row.criticalGroups ?? noGroupSums())];
    all.set(row, { criticalNanos: row.criticalNanos, groups, idleNanos: 0, waits: [] });
  }
  for (const row of rows) {
    const own = all.get(row)!;
    const waited = new Map(row.waitNanos);
    for (const { to, isIdle, nanos } of flows.from(row, row.criticalNanos)) {
      const other = all.get(to);
      if (other === undefined) continue;
      own.criticalNanos -= nanos;
      other.criticalNanos += nanos;
      addGroups(own.groups, row.criticalGroups ?? [], -nanos / row.criticalNanos);
      addGroups(other.groups, row.criticalGroups ?? [], nanos / row.criticalNanos);
      if (isIdle) other.idleNanos += nanos;
      else waited.set(to, (waited.get(to) ?? 0) + nanos);
    }
    const least =
      MIN_SHARE * (row.criticalNanos + (sumOf([...row.waitNanos.values()], (nanos) => nanos) ?? 0));
    own.waits = [...waited]
      .filter(([, nanos]) => nanos >= least)
      .sort(([, a], [, b]) => b - a)
      .map(([{ name, service }, nanos]) => ({ row: name, service, seconds: nanos / NANOS }));
  }
  // Sums of many parts are never quite exact.
  for (const own of all.values()) own.criticalNanos = Math.max(0, own.criticalNanos);
  return all;
}
