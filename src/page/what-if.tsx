import { useMemo, useRef, useState } from 'preact/hooks';
import type { SampledTrace } from '../summary.js';
import { formatCount, plural } from '../format.js';
import { changeOfKey } from '../sampled-times.js';
import { inMoney, inPercent, inTime, roundTime } from './amounts.js';
import { DotPlot, MAX_STACK } from './dot-plot.js';
import { DOT, type Dot } from './dot-places.js';
import { DotReadout } from './dots.js';
import { EntryName, type EntryChoice } from './entry-choice.js';
import { useWidth } from './seen.js';
import type { SpanTargets } from './span-link.js';
import { visible } from './visible.js';
import { entriesOf, predict, tallest, ticksTo, type EntrySample } from './prediction.js';

/** How many entry points are drawn. */
const MOST = 3;
/** The picture has one height for all of them, so that it stands still while one looks for the right one. */
const FACTORS = [0, 0.25, 0.5, 0.75, 1];

export interface Try {
  /** The key of what takes less time: a row's own work, or its failed tries; see `keyOf`. */
  readonly row: string;
  /** What it takes of its time, 0 to 1. */
  readonly factor: number;
}

export interface WhatIfProps {
  readonly sample: readonly SampledTrace[];
  /** What to choose from. */
  readonly rows: readonly string[];
  readonly tried: Try;
  readonly onTry: (tried: Try) => void;
  readonly choice: EntryChoice;
  readonly targets: SpanTargets;
}

/** What would be faster, and by how much, if one row, or its failed tries, took less time. */
export function WhatIf({ sample, rows, tried, onTry, choice, targets }: WhatIfProps) {
  const [dot, setDot] = useState<Dot>();
  const element = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(element), 240);
  const entries = useMemo(() => entriesOf(sample), [sample]);
  const count = Math.floor(width / DOT);
  const shown = entries.slice(0, MOST);
  const longest = shown.flatMap(({ traces }) => traces.map(({ seconds }) => seconds));
  const maxSeconds = longest.reduce((most, seconds) => Math.max(most, seconds), 1e-6) * 1.02;
  // Bins end where the picture does.
  const drawn = (count * DOT) / width;
  const predictions = entries.map((entry) =>
    predict(entry, tried.row, tried.factor, count, maxSeconds * drawn),
  );
  const saved = predictions.reduce((all, { savedSeconds }) => all + savedSeconds, 0);
  const all = sample.reduce((sum, { weight, seconds }) => sum + weight * seconds, 0);
  const isWhole = sample.every(({ weight }) => weight === 1);
  const talls = useMemo(
    () =>
      shown.map((entry) => {
        const at = FACTORS.map((factor) => predict(entry, tried.row, factor, count, maxSeconds));
        return tallest(at.flatMap(({ bins }) => bins));
      }),
    [entries, tried.row, count, maxSeconds],
  );
  const isDots = isWhole && talls.every((tall) => tall <= MAX_STACK);
  return (
    <div class="what-if" id="what-if">
      <h2 class="small">
        What if it were faster? {isDots ? 'Each dot is a request' : 'From a sample of requests'}
      </h2>
      <Choice {...{ rows, tried, onTry }} />
      <div ref={element}>
        {shown.map((entry, at) => (
          <div key={entry.key}>
            <EntryLine {...{ entry, choice }} />
            <DotPlot
              prediction={predictions[at]!}
              {...{ entry, width, maxSeconds, isDots, tall: talls[at]!, targets }}
              onTell={setDot}
            />
          </div>
        ))}
        <Axis width={width} maxSeconds={maxSeconds} />
      </div>
      <p class="caption" aria-live="polite">
        <b>−{inTime(saved)}</b> of waiting ({inPercent(saved / all)}). Hollow: where a request is
        now.{' '}
        {entries.length > MOST && `${plural(entries.length - MOST, 'more entry point')} not drawn.`}
      </p>
      {isDots && <DotReadout dot={dot} targets={targets} />}
    </div>
  );
}

function Choice({ rows, tried, onTry }: Pick<WhatIfProps, 'rows' | 'tried' | 'onTry'>) {
  const percent = Math.round(tried.factor * 100);
  const services = new Set(rows.map((row) => changeOfKey(row).service));
  return (
    <p class="choice">
      <label>
        If{' '}
        <select
          value={tried.row}
          onChange={({ currentTarget }) => onTry({ ...tried, row: currentTarget.value })}
        >
          {rows.map((row) => {
            const { name, service, isTries } = changeOfKey(row);
            return (
              <option key={row} value={row}>
                {isTries === true && 'failed tries of '}
                {visible(name)}
                {services.size > 1 && ` · ${visible(service)}`}
              </option>
            );
          })}
        </select>
      </label>
      <label>
        took{' '}
        <input
          type="range"
          min={0}
          max={100}
          step={5}
          value={percent}
          aria-valuetext={`${percent} % of the time`}
          onInput={({ currentTarget }) =>
            onTry({ ...tried, factor: Number(currentTarget.value) / 100 })
          }
        />
      </label>
      <output>
        <b>{percent} %</b> of the time
      </output>
    </p>
  );
}

function EntryLine({ entry, choice }: { entry: EntrySample; choice: EntryChoice }) {
  const { key, name, count, costUsd } = entry;
  return (
    <p class="entry">
      <EntryName entry={key} text={name} choice={choice} />
      <span>
        {formatCount(Math.round(count))} {Math.round(count) === 1 ? 'request' : 'requests'}
        {costUsd !== undefined && ` · ${inMoney(costUsd)} each`}
      </span>
    </p>
  );
}

function Axis({ width, maxSeconds }: { width: number; maxSeconds: number }) {
  const ticks = ticksTo(maxSeconds, Math.max(Math.floor(width / 90), 2));
  return (
    <svg class="dots" width={width} height={18} aria-hidden="true">
      {ticks.map((seconds, at) => {
        const x = (seconds / maxSeconds) * width;
        const anchor = at === 0 ? 'start' : x > width - 16 ? 'end' : 'middle';
        return (
          <text key={seconds} class="quiet" x={x} y={13} text-anchor={anchor}>
            {seconds === 0 ? '0' : roundTime(seconds)}
          </text>
        );
      })}
    </svg>
  );
}
