import type { Summary } from '../analysis/summary.js';
import { plural, printable } from './format.js';

/** What the figures leave out and why, a sentence each; none when they are complete. */
export function notesOf(summary: Summary): string[] {
  const { traces, spans, totals } = summary;
  const notes: string[] = [];
  const say = (count: number, what: string, text: string) => {
    if (count > 0) notes.push(`${plural(count, what)} ${text}`);
  };
  say(
    traces.incomplete,
    'trace',
    'had spans that were missing, or still running when the local root ended',
  );
  say(traces.evicted, 'trace', 'given up before the local root ended, to stay within the limits');
  say(
    spans.late,
    'span',
    'ended after the local root: counted, but what came after it is on no critical path',
  );
  say(
    spans.dropped,
    'span',
    'beyond the limits: calls and cost count, self and critical time do not',
  );
  say(
    totals.unpricedCalls,
    'LLM call',
    'without a cost: the price of the model is not known, or the response had no usage',
  );
  return [...notes, ...summary.warnings.map(printable)];
}
