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
}

const NOTHING = '-';
const colors = picocolors.createColors(true);

/** Leaves out the columns that say nothing in any row. `bold` heads use a terminal's codes. */
export function drawTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  bold = false,
): string {
  const drawn = inUse(columns, rows).map(({ column, cells }) => {
    const { head, paint, align = 'right', maxWidth = Infinity } = column;
    const texts = [head, ...cells].map((text = NOTHING) => cut(text, maxWidth));
    const widths = texts.map(widthOf);
    const most = widths.reduce((a, b) => Math.max(a, b), 0);
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

function inUse<Row>(columns: readonly Column<Row>[], rows: readonly Row[]) {
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
