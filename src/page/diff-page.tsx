import { useState } from 'preact/hooks';
import { formatChange, formatCount, FORMATS, plural } from '../format.js';
import type { DiffPageData, PageDiff } from '../page-data.js';
import { inMoney, inPercent, inTime } from './amounts.js';
import { Name, Sentence } from './name.js';
import { timeUnit, type Unit } from './units.js';
import { visible } from './visible.js';

const MOST = 20;
const MORE = 500;

type Overall = PageDiff['overall'][number];
type Row = PageDiff['rows'][number];

/** Two summaries side by side. */
export function DiffPage({ data: { diff, version } }: { data: DiffPageData }) {
  const { traces, overall, rows, notes, conclusion } = diff;
  return (
    <>
      <header>
        <div class="masthead">
          <b>hotspan</b>
          <span>
            {plural(traces.before, 'request')} before, {formatCount(traces.after)} after
          </span>
        </div>
        <h1>
          <Headline overall={overall} />
        </h1>
      </header>
      <main>
        <p class="conclusion">{visible(conclusion)}</p>
        <OverallTable overall={overall} />
        {rows.length > 0 && <Rows rows={rows} />}
      </main>
      <footer id="notes">
        {notes.map((note) => (
          <p key={note}>
            <Sentence text={note} />
          </p>
        ))}
        <p>
          Better and worse are told where the change is more than two runs of the same program
          differ by. Noise: it is not. Same: less than 2 %.
        </p>
        <p>hotspan {version}</p>
      </footer>
    </>
  );
}

/** In a headline only the two that everybody looks for. */
function Headline({ overall }: { overall: readonly Overall[] }) {
  const sides = (label: string, words: (figure: number) => string) => {
    const found = overall.find((each) => each.label === label);
    if (found?.before === undefined || found.after === undefined) return undefined;
    return [words(found.before), words(found.after)].filter(
      (it, at, all) => all[1 - at] !== it || at === 0,
    );
  };
  const time = sides('p95', inTime);
  const cost = sides('cost per trace', inMoney);
  return (
    <>
      {time === undefined ? (
        'Before and after.'
      ) : (
        <>
          p95 <em>{time.join(' → ')}.</em>
        </>
      )}{' '}
      {cost !== undefined && (
        <span class="quiet">
          A request costs <em>{cost.join(' → ')}.</em>
        </span>
      )}
    </>
  );
}

const CELLS = { seconds: inTime, usd: inMoney, share: inPercent, count: FORMATS.count };

function OverallTable({ overall }: { overall: readonly Overall[] }) {
  return (
    <section aria-labelledby="overall-title">
      <div class="head">
        <h2 id="overall-title">All requests</h2>
      </div>
      <table class="diff">
        <thead>
          <tr>
            <th>Figure</th>
            <th class="figure">before</th>
            <th class="figure">after</th>
            <th class="figure">change</th>
            <th class="verdict">verdict</th>
          </tr>
        </thead>
        <tbody>
          {overall.map(({ label, unit, before, after, ratio, verdict, mood }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td class="figure">{before === undefined ? '' : CELLS[unit](before)}</td>
              <td class="figure">{after === undefined ? '' : CELLS[unit](after)}</td>
              <td class="figure">{changeWords(ratio)}</td>
              <td class={`verdict ${mood}`}>{verdict ?? 'not known'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Rows({ rows }: { rows: readonly Row[] }) {
  const [most, setMost] = useState(MOST);
  const figures = rows.flatMap(({ before, after }) => [before, after]);
  const largest = figures.reduce<number>((size, figure = 0) => Math.max(size, figure), 1e-12);
  const services = new Set(rows.map(({ service }) => service));
  return (
    <section aria-labelledby="rows-title">
      <div class="head">
        <div>
          <h2 id="rows-title">What users waited for, in a request</h2>
          <p class="caption">Grey is before, blue is after.</p>
        </div>
      </div>
      <table class="diff">
        <RowsHead unit={timeUnit(figures).unit} />
        <tbody>
          {rows.slice(0, most).map((row) => (
            <RowLine
              key={`${row.service}\n${row.name}`}
              {...{ row, largest, time: timeUnit(figures), hasService: services.size > 1 }}
            />
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <button type="button" class="link more" onClick={() => setMost(most + MORE)}>
          {formatCount(rows.length - most)} more
        </button>
      )}
    </section>
  );
}

/** Nothing where it is the same to a tenth of a percent. */
function changeWords(ratio?: number): string {
  const words = formatChange(ratio) ?? '';
  return /^[+-]?0\.0 %$/.test(words) ? '' : words;
}

function RowsHead({ unit }: { unit: string }) {
  return (
    <thead>
      <tr>
        <th>Segment</th>
        <th class="bar">waited for</th>
        <th class="figure">before, {unit}</th>
        <th class="figure">after, {unit}</th>
        <th class="figure">change</th>
        <th class="verdict">verdict</th>
      </tr>
    </thead>
  );
}

function RowLine(props: { row: Row; largest: number; time: Unit; hasService: boolean }) {
  const { row, largest, time, hasService } = props;
  const { name, service, before, after, ratio, verdict, mood } = row;
  const widthOf = (seconds = 0) => `${(100 * seconds) / largest}%`;
  return (
    <tr>
      <th scope="row">
        <Name of={name} service={hasService ? service : undefined} />
      </th>
      <td class="bar">
        <svg aria-hidden="true" width="100%" height="16">
          <rect class="count" width={widthOf(before)} height="7" />
          <rect class="saved" y="8" width={widthOf(after)} height="7" />
        </svg>
      </td>
      <td class="figure">{before === undefined ? '' : time.format(before)}</td>
      <td class="figure">{after === undefined ? '' : time.format(after)}</td>
      <td class="figure">{changeWords(ratio)}</td>
      <td class={`verdict ${mood}`}>{verdict}</td>
    </tr>
  );
}
