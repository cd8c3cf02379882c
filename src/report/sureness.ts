import { OTHER } from '../bounded.js';
import { formatSeconds, formatShare } from '../format.js';
import type { Bottleneck, Summary } from '../summary.js';
import { rowName, type Form } from './form.js';
import type { Column } from './table.js';

const MAX_LINES = 3;
/** Of a row's time; less is not worth a word. */
const MIN_SHARE = 0.01;

/** A share that is surer than that is shown without a word. */
const MIN_MARGIN = 0.01;
/** Of all time; which of smaller rows comes first matters little. */
const MIN_ROW = 0.02;

/** How far the share may be off, where that matters. */
export const MARGIN: Column<Bottleneck> = {
  head: '±',
  cell: ({ criticalLowShare: low, criticalHighShare: high, criticalShare: share }) => {
    if (low === undefined || high === undefined) return undefined;
    const margin = Math.max(share - low, high - share);
    return margin < MIN_MARGIN ? undefined : formatShare(margin);
  },
};

/** Says which of the shown rows may come in another order. */
export function tiesOf(rows: readonly Bottleneck[]): string[] {
  const large = rows.filter((row) => row.criticalShare >= MIN_ROW);
  const runs = large
    .flatMap(({ rank, mayRank }) => (mayRank === undefined ? [] : [{ from: mayRank, to: rank }]))
    .filter(({ from }, at, all) => all[at + 1]?.from !== from)
    .map(({ from, to }) => `${from} ${to - from > 1 ? 'to' : 'and'} ${to}`);
  if (runs.length === 0) return [];
  return [`rows ${runs.join(', ')} cannot be told apart: traces vary more than these rows differ`];
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
