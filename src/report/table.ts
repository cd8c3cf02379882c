import picocolors from 'picocolors';
import { eastAsianWidth } from 'get-east-asian-width';

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string | undefined;
  /** Default `right`, as for figures. */
  readonly align?: 'left' | 'right';
  /** Colors the text of a cell for a terminal. */
  readonly paint?: (text: string, row: Row) => string;
  /** Wider cells are cut in the middle, with "…". */
  readonly maxWidth?: number;
  /** Where there is no room for all columns, those with the highest number go first, 0 stays. Default: 0 for text, 1 for figures. */
  readonly yields?: number;
}

/** How a table looks. */
export interface TableLook {
  /** Heads use a terminal's codes. */
  readonly bold?: boolean;
  /** Has to fit into so many columns of a terminal. */
  readonly width?: number | undefined;
}

const NOTHING = '-';
const colors = picocolors.createColors(true);

/** Leaves out the columns that say nothing in any row, and those that there is no room for. */
export function drawTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { bold = false, width = Infinity }: TableLook = {},
): string {
  const drawn = fitted(inUse(columns, rows).map(cutCells), width).map(({ column, cells, most }) => {
    const { head, paint, align = 'right' } = column;
    const texts = [head, ...cells].map((text = NOTHING) => cut(text, most));
    const widths = texts.map(widthOf);
    return texts.map((text, at) => {
      const space = ' '.repeat(most - widths[at]!);
      const isFilled = at > 0 && cells[at - 1] !== undefined;
      const painted = paint !== undefined && isFilled ? paint(text, rows[at - 1]!) : text;
      const shown = bold && at === 0 && text !== '' ? colors.bold(text) : painted;
      return align === 'left' ? ` ${shown}${space} ` : ` ${space}${shown} `;
    });
  });
  const lines = [undefined, ...rows].map((_, at) => drawn.map((cells) => cells[at]).join(''));
  return lines.map((line) => line.trimEnd()).join('\n');
}

interface UsedColumn<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly (string | undefined)[];
}

/** With the width of its widest cell. */
type FittedColumn<Row> = UsedColumn<Row> & { readonly most: number };

function cutCells<Row>({ column, cells }: UsedColumn<Row>): FittedColumn<Row> {
  const widths = [column.head, ...cells].map((text = NOTHING) => widthOf(text));
  const widest = widths.reduce((a, b) => Math.max(a, b), 0);
  return { column, cells, most: Math.min(widest, column.maxWidth ?? Infinity) };
}

/** A name of this width can still be told from others. */
const LEAST_NAME = 20;

/** Makes the columns that may be cut narrower, and leaves columns out, until they fit. */
function fitted<Row>(columns: FittedColumn<Row>[], width: number): FittedColumn<Row>[] {
  const tooWide = columns.reduce((sum, { most }) => sum + most + 2, -1) - width;
  if (!(tooWide > 0)) return columns;
  const spare = columns.map(({ column, most }) =>
    column.maxWidth === undefined ? 0 : Math.max(0, most - LEAST_NAME),
  );
  const all = spare.reduce((sum, each) => sum + each, 0);
  if (all >= tooWide) {
    return columns.map((each, at) => ({
      ...each,
      most: each.most - Math.ceil((tooWide * spare[at]!) / all),
    }));
  }
  const yields = columns.map(({ column: { align, yields = align === 'left' ? 0 : 1 } }) => yields);
  const first = yields.lastIndexOf(Math.max(...yields));
  return yields[first]! > 0 ? fitted(columns.toSpliced(first, 1), width) : columns;
}

export function drawMarkdownTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  const shown = inUse(columns, rows);
  const line = (cells: readonly string[]) => `| ${cells.map(markdownCell).join(' | ')} |`;
  return [
    line(shown.map(({ column }) => column.head)),
    `| ${shown.map(({ column }) => (column.align === 'left' ? ':---' : '---:')).join(' | ')} |`,
    ...rows.map((_, at) => line(shown.map(({ cells }) => cells[at] ?? NOTHING))),
  ].join('\n');
}

function inUse<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): UsedColumn<Row>[] {
  return columns.flatMap((column) => {
    const cells = rows.map(column.cell);
    return cells.some((cell) => cell !== undefined) ? [{ column, cells }] : [];
  });
}

/** A backslash before an escaped bar would undo the escape, and readers differ on how to write both. */
const LIKE_A_BACKSLASH = '⧵';

function markdownCell(text: string): string {
  return text
    .replace(/\\+(?=\|)/g, (run) => LIKE_A_BACKSLASH.repeat(run.length))
    .replace(/\|/g, '\\|');
}

const ASCII = /^[\x20-\x7e]*$/;
const IS_EMOJI = /\p{Emoji_Presentation}|\uFE0F/u;
const IS_INVISIBLE = /^[\p{M}\p{Cf}]*$/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Returns how many columns of a terminal a text takes: an emoji or a Chinese character takes two. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += widthOfOne(segment);
  return width;
}

function widthOfOne(grapheme: string): number {
  if (IS_INVISIBLE.test(grapheme)) return 0;
  return IS_EMOJI.test(grapheme) ? 2 : eastAsianWidth(grapheme.codePointAt(0)!);
}

/** In the middle, since names that are nearly the same mostly differ at their end. */
function cut(text: string, maxWidth: number): string {
  if (widthOf(text) <= maxWidth) return text;
  const letters = Array.from(graphemes.segment(text), ({ segment }) => segment);
  const end = fitting(letters.toReversed(), Math.floor(maxWidth / 3)).reverse();
  const start = fitting(letters, maxWidth - 1 - widthOf(end.join('')));
  return [...start, '…', ...end].join('');
}

function fitting(letters: readonly string[], maxWidth: number): string[] {
  let width = 0;
  const beyond = letters.findIndex((letter) => (width += widthOfOne(letter)) > maxWidth);
  return letters.slice(0, beyond < 0 ? letters.length : beyond);
}
