import { groupBy } from '../bounded.js';
import { defined, sumOf } from '../sums.js';
import { dominant } from '../insights/dominant.js';
import { withoutWeaker, weigh, type Totals } from '../insights/finding.js';
import { MAX_SHOWN } from '../insights/shown.js';
import { slowestOf } from './merge-rows.js';
import type { Insight } from '../summary.js';

/**
 * Merges insights into one for each kind, segment and service, in the words of the process that would save
 * most: `mostSeconds` and `mostUsd` say how much. Insights with a saving are weighed anew against all; the
 * others stay as severe as they were. Dominant rows are found anew among all rows.
 */
export function mergeInsights(insights: readonly Insight[], totals: Totals): Insight[] {
  const others = insights.filter(({ kind }) => kind !== 'dominant');
  const byKey = [...groupBy(others, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  const kept = byKey.map(([, items]) => together(items));
  const canSave = kept.filter(hasSaving);
  const cannot = kept
    .filter((insight) => !hasSaving(insight))
    .sort((a, b) => SEVERITY[b.severity] - SEVERITY[a.severity]);
  return withoutWeaker([...weigh([...canSave, ...dominant(totals)], totals), ...cannot]);
}

const SEVERITY: Readonly<Record<Insight['severity'], number>> = { low: 0, medium: 1, high: 2 };

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
  const processesIn = ({ evidence: { processes } }: Insight) =>
    typeof processes === 'number' ? processes : 1;
  const own = defined({ mostSeconds: ownSeconds(most!), mostUsd: ownUsd(most!) });
  return {
    ...most!,
    evidence: { ...most!.evidence, processes: sumOf(same, processesIn) ?? 0, ...own },
    ...defined({
      spans: spansOf(same),
      savingSeconds: sumOf(same, ({ savingSeconds }) => savingSeconds),
      savingUsd: sumOf(same, ({ savingUsd }) => savingUsd),
    }),
  };
}

/** Those with most time of all, where some are known. */
function spansOf(same: readonly Insight[]): Insight['spans'] {
  const spans = same.flatMap((insight) => insight.spans ?? []);
  return spans.length === 0 ? undefined : slowestOf(spans, MAX_SHOWN);
}

/** The saving of the process whose words these are; `savingSeconds` may be that of several. */
const ownSeconds = ({ evidence: { mostSeconds }, savingSeconds }: Insight) =>
  typeof mostSeconds === 'number' ? mostSeconds : savingSeconds;
const ownUsd = ({ evidence: { mostUsd }, savingUsd }: Insight) =>
  typeof mostUsd === 'number' ? mostUsd : savingUsd;
/** Of insights with a saving, the severity depends on earlier merges. */
const severityOf = (insight: Insight) => (hasSaving(insight) ? 0 : SEVERITY[insight.severity]);

function hasSaving({ savingSeconds, savingUsd }: Insight): boolean {
  return savingSeconds !== undefined || savingUsd !== undefined;
}
