import type { WaitFor } from '../summary.js';
import type { Flows } from '../waits/flows.js';
import type { RowName } from '../trace/row-names.js';
import type { Row } from './row.js';

const NANOS = 1e9;
/** Less of a row's critical time is not worth a word. */
const MIN_SHARE = 0.01;

/** The critical time of a row: without its waits for others, and with those of others for it. */
export interface CriticalWithWaits {
  criticalNanos: number;
  /** What of it nothing worked in. */
  idleNanos: number;
  /** The longest first. */
  waits: WaitFor[];
}

export function criticalWithWaits(
  rows: readonly Row[],
  flows: Flows,
): ReadonlyMap<RowName, CriticalWithWaits> {
  const all = new Map(
    rows.map((row): [RowName, CriticalWithWaits & { readonly own: number }] => {
      const own = row.criticalNanos;
      return [row, { own, criticalNanos: own, idleNanos: 0, waits: [] }];
    }),
  );
  for (const [row, own] of all) {
    for (const { to, isIdle, nanos } of flows.from(row, own.own)) {
      const other = all.get(to);
      if (other === undefined) continue;
      own.criticalNanos -= nanos;
      other.criticalNanos += nanos;
      if (isIdle) other.idleNanos += nanos;
      else if (nanos >= MIN_SHARE * own.own) {
        own.waits.push({ row: to.name, service: to.service, seconds: nanos / NANOS });
      }
    }
    own.waits.sort((a, b) => b.seconds - a.seconds);
  }
  // Sums of many parts are never quite exact.
  for (const own of all.values()) own.criticalNanos = Math.max(0, own.criticalNanos);
  return all;
}
