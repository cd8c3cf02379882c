import { dominant } from './insights/dominant.js';
import { weigh, type Totals } from './insights/finding.js';
import type { Insight } from './summary.js';

/**
 * One insight for each kind, segment and service: that of the process with the largest saving, whole, so
 * that words and figures fit; `evidence.processes` says how many saw the like. Those with a saving are
 * weighed anew against all, the others stay as severe as they were. Whether one row dominates is seen in
 * the rows of all alone.
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
  const kept = [...byKey.values()].map(largestOf);
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

function largestOf(same: readonly Insight[]): Insight {
  const [largest] = [...same].sort(
    (a, b) =>
      (b.savingSeconds ?? 0) - (a.savingSeconds ?? 0) ||
      (b.savingUsd ?? 0) - (a.savingUsd ?? 0) ||
      SEVERITY[b.severity] - SEVERITY[a.severity] ||
      (a.message < b.message ? -1 : 1),
  );
  const processes = same.reduce((sum, { evidence }) => sum + processesIn(evidence), 0);
  if (processes < 2) return largest!;
  return { ...largest!, evidence: { ...largest!.evidence, processes } };
}

function processesIn({ processes }: Insight['evidence']): number {
  return typeof processes === 'number' ? processes : 1;
}

function hasSaving({ savingSeconds, savingUsd }: Insight): boolean {
  return savingSeconds !== undefined || savingUsd !== undefined;
}
