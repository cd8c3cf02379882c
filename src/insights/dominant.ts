import { OTHER } from '../bounded.js';
import { formatSeconds, formatShare } from '../format.js';
import type { Finding, Totals } from './finding.js';
import { quoted } from './rule.js';

const MIN_SHARE = 0.6;
/** No other row has as much. */
const MAX_OTHER_SHARE = 0.2;

/** Finds the row that most of the waiting was for, where no other comes near. */
export function dominant({ rows }: Totals): Finding[] {
  const [first, second] = [...rows].sort((a, b) => b.criticalShare - a.criticalShare);
  // A single row has nothing to dominate.
  if (first === undefined || second === undefined || first.name === OTHER) return [];
  if (first.criticalShare <= MIN_SHARE || second.criticalShare >= MAX_OTHER_SHARE) return [];
  const { name, service, criticalShare, criticalSeconds } = first;
  const savingSeconds = first.savingSeconds ?? criticalSeconds;
  const message =
    `${formatShare(criticalShare)} of all waiting was for ${quoted(name)} (next row: ` +
    `${formatShare(second.criticalShare)}). Make it faster: saves up to ${formatSeconds(savingSeconds)}`;
  const evidence = { criticalShare, criticalSeconds, nextShare: second.criticalShare };
  const spans = first.slowest;
  return [{ kind: 'dominant', segment: name, service, message, evidence, savingSeconds, spans }];
}
