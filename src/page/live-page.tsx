import type { OpenSegments } from '../summary.js';
import { plural } from '../format.js';
import { inTime } from './amounts.js';
import type { Live } from './live.js';
import { Name } from './name.js';
import { Page } from './page.js';

const STATES = { live: 'live', lost: 'no connection', ended: 'ended' };
/** How many of the segments that run are named. */
const NAMED = 3;

/** The page, below a line that says how new it is and what runs now. */
export function LivePage({ data, state, updated }: Live) {
  const { running, services } = data.summary;
  return (
    <>
      <p class={`live ${state}`}>
        <span>
          <b role="status">{STATES[state]}</b> · updated{' '}
          <time>{updated.toLocaleTimeString('en-GB')}</time>
        </span>
        {state === 'live' && running !== undefined && (
          <Running {...running} hasService={services.length > 1} />
        )}
      </p>
      <Page data={data} />
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
      {waitedFor.map(({ name, service, seconds, spanId }, at) => (
        <span key={spanId}>
          {at > 0 && ', '}
          <Name of={name} service={hasService ? service : undefined} /> for {inTime(seconds)}
        </span>
      ))}
      {others > 0 && ` and ${plural(others, 'other')}`}
    </span>
  );
}
