import type { Bottleneck, RankBy, Summary } from '../summary.js';
import { moneyUnit, timeUnit } from './units.js';

export type ColumnId =
  'name' | 'critical' | 'saving' | 'p50' | 'p95' | 'wasted' | 'cost' | 'errors' | 'calls';

/** A column of figures. */
export interface RowColumn {
  readonly id: ColumnId;
  /** With its unit. */
  readonly head: string;
  readonly figure: (row: Bottleneck) => number | undefined;
  readonly format: (figure: number) => string;
  readonly isWaste?: true;
}

type Rows = readonly Bottleneck[];

const COUNT = { unit: '', format: (count: number) => count.toLocaleString('en-US') };

const FIGURES = [
  ['critical', 'waited for', timeUnit, (row: Bottleneck) => row.criticalSeconds],
  ['saving', 'saves', timeUnit, (row: Bottleneck) => row.savingSeconds],
  ['p50', 'p50', timeUnit, (row: Bottleneck) => row.p50Seconds],
  ['p95', 'p95', timeUnit, (row: Bottleneck) => row.p95Seconds],
  ['wasted', 'wasted', timeUnit, (row: Bottleneck) => row.wastedSeconds],
  ['cost', 'cost', moneyUnit, (row: Bottleneck) => row.costUsd],
  ['errors', 'errors', () => COUNT, (row: Bottleneck) => row.errors],
  ['calls', 'calls', () => COUNT, (row: Bottleneck) => row.calls],
] as const;

/** These are left out where no row has any. */
const MAY_BE_MISSING = new Set<ColumnId>(['saving', 'wasted', 'cost', 'errors']);
/** So near to each other that they share a unit. */
const SHARED: readonly (readonly ColumnId[])[] = [
  ['critical', 'saving'],
  ['p50', 'p95'],
];

/** The columns that have something to tell. */
export function columnsOf(rows: Rows): RowColumn[] {
  const known = FIGURES.filter(
    ([id, , , figure]) => !MAY_BE_MISSING.has(id) || rows.some((row) => (figure(row) ?? 0) > 0),
  );
  return known.map(([id, label, unitOf, figure]): RowColumn => {
    const together = SHARED.find((ids) => ids.includes(id)) ?? [id];
    const figures = FIGURES.filter(([other]) => together.includes(other)).map((it) => it[3]);
    const { unit, format } = unitOf(rows.flatMap((row) => figures.map((of) => of(row))));
    const head = unit === '' ? label : `${label}, ${unit}`;
    return { id, head, figure, format, ...(id === 'wasted' ? { isWaste: true } : {}) };
  });
}

export interface Order {
  readonly by: ColumnId;
  readonly isRising: boolean;
}

const ORDERS: Readonly<Record<RankBy, ColumnId>> = {
  ...{ critical: 'saving', saving: 'saving', self: 'critical', total: 'critical' },
  ...{ p95: 'p95', cost: 'cost', waste: 'wasted' },
};

/** The order that the summary has. */
export function orderOf({ rankedBy }: Summary): Order {
  return { by: ORDERS[rankedBy], isRising: false };
}

/** What a click on a head does: names rise first, figures fall first, a second click turns them around. */
export function orderAfter(order: Order, by: ColumnId): Order {
  return { by, isRising: order.by === by ? !order.isRising : by === 'name' };
}

/** Sorts rows; those without the figure come last, equal ones keep their rank. */
export function sorted(rows: Rows, { by, isRising }: Order): Bottleneck[] {
  const sign = isRising ? 1 : -1;
  if (by === 'name') {
    return [...rows].sort((a, b) => sign * (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }
  const figure = FIGURES.find(([id]) => id === by)![3];
  const valueOf = (row: Bottleneck) => figure(row) ?? (isRising ? Infinity : -Infinity);
  return [...rows].sort((a, b) =>
    valueOf(a) === valueOf(b) ? 0 : sign * (valueOf(a) - valueOf(b)),
  );
}

/** The rows that have the text in their name or service, whatever its case. */
export function filtered(rows: Rows, text: string): Rows {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return rows;
  return rows.filter((row) => `${row.name} ${row.service}`.toLowerCase().includes(wanted));
}
