import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { PageData } from '../page-data.js';
import { changeOfKey, keyOf } from '../sampled-times.js';
import type { Pictures, SlowSpan } from '../summary.js';
import { changesToTry } from '../worth-a-look.js';
import { Cost } from './cost.js';
import { Details } from './details.js';
import { DoThen, DoThisFirst } from './do-this-first.js';
import { OnlyLine, type EntryChoice } from './entry-choice.js';
import { entriesToChoose, onlyEntry } from './entry-only.js';
import { MEASURES } from './flame-words.js';
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

const measures = Object.values(MEASURES);
/** An older version saved no pictures. */
const NONE: Pictures = { sample: [], callPaths: [], traces: [] };

interface PageProps {
  readonly data: PageData;
  /** What comes behind the traces. */
  readonly children?: ComponentChildren;
}

/** All of it. What several parts share is held here: the chosen entry point, row and span, and what is tried. */
export function Page({ data: { summary, about }, children }: PageProps) {
  const [entry, chooseEntry] = useState<string>();
  const choosable = useMemo(() => entriesToChoose(summary), [summary]);
  const only = useMemo(
    () => (entry === undefined ? summary : onlyEntry(summary, entry)),
    [summary, entry],
  );
  const choice: EntryChoice = {
    chosen: entry,
    canChoose: (it) => choosable.has(it),
    onChoose: chooseEntry,
  };
  const isOfAll = entry !== undefined;
  const { latency } = summary;
  const { bottlenecks } = only;
  const { sample, callPaths, traces, timeline } = only.pictures ?? NONE;
  const things = useMemo(() => toDo(summary), [summary]);
  const [chosenRow, chooseRow] = useState<string>();
  const [chosenSpan, chooseSpan] = useState<SlowSpan>();
  const [asked, setTried] = useState<Try>();
  const rows = useMemo(() => changesToTry(only).slice(0, MAX_TO_TRY), [only]);
  const first = things.find(({ change = '' }) => rows.includes(change))?.change ?? rows[0] ?? '';
  const isKnown = asked !== undefined && rows.includes(asked.row);
  const tried = isKnown ? asked : { row: first, factor: firstFactor(first) };
  const held = new Map(summary.pictures?.traces.map((trace) => [trace.traceId, trace]));
  const targets: SpanTargets = {
    jaegerUrl: about.jaegerUrl,
    shown: new Set(held.keys()),
    onShow: (span) => {
      chooseSpan(span);
      if (entry !== undefined && entry !== keyOf(held.get(span.traceId)!)) chooseEntry(undefined);
      document.getElementById('trace')?.scrollIntoView();
    },
  };
  const onTry = (row: string) => {
    setTried({ row, factor: firstFactor(row) });
    document.getElementById('what-if')?.scrollIntoView();
  };
  const toDoProps = {
    ...{ targets, onTry, isOfAll, all: things, total: latency.totalSeconds },
    canTry: (change: string) => rows.includes(change),
  };
  return (
    <>
      <Headline summary={summary} about={about} />
      <OnlyLine choice={choice} />
      <main id="main" tabIndex={-1}>
        {(things.length > 0 || rows.length > 0) && (
          <div class="hero">
            {things.length > 0 && <DoThisFirst {...toDoProps} />}
            {rows.length > 0 && (
              <WhatIf {...{ sample, rows, tried, choice, targets }} onTry={setTried} />
            )}
          </div>
        )}
        <DoThen {...toDoProps} />
        {bottlenecks.length > 0 && (
          <Ranking
            {...{ targets, chosenRow, onTry }}
            summary={only}
            whole={entry === undefined ? undefined : summary}
            onChooseRow={chooseRow}
            canTry={(row) => rows.includes(row)}
          />
        )}
        <Flame {...{ measures, chosenRow }} paths={callPaths} onChooseRow={chooseRow} />
        <Traces
          {...{ traces, chosenRow, jaegerUrl: about.jaegerUrl }}
          chosen={chosenSpan?.traceId}
          chosenSpan={chosenSpan?.spanId}
          onChoose={(traceId) => chooseSpan({ traceId, spanId: '', seconds: 0 })}
        />
        {children}
        <Cost {...{ summary, isOfAll }} />
        <Groups
          summary={summary}
          choice={{
            ...choice,
            onChoose: (it) => {
              chooseEntry(it);
              document.getElementById('main')?.scrollIntoView();
            },
          }}
        />
        {timeline !== undefined && <OverTime {...{ timeline, isOfAll }} />}
        <Details {...{ summary, targets, isOfAll }} />
      </main>
      <Footer summary={summary} about={about} />
    </>
  );
}

function firstFactor(change: string): number {
  return changeOfKey(change).isTries === true ? 0 : FIRST_FACTOR;
}
