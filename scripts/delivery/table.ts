import { BEHAVIOURS, WAYS } from './endings.js';

/** The figures of one row. */
export interface Row {
  readonly way: string;
  readonly behaviour: string;
  readonly ended: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly delaySeconds: number;
  readonly exit: string;
}

/** Between which lines the table stands in the page. */
export const BEGIN = '<!-- written by npm run delivery -->';
/** Where it ends. */
export const END = '<!-- end -->';

const HEAD = ['Way to end', 'Receiver', 'Ended', 'Delivered', 'Dropped', 'Delay', 'Exit'];

/** The rows as a table in Markdown. */
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

/** The rows that a page holds. */
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

/** Every way with every state of the receiver. */
export const CELLS = WAYS.flatMap((way) => BEHAVIOURS.map((behaviour) => ({ way, behaviour })));
