import type { Summary } from '../summary.js';
import type { Escape } from './escape.js';
import { formatCount, formatShare, plural } from '../format.js';

/** What the figures leave out and why, a sentence each; none when they are complete. */
export function notesOf(summary: Summary, escape: Escape): string[] {
  const { traces, spans, totals, models, delivery, sampled } = summary;
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
  const { analyzed, replayed = analyzed } = traces;
  if (replayed < analyzed) {
    const some = `${formatCount(replayed)} of ${plural(analyzed, 'trace')}`;
    notes.push(`savings are estimates, from ${some}: the slowest, and a sample of the others`);
  }
  const unknown = models.filter(({ unpricedCalls = 0 }) => unpricedCalls > 0);
  const withUsage = unknown.reduce((sum, { unpricedCalls = 0 }) => sum + unpricedCalls, 0);
  const names = unknown.map(({ model, provider }) => model ?? provider ?? 'an unnamed model');
  const known = names.map((name) => escape.name(name)).join(', ');
  const call = 'LLM call';
  say(totals.unpricedCalls - withUsage, call, 'unpriced: no usage in the response');
  say(withUsage, call, `unpriced: no known price for ${known} (\`setPrices\` takes your own)`);
  if (delivery !== undefined) {
    const { endpoint = 'the receiver', reason = 'no reason known' } = delivery;
    const where = `${endpoint} (${reason})`;
    say(
      delivery.dropped,
      'span',
      `not delivered to ${escape.sentence(where)}; the figures here are complete`,
    );
  }
  if (sampled !== undefined) {
    const share = formatShare(sampled.traces === 0 ? 1 : sampled.exported / sampled.traces);
    const all = plural(sampled.traces, 'trace');
    notes.push(`${share} of ${all} exported, by sampling; the figures here are of all`);
  }
  return [...notes, ...summary.warnings.map(escape.sentence)];
}
