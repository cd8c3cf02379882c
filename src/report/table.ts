import Table from 'cli-table3';

/** One column of a table, of rows of any kind. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string | undefined;
  /** Default `right`, as for figures. */
  readonly align?: 'left' | 'right';
  /** Longer cells are cut with "…". */
  readonly maxWidth?: number;
}

const NOTHING = '-';

/**
 * Draws a table without lines between rows and columns: the columns are aligned, that is enough. A
 * column that says nothing in any row is left out.
 *
 * @param bold whether the heads are bold, with a terminal's codes. Default false
 */
export function drawTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  bold = false,
): string {
  const shown = columnsInUse(columns, rows);
  const cells = cellsOf(shown, rows);
  const widthOf = ({ maxWidth }: Column<Row>, index: number) =>
    maxWidth !== undefined && cells.some((row) => (row[index] ?? '').length > maxWidth)
      ? maxWidth + 2
      : null;
  const table = new Table({
    head: shown.map(({ head }) => head),
    colAligns: shown.map(({ align }) => align ?? 'right'),
    // cli-table3 shortens with "…" what is wider than its column.
    colWidths: shown.map(widthOf),
    chars: PLAIN,
    style: { head: bold ? ['bold'] : [], border: [], 'padding-left': 1, 'padding-right': 1 },
  });
  for (const row of cells) table.push(row);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The columns that say something in some row. */
export function columnsInUse<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Column<Row>[] {
  return columns.filter(({ cell }) => rows.some((row) => cell(row) !== undefined));
}

/** The text of every cell, row by row. */
export function cellsOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[][] {
  return rows.map((row) => columns.map(({ cell }) => cell(row) ?? NOTHING));
}

const PLAIN = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((part) => [part, '']),
);
