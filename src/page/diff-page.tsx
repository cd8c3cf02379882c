import { useMemo, useState } from 'preact/hooks';
import { formatCount, FORMATS, plural } from '../format.js';
import type { DiffPageData, PageDiff } from '../page-data.js';
import { inMoney, inPercent, inTime } from './amounts.js';
import { changeWords, DiffRows } from './diff-rows.js';
import { diffMeasures } from './diff-measures.js';
import { Flame } from './flame.js';
import { Sentence } from './name.js';
import { Section } from './section.js';
import { visible } from './visible.js';

type Overall = PageDiff['overall'][number];

/** Two summaries side by side. */
export function DiffPage({ data: { diff, version, jaegerUrl } }: { data: DiffPageData }) {
  const { traces, overall, rows, paths, notes, conclusion } = diff;
  const measures = useMemo(() => diffMeasures(paths), [paths]);
  const [chosenRow, chooseRow] = useState<string>();
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
        <Flame {...{ paths, measures, chosenRow }} />
        {rows.length > 0 && (
          <DiffRows
            {...{ rows, jaegerUrl, chosenRow }}
            onChooseRow={paths.length > 0 ? chooseRow : undefined}
          />
        )}
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
    <Section id="overall" title="All requests">
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
    </Section>
  );
}
