import { keyOf } from '../sampled-times.js';
import { useState } from 'preact/hooks';
import { formatChange, formatCount } from '../format.js';
import type { PageDiff } from '../page-data.js';
import type { SlowSpan } from '../summary.js';
import { inTime } from './amounts.js';
import { Name } from './name.js';
import { Section } from './section.js';
import { jaegerHref } from './span-link.js';
import { timeUnit, type Unit } from './units.js';

const MOST = 20;
const MORE = 500;

type Row = PageDiff['rows'][number];

interface DiffRowsProps {
  readonly rows: readonly Row[];
  readonly jaegerUrl?: string | undefined;
  /** The key of the row whose boxes are framed in the flame graph. */
  readonly chosenRow?: string | undefined;
  /** Absent where there is no flame graph. */
  readonly onChooseRow?: ((key: string | undefined) => void) | undefined;
}

export function DiffRows({ rows, ...props }: DiffRowsProps) {
  const [most, setMost] = useState(MOST);
  const figures = rows.flatMap(({ before, after }) => [before, after]);
  const largest = figures.reduce<number>((size, figure = 0) => Math.max(size, figure), 1e-12);
  const services = new Set(rows.map(({ service }) => service));
  const time = timeUnit(figures);
  return (
    <Section
      id="rows"
      title="What users waited for, in a request"
      caption={`Grey is before, blue is after.${props.onChooseRow === undefined ? '' : ' A click on a name frames its boxes above.'}`}
    >
      <table class="diff rows">
        <thead>
          <tr>
            <th>Segment</th>
            <th class="bar">waited for</th>
            <th class="figure">before, {time.unit}</th>
            <th class="figure">after, {time.unit}</th>
            <th class="figure">change</th>
            <th class="verdict">verdict</th>
            <th class="slowest">slowest span</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((row) => (
            <RowLine
              key={keyOf(row)}
              {...{ row, largest, time, hasService: services.size > 1, ...props }}
            />
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <button type="button" class="link more" onClick={() => setMost(most + MORE)}>
          {formatCount(rows.length - most)} more
        </button>
      )}
    </Section>
  );
}

interface RowLineProps extends Omit<DiffRowsProps, 'rows'> {
  readonly row: Row;
  readonly largest: number;
  readonly time: Unit;
  readonly hasService: boolean;
}

function RowLine(props: RowLineProps) {
  const { row, largest, time, hasService, jaegerUrl, chosenRow, onChooseRow } = props;
  const { before, after, ratio, verdict, mood, slowest } = row;
  const name = <Name of={row.name} service={hasService ? row.service : undefined} />;
  const isChosen = chosenRow === keyOf(row);
  const widthOf = (seconds = 0) => `${(100 * seconds) / largest}%`;
  return (
    <tr>
      <th scope="row">
        {onChooseRow === undefined ? (
          name
        ) : (
          <button
            type="button"
            aria-pressed={isChosen}
            onClick={() => onChooseRow(isChosen ? undefined : keyOf(row))}
          >
            {name}
          </button>
        )}
      </th>
      <td class="bar">
        <svg aria-hidden="true" width="100%" height="16">
          <rect class="count" width={widthOf(before)} height="7" />
          <rect class="saved" y="8" width={widthOf(after)} height="7" />
        </svg>
      </td>
      <Figure
        label={`before, ${time.unit}`}
        text={before === undefined ? '' : time.format(before)}
      />
      <Figure label={`after, ${time.unit}`} text={after === undefined ? '' : time.format(after)} />
      <Figure label="change" text={changeWords(ratio)} />
      <td class={`verdict ${mood}`}>{verdict}</td>
      <td class="slowest" data-label="slowest">
        <SlowestSpan span={slowest.before} side="before" jaegerUrl={jaegerUrl} />
        {slowest.before !== undefined && slowest.after !== undefined && ' → '}
        <SlowestSpan span={slowest.after} side="after" jaegerUrl={jaegerUrl} />
      </td>
    </tr>
  );
}

/** On a narrow screen the label stands at the figure, since there are no heads. */
function Figure({ label, text }: { label: string; text: string }) {
  return (
    <td class="figure" data-label={label}>
      {text}
    </td>
  );
}

/** Its duration: a link to it where the address of Jaeger is known. */
function SlowestSpan(props: {
  span: SlowSpan | undefined;
  side: string;
  jaegerUrl: string | undefined;
}) {
  const { span, side, jaegerUrl } = props;
  if (span === undefined) return null;
  const words = inTime(span.seconds);
  const href = jaegerHref(jaegerUrl, span);
  if (href === undefined) return <span>{words}</span>;
  return (
    <a class="link" href={href} aria-label={`${words}, the slowest ${side}, in Jaeger`}>
      {words}
    </a>
  );
}

/** Nothing where it is the same to a tenth of a percent. */
export function changeWords(ratio?: number): string {
  const words = formatChange(ratio) ?? '';
  return /^[+-]?0\.0 %$/.test(words) ? '' : words;
}
