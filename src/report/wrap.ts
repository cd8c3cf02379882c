import { widthOf } from './table.js';

/** The codes of a terminal take no room. */
const CODES = /\p{Cc}\[[\d;]*m/gu;
/** A line that goes on is indented as far as what it goes on from. */
const INDENT = /^(?:\p{Cc}\[[\d;]*m)*( *(?:[·▸-] )?)/u;
const MIN_WIDTH = 20;

/** Breaks lines between words where a terminal would break them anywhere. */
export function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, Math.max(width, MIN_WIDTH)))
    .join('\n');
}

function wrapLine(line: string, width: number): string[] {
  if (shownWidth(line) <= width) return [line];
  const indent = ' '.repeat(INDENT.exec(line)?.[1]?.length ?? 0);
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\S) (?=\S)/)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current === '' || shownWidth(longer) <= width) current = longer;
    else {
      lines.push(current);
      current = `${indent}${word}`;
    }
  }
  return [...lines, current];
}

function shownWidth(text: string): number {
  return widthOf(text.replace(CODES, ''));
}
