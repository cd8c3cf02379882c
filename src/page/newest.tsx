import { useMemo, useState } from 'preact/hooks';
import { formatCount, plural } from '../format.js';
import type { ListedTrace } from '../page-data.js';
import { useNewest } from './newest-list.js';
import { NewestRow, type NewestColumns } from './newest-row.js';
import { moneyUnit, timeUnit } from './units.js';

/** How many are shown at first, and then with each click. */
const STEPS = [10, 100, 500, Infinity];

interface NewestProps {
  /** The number of the newest one that the server has. */
  readonly newest: number;
  /** How many there were altogether. */
  readonly count: number;
  readonly hasService: boolean;
  readonly jaegerUrl: string | undefined;
}

/** The newest traces, to filter and to open. While one is open, newer ones wait, so that it stays where it is. */
export function Newest({ newest, count, hasService, jaegerUrl }: NewestProps) {
  const all = useNewest(newest);
  const [filter, setFilter] = useState('');
  const [most, setMost] = useState(STEPS[0]!);
  /** The number of the trace that is open, and of the newest one when it was opened. */
  const [open, setOpen] = useState<{ readonly at: number; readonly newest: number }>();
  const held = useMemo(
    () => (open === undefined ? all : all.filter(({ at }) => at <= open.newest)),
    [all, open],
  );
  const found = useMemo(() => havingText(held, filter), [held, filter]);
  const columns = useMemo(() => columnsFor(all), [all]);
  if (all.length === 0) return null;
  const shown = found.slice(0, most);
  const newer = all.length - held.length;
  const toggle = (at: number) =>
    setOpen(open?.at === at ? undefined : { at, newest: open?.newest ?? all[0]!.at });
  return (
    <section id="newest" aria-labelledby="newest-title">
      <div class="head">
        <div>
          <h2 id="newest-title">The newest requests</h2>
          <p class="caption">{captionOf(all.length, count)}</p>
        </div>
        <div class="controls">
          {newer > 0 && (
            <button type="button" class="link" onClick={() => setOpen(undefined)}>
              {formatCount(newer)} newer
            </button>
          )}
          <input
            type="search"
            placeholder="Find"
            aria-label="Find requests"
            value={filter}
            onInput={({ currentTarget }) => setFilter(currentTarget.value)}
          />
        </div>
      </div>
      <table class="newest">
        <thead>
          <tr>
            <th>ended, UTC</th>
            <th>Request</th>
            <th class="figure" colSpan={2}>
              took, {columns.time.unit}
            </th>
            <th class="figure">spans</th>
            {columns.hasErrors && <th class="figure">errors</th>}
            {columns.money !== undefined && <th class="figure">cost, $</th>}
          </tr>
        </thead>
        <tbody onKeyDown={moveFocus}>
          {shown.map((trace) => (
            <NewestRow
              key={trace.at}
              {...{ trace, columns, hasService, jaegerUrl }}
              isOpen={trace.at === open?.at}
              onToggle={toggle}
            />
          ))}
        </tbody>
      </table>
      <Rest {...{ found: found.length, shown: shown.length, onMore: setMost }} />
    </section>
  );
}

function captionOf(listed: number, count: number): string {
  const kept =
    listed < count
      ? `${formatCount(listed)} of ${plural(count, 'request')}`
      : plural(listed, 'request');
  return `${kept}, the last to end first. ${listed < count ? 'The others are not kept. ' : ''}Open one to see what happened.`;
}

function Rest(props: { found: number; shown: number; onMore: (most: number) => void }) {
  const { found, shown, onMore } = props;
  if (found === 0) {
    return (
      <p class="caption" role="status">
        No request has that in its name, service or trace id.
      </p>
    );
  }
  if (found <= shown) return null;
  const next = STEPS.find((step) => step > shown)!;
  const more = found - shown;
  return (
    <button type="button" class="link more" onClick={() => onMore(next)}>
      {next < found ? `${next - shown} of ${formatCount(more)} more` : `${formatCount(more)} more`}
    </button>
  );
}

/** The arrows move from one to the next. */
function moveFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('th button')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  if (step === undefined || at < 0) return;
  rows[at + step]?.focus();
  event.preventDefault();
}

/** Those that have all the words in their name, service or id, whatever their case. */
export function havingText(traces: readonly ListedTrace[], text: string): readonly ListedTrace[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return traces;
  return traces.filter(({ name, service, traceId }) => {
    const told = `${name} ${service} ${traceId}`.toLowerCase();
    return words.every((word) => told.includes(word));
  });
}

function columnsFor(traces: readonly ListedTrace[]): NewestColumns {
  const costs = traces.flatMap(({ costUsd }) => costUsd ?? []);
  return {
    time: timeUnit(traces.map(({ seconds }) => seconds)),
    longest: traces.reduce((most, { seconds }) => Math.max(most, seconds), 1e-9),
    money: costs.length > 0 ? moneyUnit(costs) : undefined,
    hasErrors: traces.some(({ errors = 0 }) => errors > 0),
  };
}
