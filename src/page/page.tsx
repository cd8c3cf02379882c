import { useMemo, useState } from 'preact/hooks';
import type { PageData } from '../page-data.js';
import { changeOfKey } from '../sampled-times.js';
import type { Pictures, SlowSpan } from '../summary.js';
import { changesToTry } from '../worth-a-look.js';
import { Cost } from './cost.js';
import { Details } from './details.js';
import { DoThisFirst } from './do-this-first.js';
import { Flame } from './flame.js';
import { Footer } from './footer.js';
import { Groups } from './groups.js';
import { Headline } from './headline.js';
import { OverTime } from './over-time.js';
import { Ranking } from './ranking.js';
import type { SpanTargets } from './span-link.js';
import { toDo } from './to-do.js';
import { Traces } from './traces.js';
import { WhatIf, type Try } from './what-if.js';

/** Twice as fast: what a row may become. Failed tries may go away altogether. */
const FIRST_FACTOR = 0.5;
/** So many may be chosen from. */
const MAX_TO_TRY = 40;

/** An older version saved no pictures. */
const NONE: Pictures = { sample: [], callPaths: [], traces: [] };

/** All of it. What several parts share is held here: the chosen row and span, and what is tried. */
export function Page({ data: { summary, about } }: { data: PageData }) {
  const { bottlenecks, latency, pictures } = summary;
  const { sample, callPaths, traces, timeline } = pictures ?? NONE;
  const things = useMemo(() => toDo(summary), [summary]);
  const [chosenRow, chooseRow] = useState<string>();
  const [chosenSpan, chooseSpan] = useState<SlowSpan>();
  const [asked, setTried] = useState<Try>();
  const rows = useMemo(() => changesToTry(summary).slice(0, MAX_TO_TRY), [summary]);
  const first = things.find(({ change = '' }) => rows.includes(change))?.change ?? rows[0] ?? '';
  const tried = asked ?? { row: first, factor: firstFactor(first) };
  const targets: SpanTargets = {
    jaegerUrl: about.jaegerUrl,
    shown: new Set(traces.map(({ traceId }) => traceId)),
    onShow: (span) => {
      chooseSpan(span);
      document.getElementById('trace')?.scrollIntoView();
    },
  };
  const onTry = (row: string) => {
    setTried({ row, factor: firstFactor(row) });
    document.getElementById('what-if')?.scrollIntoView();
  };
  return (
    <>
      <Headline summary={summary} about={about} />
      <main>
        {(things.length > 0 || rows.length > 0) && (
          <div class="hero">
            {things.length > 0 && (
              <DoThisFirst
                {...{ targets, onTry }}
                all={things}
                total={latency.totalSeconds}
                canTry={(change) => rows.includes(change)}
              />
            )}
            {rows.length > 0 && <WhatIf {...{ sample, rows, tried }} onTry={setTried} />}
          </div>
        )}
        {bottlenecks.length > 0 && (
          <Ranking
            {...{ summary, targets, chosenRow, onTry }}
            onChooseRow={chooseRow}
            canTry={(row) => rows.includes(row)}
          />
        )}
        <Flame paths={callPaths} chosenRow={chosenRow} onChooseRow={chooseRow} />
        <Traces
          {...{ traces, chosenRow, jaegerUrl: about.jaegerUrl }}
          chosen={chosenSpan?.traceId}
          chosenSpan={chosenSpan?.spanId}
          onChoose={(traceId) => chooseSpan({ traceId, spanId: '', seconds: 0 })}
        />
        <Cost summary={summary} />
        <Groups summary={summary} />
        {timeline !== undefined && <OverTime timeline={timeline} />}
        <Details summary={summary} targets={targets} />
      </main>
      <Footer summary={summary} about={about} />
    </>
  );
}

function firstFactor(change: string): number {
  return changeOfKey(change).isTries === true ? 0 : FIRST_FACTOR;
}
