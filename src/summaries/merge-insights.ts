import { defined, sumOf } from '../sums.js';
import { dominant } from '../insights/dominant.js';
import { weigh, type Totals } from '../insights/finding.js';
import type { Insight } from '../summary.js';

/**
 * One insight for each kind, segment and service: in the words of the process that would save most, with
 * its figures, and the saving of all together. `evidence.processes` says how many saw the like, and
 * `mostSeconds` and `mostUsd` what that one would save. Those with a saving are weighed anew against all,
 * the others stay as severe as they were. Whether one row dominates is seen in the rows of all alone.
 *
 * @param insights of all processes
 * @param totals of all processes
 */
export function mergeInsights(insights: readonly Insight[], totals: Totals): Insight[] {
  const byKey = new Map<string, Insight[]>();
  for (const insight of insights) {
    if (insight.kind === 'dominant') continue;
    const key = keyOf(insight);
    byKey.set(key, [...(byKey.get(key) ?? []), insight]);
  }
  const kept = [...byKey.values()].map(together);
  const canSave = kept.filter(hasSaving);
  // Of these nobody can say what they would save: they come last, as they were weighed.
  const cannot = kept.filter((insight) => !hasSaving(insight)).sort(inOrder);
  return [...weigh([...canSave, ...dominant(totals)], totals), ...cannot];
}

const SEVERITY: Readonly<Record<Insight['severity'], number>> = { low: 0, medium: 1, high: 2 };

/** The most severe first. There is one for each key, so that nothing hangs on how they came. */
function inOrder(a: Insight, b: Insight): number {
  return SEVERITY[b.severity] - SEVERITY[a.severity] || (keyOf(a) < keyOf(b) ? -1 : 1);
}

function keyOf({ kind, service, segment }: Insight): string {
  return `${kind}\n${service}\n${segment}`;
}

function together(same: readonly Insight[]): Insight {
  const [most, other] = [...same].sort(
    (a, b) =>
      (ownSeconds(b) ?? 0) - (ownSeconds(a) ?? 0) ||
      (ownUsd(b) ?? 0) - (ownUsd(a) ?? 0) ||
      severityOf(b) - severityOf(a) ||
      (a.message < b.message ? -1 : 1),
  );
  if (other === undefined) return most!;
  const own = defined({ mostSeconds: ownSeconds(most!), mostUsd: ownUsd(most!) });
  return {
    ...most!,
    evidence: { ...most!.evidence, processes: sumOf(same, processesIn) ?? 0, ...own },
    ...defined({
      savingSeconds: sumOf(same, ({ savingSeconds }) => savingSeconds),
      savingUsd: sumOf(same, ({ savingUsd }) => savingUsd),
    }),
  };
}

/** What the process would save whose words these are; the saving itself may be that of several. */
function ownSeconds({ evidence: { mostSeconds }, savingSeconds }: Insight): number | undefined {
  return typeof mostSeconds === 'number' ? mostSeconds : savingSeconds;
}

function ownUsd({ evidence: { mostUsd }, savingUsd }: Insight): number | undefined {
  return typeof mostUsd === 'number' ? mostUsd : savingUsd;
}

/** Of those with a saving it hangs on what was merged before. */
function severityOf(insight: Insight): number {
  return hasSaving(insight) ? 0 : SEVERITY[insight.severity];
}

function processesIn({ evidence: { processes } }: Insight): number {
  return typeof processes === 'number' ? processes : 1;
}

function hasSaving({ savingSeconds, savingUsd }: Insight): boolean {
  return savingSeconds !== undefined || savingUsd !== undefined;
}
