import { formatCount, plural } from '../format.js';
import type { SegmentCpuProfile, SlowEntryPoint, Summary } from '../summary.js';
import { inPercent, inTime } from './amounts.js';
import { Name, Sentence } from './name.js';
import { OF_ALL } from './entry-choice.js';
import { PlainTable } from './plain-table.js';
import { Section } from './section.js';
import { SpanLink, type SpanTargets } from './span-link.js';
import { timeUnit } from './units.js';

const MOST = 5;

/** What not every summary has: slow against typical, what code took time, experiments, errors, what runs. */
export function Details(props: { summary: Summary; targets: SpanTargets; isOfAll: boolean }) {
  const { summary, targets, isOfAll } = props;
  const { slow = [], cpuProfiles = [], experiments = [], errors, running } = summary;
  const profiles = cpuProfiles.filter(({ samples }) => samples > 0);
  const sizes = [slow, profiles, experiments, errors, running?.longest ?? []];
  if (sizes.every(({ length }) => length === 0)) return null;
  return (
    <Section id="details" title="In detail" caption={isOfAll && OF_ALL}>
      <div class="groups">
        {slow.slice(0, MOST).map((entry) => (
          <Slow key={`${entry.service}\n${entry.name}`} entry={entry} targets={targets} />
        ))}
        {profiles.slice(0, MOST).map((profile) => (
          <Profile key={`${profile.service}\n${profile.segment}`} profile={profile} />
        ))}
        {experiments.length > 0 && <Experiments experiments={experiments} />}
        {errors.length > 0 && (
          <PlainTable
            title="Errors"
            rows={errors.slice(0, 2 * MOST)}
            columns={[
              { head: 'Type', cell: ({ type }) => <Name of={type} /> },
              { head: 'in', class: 'text', cell: ({ segment }) => <Name of={segment} /> },
              { head: 'times', cell: ({ count }) => formatCount(count) },
            ]}
          />
        )}
        {running !== undefined && (
          <PlainTable
            title={`Still running: ${plural(running.count, 'segment')}`}
            rows={running.longest.slice(0, 2 * MOST)}
            columns={[
              { head: 'Segment', cell: ({ name }) => <Name of={name} /> },
              { head: 'open inside', cell: ({ openChildren }) => openChildren || '' },
              { head: 'for', cell: ({ seconds }) => inTime(seconds) },
            ]}
          />
        )}
      </div>
    </Section>
  );
}

function Slow({ entry, targets }: { entry: SlowEntryPoint; targets: SpanTargets }) {
  const rows = entry.rows.slice(0, MOST);
  const time = timeUnit(rows.flatMap((row) => [row.slowSeconds, row.typicalSeconds]));
  return (
    <PlainTable
      title={
        <>
          The slowest of <Name of={entry.name} /> take {inTime(entry.slowSeconds)}, typical ones{' '}
          {inTime(entry.typicalSeconds)}
        </>
      }
      rows={rows}
      columns={[
        {
          head: 'Waited for',
          cell: ({ name, isCause }) =>
            isCause ? (
              <b>
                <Name of={name} />
              </b>
            ) : (
              <Name of={name} />
            ),
        },
        { head: `slow, ${time.unit}`, cell: ({ slowSeconds }) => time.format(slowSeconds) },
        {
          head: `typical, ${time.unit}`,
          cell: ({ typicalSeconds }) => time.format(typicalSeconds),
        },
        {
          head: 'slowest',
          cell: ({ slowest: [span] }) =>
            span && (
              <SpanLink span={span} text={inTime(span.seconds)} targets={targets} isOptional />
            ),
        },
      ]}
    />
  );
}

function Profile({ profile }: { profile: SegmentCpuProfile }) {
  const { segment, seconds, calls, note, functions } = profile;
  const rows = functions.slice(0, MOST);
  const time = timeUnit(rows.flatMap((row) => [row.selfSeconds, row.totalSeconds]));
  const placeOf = (file = '', line?: number) => (line === undefined ? file : `${file}:${line}`);
  return (
    <PlainTable
      title={
        <>
          Processor time in <Name of={segment} />: {inTime(seconds)} in {plural(calls, 'call')}
          {note !== undefined && (
            <>
              . <Sentence text={note} />
            </>
          )}
        </>
      }
      rows={rows}
      columns={[
        { head: 'Function', cell: ({ name }) => <Name of={name} /> },
        {
          head: 'in',
          class: 'text',
          cell: ({ file, line }) => <Name of={placeOf(file, line)} />,
        },
        { head: 'share', cell: ({ share }) => inPercent(share) },
        { head: `own, ${time.unit}`, cell: ({ selfSeconds }) => time.format(selfSeconds) },
        { head: `all, ${time.unit}`, cell: ({ totalSeconds }) => time.format(totalSeconds) },
      ]}
    />
  );
}

function Experiments({ experiments }: Required<Pick<Summary, 'experiments'>>) {
  const time = timeUnit(
    experiments.flatMap((one) => [one.highSecondsPerTrace, one.predictedSecondsPerTrace]),
  );
  return (
    <PlainTable
      title="Measured by making rows slower: what a request would be shorter by"
      rows={experiments}
      columns={[
        { head: 'Segment', cell: ({ segment }) => <Name of={segment} /> },
        {
          head: `measured, ${time.unit}`,
          cell: ({ savingSecondsPerTrace: saving }) => time.format(saving),
        },
        {
          head: '95 of 100 times between',
          cell: ({ lowSecondsPerTrace: low, highSecondsPerTrace: high }) =>
            `${time.format(low)} and ${time.format(high)}`,
        },
        {
          head: `by replay, ${time.unit}`,
          cell: ({ predictedSecondsPerTrace: saving }) =>
            saving === undefined ? '' : time.format(saving),
        },
      ]}
    />
  );
}
