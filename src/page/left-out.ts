import { plural } from '../format.js';
import type { Summary } from '../summary.js';

/** Sentences that say what the figures leave out; none if nothing is. */
export function leftOutNotes({ traces, spans, totals, sampled, warnings }: Summary): string[] {
  const counts: readonly (readonly [number, string, string])[] = [
    [traces.incomplete, 'request', 'incomplete: spans were missing, or still running at the end'],
    [traces.evicted, 'request', 'given up before the end'],
    [spans.late, 'span', 'late: counted, but on no critical path after the end of the request'],
    [spans.dropped, 'span', 'dropped: calls and cost count, times do not'],
    [totals.unpricedCalls, 'model call', 'without a known price: the cost is higher'],
    [totals.partlyPricedCalls ?? 0, 'model call', 'priced in part: the cost is higher'],
    [sampled?.spansLeftOut ?? 0, 'span', 'not exported by sampling: they are ranked all the same'],
  ];
  return [
    ...counts
      .filter(([count]) => count > 0)
      .map(([count, what, why]) => `${plural(count, what)} ${why}.`),
    ...warnings.map((text) => sentenceOf(text)),
  ];
}

function sentenceOf(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
