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
  const unknown = models.filter(({ unpricedCalls = 0 }) => unpricedCalls > 0);
  const withUsage = unknown.reduce((sum, { unpricedCalls = 0 }) => sum + unpricedCalls, 0);
  const names = unknown.map(({ model, provider }) => model ?? provider ?? 'an unnamed model');
  const known = names.map((name) => printable(name)).join(', ');
  const call = 'LLM call';
  say(totals.unpricedCalls - withUsage, call, 'unpriced: no usage in the response');
  say(withUsage, call, `unpriced: no known price for ${known} (\`setPrices\` takes your own)`);
  return [...notes, ...summary.warnings.map((text) => printable(text))];
}
