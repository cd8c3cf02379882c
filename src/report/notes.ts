import type { Summary } from '../analysis/summary.js';
import { plural, printable } from './format.js';

/** What the figures leave out and why, a sentence each; none when they are complete. */
export function notesOf(summary: Summary): string[] {
  const { traces, spans, totals, models } = summary;
  const notes: string[] = [];
  const say = (count: number, what: string, text: string) => {
    if (count > 0) notes.push(`${plural(count, what)} ${text}`);
  };
  say(traces.incomplete, 'trace', 'incomplete: spans were missing, or still running at its end');
  say(traces.evicted, 'trace', 'evicted before its end: open at shutdown, or beyond the limits');
  say(
    spans.late,
    'span',
    'late: counted, but what came after the end of its trace is on no critical path ' +
      '(await the work inside its segment to have it ranked)',
  );
  say(
    spans.dropped,
    'span',
    'dropped, of evicted traces or beyond the limits: calls and cost count, self and critical time do not',
  );
  const unpriced = models.filter(
    ({ calls, errors, costUsd }) => calls > errors && costUsd === undefined,
  );
  const names = unpriced.map(({ model, provider }) => model ?? provider ?? 'an unnamed model');
  say(
    totals.unpricedCalls,
    'LLM call',
    'unpriced: no usage in the response' +
      (names.length > 0
        ? `, or no known price for ${names.map((name) => printable(name)).join(', ')}`
        : ''),
  );
  return [...notes, ...summary.warnings.map((text) => printable(text))];
}
