import { formatSeconds, formatShare } from '../format.js';
import { OTHER } from '../bounded.js';
import { quoted, type Finding, type Totals } from './finding.js';

const MIN_SHARE = 0.6;
/** No other row has as much. */
const MAX_OTHER_SHARE = 0.2;

/** One row that most of the waiting was for, where no other comes near. */
export function dominant({ rows }: Totals): Finding[] {
  const byShare = [...rows].sort((a, b) => b.criticalShare - a.criticalShare);
  const [first, second] = byShare;
  // A single row has nothing to dominate.
  if (first === undefined || second === undefined || first.name === OTHER) return [];
  if (first.criticalShare <= MIN_SHARE || second.criticalShare >= MAX_OTHER_SHARE) return [];
  const { name, service, criticalShare, criticalSeconds } = first;
  const saving = first.savingSeconds ?? criticalSeconds;
  return [
    {
      kind: 'dominant',
      segment: name,
      service,
      message:
        `${formatShare(criticalShare)} of all waiting was for ${quoted(name)}, the next row had ` +
        `${formatShare(second.criticalShare)}: had it taken no time, ${formatSeconds(saving)} would ` +
        `have been saved at most`,
      evidence: { criticalShare, criticalSeconds, nextShare: second.criticalShare },
      savingSeconds: saving,
    },
  ];
}
