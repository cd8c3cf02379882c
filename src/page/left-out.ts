import { plural } from '../format.js';
import type { Summary } from '../summary.js';

/** Sentences that say what the figures leave out; none if nothing is. */
export function leftOutNotes(summary: Summary): string[] {
  const { traces, spans, totals, sampled, warnings } = summary;
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
    ...missing(summary),
  ];
}

/** The pictures that there is nothing to draw from. */
function missing({ pictures, latency }: Summary): string[] {
  if (latency.count === 0) return [];
  const { callPaths = [], traces = [], sample = [] } = pictures ?? {};
  const without = [
    ...(sample.length === 0 ? ['what if'] : []),
    ...(callPaths.length === 0 ? ['call paths'] : []),
    ...(traces.length === 0 ? ['traces'] : []),
  ];
  if (without.length === 0) return [];
  return [`Not shown, since the summary does not tell of it: ${without.join(', ')}.`];
}

function sentenceOf(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
