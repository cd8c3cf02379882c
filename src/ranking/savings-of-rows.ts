import { defined } from '../sums.js';
import type { Bottleneck } from '../summary.js';
import { keyOfRow, type RowName } from '../trace/row-names.js';
import { TAKEN_OVER_BELOW } from '../trace/what-if.js';
import type { CriticalWithWaits } from './critical-with-waits.js';
import type { SavingsSample } from './savings-sample.js';
import { groupsOf } from './sureness.js';

const NANOS = 1e9;
/** A branch that takes over less is not worth a word. */
const MIN_SHARE = 0.1;

/** What a row's own work would save, in seconds, and what limits it. */
export type RowSavings = Pick<
  Bottleneck,
  'savingSeconds' | 'takenOverBy' | 'savingDoubt' | 'criticalGroups' | 'savingGroups'
>;

/** Returns the savings of rows, from the shares of their critical time that a sample of the traces shows. */
export function savingsOfRows(
  critical: ReadonlyMap<RowName, CriticalWithWaits>,
  sample: SavingsSample,
  currentKey?: (key: string) => string,
): ReadonlyMap<RowName, RowSavings> {
  const outcomes = sample.outcomes(currentKey);
  const doubts = sample.doubts((row) => (critical.get(row)?.waits.length ?? 0) > 0);
  const byKey = new Map([...critical.keys()].map((row) => [keyOfRow(row), row]));
  const savings = new Map<RowName, RowSavings>();
  for (const [row, { criticalNanos, groups }] of critical) {
    const outcome = outcomes.get(keyOfRow(row));
    const criticalGroups = groups.map((nanos) => nanos / NANOS);
    if (criticalNanos === 0) savings.set(row, { savingSeconds: 0 });
    else if (outcome === undefined) savings.set(row, { criticalGroups });
    if (criticalNanos === 0 || outcome === undefined) continue;
    const seconds = criticalNanos / NANOS;
    const { saved, odd, takenOver } = outcome;
    const savingGroups = odd.map((share, at) => saved * criticalGroups[at]! + share * seconds);
    const other = takenOver && takenOver.share >= MIN_SHARE && byKey.get(takenOver.by);
    savings.set(row, {
      savingSeconds: saved * seconds,
      ...groupsOf(criticalGroups, savingGroups),
      ...defined({ savingDoubt: doubts.get(row) }),
      ...(other
        ? {
            takenOverBy: {
              row: other.name,
              service: other.service,
              seconds: takenOver.share * seconds,
            },
          }
        : {}),
    });
  }
  return savings;
}

/** Returns whether so much of a row's critical time can be saved that no branch that takes over matters. */
export function isMostSaved({
  savingSeconds = 0,
  criticalSeconds,
}: Pick<Bottleneck, 'savingSeconds' | 'criticalSeconds'>): boolean {
  return savingSeconds >= TAKEN_OVER_BELOW * criticalSeconds;
}
