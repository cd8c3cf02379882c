import type { RunningTraces } from '../page-data.js';
import type { OpenSegments } from '../summary.js';
import { plural } from '../format.js';
import { inTime } from './amounts.js';
import type { Live } from './live.js';
import { Name } from './name.js';
import { Newest } from './newest.js';
import { Page } from './page.js';

const STATES = { live: 'live', lost: 'no connection', ended: 'ended' };
/** How many of the segments that run are named. */
const NAMED = 3;

/** The page, below a line that says how new it is and what runs now. */
export function LivePage({ data, state, updated }: Live) {
  const { running, services } = data.summary;
  const { running: traces, newest, jaegerUrl } = data.about;
  return (
    <>
      <aside class={`live ${state}`} aria-label="Live">
        <span>
          <b role="status">{STATES[state]}</b> · updated{' '}
          <time>{updated.toLocaleTimeString('en-GB')}</time>
        </span>
        {state === 'live' && running !== undefined && (
          <Running {...running} hasService={services.length > 1} />
        )}
        {state === 'live' && traces !== undefined && <RunningNow {...traces} />}
      </aside>
      <Page data={data}>
        {newest !== undefined && (
          <Newest
            {...{ newest, jaegerUrl }}
            count={data.summary.traces.analyzed}
            hasService={services.length > 1}
          />
        )}
      </Page>
    </>
  );
}

/** Those that the others wait for, the longest first. */
function Running({ count, longest, hasService }: OpenSegments & { hasService: boolean }) {
  const waitedFor = longest.filter(({ openChildren }) => openChildren === 0).slice(0, NAMED);
  const others = count - waitedFor.length;
  return (
    <span>
      running now:{' '}
      {waitedFor.map(({ name, row = name, service, seconds, spanId }, at) => (
        <span key={spanId}>
          {at > 0 && ', '}
          <Name of={row} service={hasService ? service : undefined} /> for {inTime(seconds)}
        </span>
      ))}
      {others > 0 && ` and ${plural(others, 'other')}`}
    </span>
  );
}

/** Each by its last step, since a span comes when it ends. */
function RunningNow({ count, longest }: RunningTraces) {
  const named = longest.slice(0, NAMED);
  const others = count - named.length;
  return (
    <span>
      running now:{' '}
      {named.map(({ traceId, name, service, seconds, spans }, at) => (
        <span key={traceId}>
          {at > 0 && ', '}
          {plural(spans, 'span')} up to <Name of={name} service={service} /> in {inTime(seconds)}
        </span>
      ))}
      {others > 0 && ` and ${plural(others, 'other')}`}
    </span>
  );
}
