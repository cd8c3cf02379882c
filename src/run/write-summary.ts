import { writeFileSync } from 'node:fs';
import { fields } from '../fields.js';
import { toMarkdown, toText } from '../report/print.js';
import { toJson } from '../report/printable-summary.js';
import type { Summary } from '../summary.js';
import { isTerminal } from '../terminal.js';

/** How a summary is written. */
export type WrittenFormat = 'text' | 'json' | 'markdown';

export interface SummaryOutput {
  /** Default: what the name of the file says, or else text. */
  readonly format?: WrittenFormat | undefined;
  /** Default: stderr, since stdout is the program's own. */
  readonly file?: string | undefined;
  /** The most rows to print. JSON has all. */
  readonly top?: number | undefined;
}

const BY_EXTENSION: Readonly<Record<string, WrittenFormat>> = {
  '.json': 'json',
  '.md': 'markdown',
};

/** Writes a summary. Never throws: returns why it is on stderr instead of in its file, without a full stop. */
export function writeSummary(summary: Summary, output: SummaryOutput): string | undefined {
  const { file } = output;
  try {
    const text = `${print(summary, output)}\n`;
    if (file === undefined) process.stderr.write(text);
    else writeFileSync(file, text);
    return undefined;
  } catch (error) {
    const { code } = fields(error);
    const why = typeof code === 'string' ? ` (${code})` : '';
    if (file !== undefined) writeSummary(summary, { ...output, file: undefined });
    return `the summary could not be written to ${file ?? 'stderr'}${why}`;
  }
}

function print(summary: Summary, { format, file, top }: SummaryOutput): string {
  const extension = /\.\w+$/.exec(file ?? '')?.[0].toLowerCase() ?? '';
  const asked = format ?? BY_EXTENSION[extension];
  if (asked === 'json') return toJson(summary);
  if (asked === 'markdown') return toMarkdown(summary, { top });
  return toText(summary, { top, color: file === undefined && isTerminal(process.stderr) });
}
