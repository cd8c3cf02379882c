import { cellsOf, columnsInUse, type Column } from './table.js';

/** Draws a table as GitHub reads it. Columns that say nothing in any row are left out. */
export function drawMarkdownTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  const shown = columnsInUse(columns, rows);
  const line = (cells: readonly string[]) => `| ${cells.map(asCell).join(' | ')} |`;
  return [
    line(shown.map(({ head }) => head)),
    `| ${shown.map(({ align }) => (align === 'left' ? ':---' : '---:')).join(' | ')} |`,
    ...cellsOf(shown, rows).map(line),
  ].join('\n');
}

/** A backslash before an escaped bar would undo the escape, and readers differ on how to write both. */
const LIKE_A_BACKSLASH = '⧵';

function asCell(text: string): string {
  return text
    .replace(/\\+(?=\|)/g, (run) => LIKE_A_BACKSLASH.repeat(run.length))
    .replace(/\|/g, '\\|');
}
