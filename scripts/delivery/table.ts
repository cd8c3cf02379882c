import { BEHAVIOURS, WAYS } from './endings.js';

/** One row of the table. */
export interface Row {
  readonly way: string;
  readonly behaviour: string;
  readonly ended: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly delaySeconds: number;
  readonly exit: string;
}

/** The line before the table in the page. */
export const BEGIN = '<!-- written by npm run delivery -->';
/** The line after the table. */
export const END = '<!-- end -->';

const HEAD = ['Way to end', 'Receiver', 'Ended', 'Delivered', 'Dropped', 'Delay', 'Exit'];

/** Returns the rows as a Markdown table. */
export function drawRows(rows: readonly Row[]): string {
  const cells = rows.map(({ way, behaviour, ended, delivered, dropped, delaySeconds, exit }) => [
    way.includes('(') || way.startsWith('SIG') ? way.replace(/^[\w.()]+/, '`$&`') : way,
    behaviour,
    ...[ended, delivered, dropped].map((count) => count.toLocaleString('en-US')),
    `${delaySeconds.toFixed(2)} s`,
    exit,
  ]);
  const all = [HEAD, ...cells];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const isRight = (column: number) => column >= 2 && column <= 5;
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (isRight(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (isRight(i) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [line(HEAD), rule, ...cells.map(line)].join('\n');
}

/** Reads the rows of the table in a page. */
export function readRows(page: string): Row[] {
  const table = page.slice(page.indexOf(BEGIN), page.indexOf(END));
  const lines = table.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) => {
    const cells = line.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    const [, way = '', behaviour = '', ended, delivered, dropped, delay, exit = ''] = cells;
    const count = (text = '') => Number(text.replaceAll(',', ''));
    return {
      ...{ way, behaviour, exit },
      ended: count(ended),
      delivered: count(delivered),
      dropped: count(dropped),
      delaySeconds: Number(delay?.replace(' s', '')),
    };
  });
}

/** Every way to end, with every state of the receiver. */
export const CELLS = WAYS.flatMap((way) => BEHAVIOURS.map((behaviour) => ({ way, behaviour })));
