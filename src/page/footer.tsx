import { formatCount, plural } from '../format.js';
import type { PageData } from '../page-data.js';
import { leftOutNotes } from './left-out.js';
import { Sentence } from './name.js';

/** How far the page can be trusted, and its words. */
export function Footer({ summary, about }: PageData) {
  const { traces, spans, prices, generatedAt } = summary;
  const notes = leftOutNotes(summary);
  return (
    <footer id="notes">
      {notes.length === 0 && <p>Nothing was left out.</p>}
      {notes.map((note) => (
        <p key={note}>
          <Sentence text={note} />
        </p>
      ))}
      <p>
        {plural(traces.analyzed, 'request')}, {plural(spans.analyzed, 'span')}.{' '}
        {traces.replayed !== undefined &&
          `Savings are estimates: ${replayed(traces.replayed, traces.analyzed)} run again without the row. Savings of several rows overlap: do not add them up.`}
      </p>
      <p>
        Waited for: the time in which all else waited for this work; the rows add up to all waiting.
        Wasted: failed attempts and the waits between attempts.
      </p>
      <p>
        hotspan {about.version} · {prices !== undefined && `prices of ${prices.date} · `}
        made {generatedAt.slice(0, 16).replace('T', ' ')} UTC
      </p>
    </footer>
  );
}

function replayed(count: number, all: number): string {
  if (count >= all) return all === 1 ? 'the request was' : 'all requests were';
  return `${formatCount(count)} of the requests, the slowest among them, were`;
}
