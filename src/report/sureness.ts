import { OTHER } from '../bounded.js';
import { formatSeconds, plural } from '../format.js';
import type { Bottleneck, Summary } from '../summary.js';
import { rowName, type Form } from './form.js';
import type { Column } from './table.js';

const MAX_LINES = 3;
/** Of a row's time; less is not worth a word. */
const MIN_SHARE = 0.01;

/** A share that is surer than that is shown without a word. */
const MIN_MARGIN = 0.01;
const TENTHS_BELOW = 0.0995;
/** Of all time; which of smaller rows comes first matters little. */
const MIN_ROW = 0.02;

/** With fewer traces a margin is as large as the share itself, and tells nothing that their number does not. */
const MIN_TRACES = 16;

/** How far the share may be off, where that is known and matters: in percentage points, so that the column is narrow. */
function marginText(row: Bottleneck): string | undefined {
  const { criticalLowShare: low, criticalHighShare: high, criticalShare: share } = row;
  if (low === undefined || high === undefined) return undefined;
  const margin = Math.max(share - low, high - share);
  if (margin < MIN_MARGIN) return undefined;
  return (margin * 100).toFixed(margin < TENTHS_BELOW ? 1 : 0);
}

export function marginColumn({ traces }: Summary): Column<Bottleneck>[] {
  return traces.analyzed < MIN_TRACES ? [] : [{ head: '±', cell: marginText }];
}

/** Explains the column, if there is one. */
export function marginLine(summary: Summary, rows: readonly Bottleneck[]): string[] {
  const isShown = marginColumn(summary).some(({ cell }) => rows.some(cell));
  return isShown ? ['± percentage points by which a share may be off, 19 times in 20'] : [];
}

/** Says which of the shown rows may come in another order. */
export function tiesOf({ traces }: Summary, rows: readonly Bottleneck[]): string[] {
  const large = rows.filter((row) => row.criticalShare >= MIN_ROW);
  const runs = large
    .flatMap(({ rank, mayRank }) => (mayRank === undefined ? [] : [{ from: mayRank, to: rank }]))
    .filter(({ from }, at, all) => all[at + 1]?.from !== from)
    .map(({ from, to }) => `${from} ${to - from > 1 ? 'to' : 'and'} ${to}`);
  if (runs.length === 0) return [];
  const why =
    traces.analyzed < MIN_TRACES
      ? `${plural(traces.analyzed, 'trace')} may not be enough`
      : 'traces vary more than these rows differ';
  return [`rows ${runs.join(', ')} cannot be told apart: ${why}`];
}

/** Says which rows may lack something, because their names came late to rows of their own. */
export function missedLines({ bottlenecks, services }: Summary, form: Form): string[] {
  return bottlenecks
    .filter(({ inOtherSeconds = 0, totalSeconds, criticalShare, name }) => {
      return (
        name !== OTHER && criticalShare >= MIN_ROW && inOtherSeconds > MIN_SHARE * totalSeconds
      );
    })
    .slice(0, MAX_LINES)
    .map((row) => {
      const name = form.name(rowName(row, services.length > 1), 44);
      const most = formatSeconds(row.inOtherSeconds ?? 0);
      return `${name}: up to ${most} of its time may be in (other), from before it had a row`;
    });
}
