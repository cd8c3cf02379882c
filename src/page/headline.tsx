import type { PageAbout } from '../page-data.js';
import type { Summary } from '../summary.js';
import { plural } from '../format.js';
import { inMoney, inTime } from './amounts.js';
import { Name } from './name.js';
import { leftOutNotes } from './left-out.js';
import { stretch } from './when.js';

interface Props {
  readonly summary: Summary;
  readonly about: PageAbout;
}

/** What was looked at, and how bad it is. */
export function Headline({ summary, about }: Props) {
  const { services, traces, observedSeconds, observedFromEpochSeconds: from } = summary;
  const left = leftOutNotes(summary).length;
  return (
    <header>
      <div class="masthead">
        <b>hotspan</b>
        <b>
          {services.map((service, at) => [at > 0 && ', ', <Name key={service} of={service} />])}
        </b>
        <span>
          {plural(traces.analyzed, 'request')} in {inTime(observedSeconds)}
          {from !== undefined && `, ${stretch(from, observedSeconds)}`}
        </span>
        <nav>
          <a href="#notes">{left === 0 ? 'nothing left out' : plural(left, 'note')}</a>
          {about.jaegerUrl !== undefined && <a href={about.jaegerUrl}>Open Jaeger</a>}
        </nav>
      </div>
      <h1>
        <Waited {...about.latency} /> <Paid summary={summary} />
      </h1>
    </header>
  );
}

/** With fewer requests, one in twenty is none. */
const MIN_FOR_P95 = 20;

function Waited({ count, p50Seconds, p95Seconds, maxSeconds }: PageAbout['latency']) {
  if (count === 0) return <>No request has ended yet: there is nothing to rank.</>;
  if (count === 1) return <>A user waited {inTime(maxSeconds)}.</>;
  const [who, seconds] =
    count < MIN_FOR_P95 ? ['the slowest', maxSeconds] : ['one in twenty', p95Seconds];
  return (
    <>
      Users waited <em>{inTime(p50Seconds)};</em> {who},{' '}
      <em>
        {inTime(seconds)}
        {count < MIN_FOR_P95 ? '.' : ' or more.'}
      </em>
    </>
  );
}

function Paid({ summary: { totals, latency } }: { summary: Summary }) {
  if (totals.costUsd === undefined || latency.count === 0) return null;
  const all = totals.unpricedCalls > 0 ? 'at least ' : '';
  return (
    <span class="quiet">
      A request costs {all}
      <em>{inMoney(totals.costUsd / latency.count)}.</em>
    </span>
  );
}
