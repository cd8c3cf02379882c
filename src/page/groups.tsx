import { keyOf } from '../sampled-times.js';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount } from '../format.js';
import type { ByValue, EntryPoint, Summary } from '../summary.js';
import { EntryName, type EntryChoice } from './entry-choice.js';
import { Name } from './name.js';
import { Section } from './section.js';
import { PlainTable, type PlainColumn } from './plain-table.js';
import { centsOf, ifKnown, moneyUnit, timeUnit } from './units.js';

const MOST = 8;
const MORE = 100;

interface Group extends Pick<
  EntryPoint,
  'calls' | 'errors' | 'totalSeconds' | 'costUsd' | 'p50Seconds' | 'p95Seconds'
> {
  readonly label: string;
  /** Of an entry point. */
  readonly entry?: string;
  readonly isAtLeast?: boolean;
}

/** Cost and latency by entry point, and by the attributes that were asked for. */
export function Groups({ summary, choice }: { summary: Summary; choice: EntryChoice }) {
  const { entryPoints = [], by = [], services } = summary;
  const entries = entryPoints.map(({ name, service, ...figures }): Group => {
    const label = services.length > 1 ? `${name} · ${service}` : name;
    return { label, entry: keyOf({ name, service }), ...figures };
  });
  const ofValue = ({ value, ...figures }: ByValue): Group => ({ label: value, ...figures });
  const tables = [
    ...(entries.length > 1 || by.length > 0 ? [{ head: 'Entry point', groups: entries }] : []),
    ...by.map(({ attribute, values }) => ({
      head: <Name of={attribute} />,
      groups: values.map(ofValue),
    })),
  ];
  if (tables.length === 0) return null;
  return (
    <Section id="groups" title="Which requests">
      <div class="groups">
        {tables.map((table, at) => (
          <GroupTable key={at} {...table} choice={choice} />
        ))}
      </div>
    </Section>
  );
}

function GroupTable(props: {
  head: ComponentChildren;
  groups: readonly Group[];
  choice: EntryChoice;
}) {
  const { head, groups, choice } = props;
  const [most, setMost] = useState(MOST);
  const shown = groups.slice(0, most);
  const hasCost = groups.some(({ costUsd }) => costUsd !== undefined);
  const sizeOf = ({ costUsd = 0, totalSeconds }: Group) => (hasCost ? costUsd : totalSeconds);
  const largest = groups.reduce((size, group) => Math.max(size, sizeOf(group)), 1e-12);
  const cost = moneyUnit(groups.map(({ costUsd }) => costUsd));
  const each = moneyUnit(groups.map(centsOf));
  const time = timeUnit(groups.flatMap(({ p50Seconds, p95Seconds }) => [p50Seconds, p95Seconds]));
  const columns: (PlainColumn<Group> | false)[] = [
    {
      head,
      cell: ({ label, entry, isAtLeast }) => (
        <>
          {entry === undefined ? (
            <Name of={label} />
          ) : (
            <EntryName entry={entry} text={label} choice={choice} />
          )}
          {isAtLeast === true && <abbr title="At least: the rest is in (other)"> +</abbr>}
        </>
      ),
    },
    {
      head: hasCost ? 'share of the cost' : 'share of the time',
      class: 'bar',
      cell: (group) => (
        <svg aria-hidden="true" width="100%" height="14">
          <rect
            class={hasCost ? 'paid' : 'saved'}
            width={`${(100 * sizeOf(group)) / largest}%`}
            height="14"
          />
        </svg>
      ),
    },
    hasCost && { head: 'cost, $', cell: ({ costUsd }) => ifKnown(costUsd, cost.format) },
    hasCost && { head: 'each, ¢', cell: (group) => ifKnown(centsOf(group), each.format) },
    { head: `p50, ${time.unit}`, cell: ({ p50Seconds }) => time.format(p50Seconds) },
    { head: `p95, ${time.unit}`, cell: ({ p95Seconds }) => time.format(p95Seconds) },
    { head: 'calls', cell: ({ calls }) => calls.toLocaleString('en-US') },
  ];
  return (
    <div>
      <PlainTable rows={shown} columns={columns} />
      {groups.length > most && (
        <button type="button" class="link more" onClick={() => setMost(most + MORE)}>
          {formatCount(groups.length - most)} more
        </button>
      )}
    </div>
  );
}
