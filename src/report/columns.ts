import { FORMATS, formatUsd, usdDecimals } from '../format.js';
import type { Part, Parts } from '../summaries/figure.js';
import { figuresIn } from '../summaries/figures.js';
import type { Bottleneck, RankBy, Summary } from '../summary.js';
import { rowName, type Form } from './form.js';
import { doubtMark } from './savings.js';
import { marginColumn } from './sureness.js';
import type { Column } from './table.js';

const MAX_NAME_WIDTH = 44;
/** More characters than fit, so that the table need not measure long names. */
const MAX_NAME_LENGTH = 60;

export const RANKED_BY: Readonly<Record<RankBy, string>> = {
  critical: 'critical time that can be saved',
  saving: 'saving',
  self: 'self time',
  total: 'total time',
  p95: 'p95',
  cost: 'cost',
  waste: 'waste',
};

export function nameColumn<Row extends { readonly name: string; readonly service: string }>(
  several: boolean,
  form: Form,
): Column<Row> {
  const cell = (row: Row) => form.name(rowName(row, several), MAX_NAME_LENGTH);
  return { head: 'Segment', cell, align: 'left', maxWidth: MAX_NAME_WIDTH };
}

/** The columns of the ranking. */
export function columnsFor(
  summary: Summary,
  rows: readonly Bottleneck[],
  form: Form,
): Column<Bottleneck>[] {
  const { rankedBy, services } = summary;
  const figures = figureColumns('row', rows, form, rankedBy);
  figures.splice(
    figures.findIndex(({ head }) => head === 'Share') + 1,
    0,
    ...marginColumn(summary),
    ...(form.hasBars ? [barColumn(rows)] : []),
  );
  return [
    { head: '#', cell: ({ rank }) => String(rank), yields: 0 },
    nameColumn(services.length > 1, form),
    ...figures,
  ];
}

const BAR_WIDTH = 12;

/** A row's share, on the scale of the largest, and what of it can be saved. */
function barColumn(rows: readonly Bottleneck[]): Column<Bottleneck> {
  const most = Math.max(...rows.map(({ criticalSeconds }) => criticalSeconds));
  const length = (seconds: number) => (most > 0 ? Math.round((BAR_WIDTH * seconds) / most) : 0);
  const cell = ({ criticalSeconds, savingSeconds = criticalSeconds }: Bottleneck) => {
    const saved = length(Math.min(savingSeconds, criticalSeconds));
    const rest = Math.max(0, length(criticalSeconds) - saved);
    return '█'.repeat(saved) + '░'.repeat(rest);
  };
  return { head: '', cell, align: 'left', yields: 6 };
}

/**
 * Amounts in one column get the same number of decimals.
 *
 * @param rankedBy leaves out the columns that are for other orders
 */
export function figureColumns<P extends Part>(
  part: P,
  rows: readonly Parts[P][],
  form: Form,
  rankedBy?: RankBy,
): Column<Parts[P]>[] {
  return figuresIn(part).flatMap(([name, { unit, column }]) => {
    if (column === undefined) return [];
    const { head, color, onlyBy, hidesZero = false, yields = 0 } = column;
    if (rankedBy !== undefined && onlyBy?.includes(rankedBy) === false) return [];
    const valueIn = (row: Parts[P]) => row[name] as number | undefined;
    const format = unit === 'usd' ? usdFormat(rows.map(valueIn)) : FORMATS[unit];
    const cell = (row: Parts[P]) => {
      const value = valueIn(row);
      if (value === undefined || (hidesZero && value === 0)) return undefined;
      return name === 'savingSeconds'
        ? `${doubtMark(row as Bottleneck)}${format(value)}`
        : format(value);
    };
    return [{ head, cell, yields, ...(color === undefined ? {} : { paint: form.colors[color] }) }];
  });
}

/** Returns a format that shows two digits of every amount, with the same number of decimals. */
export function usdFormat(amounts: readonly (number | undefined)[]): (usd: number) => string {
  const decimals = amounts.map((usd = 0) => (usd > 0 ? usdDecimals(usd) : 0));
  const most = decimals.reduce((a, b) => Math.max(a, b), 0);
  return (usd) => formatUsd(usd, most);
}
