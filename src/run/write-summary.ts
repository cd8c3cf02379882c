import { writeFileSync } from 'node:fs';
import { fields } from '../fields.js';
import { toHtml } from '../report/html.js';
import { toMarkdown, toText } from '../report/print.js';
import { toJson } from '../report/printable-summary.js';
import type { Summary } from '../summary.js';
import { lookOf } from '../terminal.js';

/** How a summary is written. */
export type WrittenFormat = 'text' | 'json' | 'markdown' | 'html';

export interface SummaryOutput {
  /** Default: what the name of the file says, or else text. */
  readonly format?: WrittenFormat | undefined;
  /** Default: stderr, since stdout is the program's own. */
  readonly file?: string | undefined;
  /** The most rows to print. JSON has all. */
  readonly top?: number | undefined;
  /** The address of Jaeger's UI, for the links of a page. */
  readonly jaegerUrl?: string | undefined;
}

const BY_EXTENSION: Readonly<Record<string, WrittenFormat>> = {
  '.json': 'json',
  '.md': 'markdown',
  '.html': 'html',
  '.htm': 'html',
};

/** Writes a summary. Never throws: returns why it is on stderr instead of in its file, without a full stop. */
export function writeSummary(summary: Summary, output: SummaryOutput): string | undefined {
  const problem = tryWriting(summary, output);
  if (problem === undefined || output.file === undefined) return problem;
  // Nobody reads a page in a terminal.
  const format = output.format === 'html' ? undefined : output.format;
  tryWriting(summary, { ...output, format, file: undefined });
  return problem;
}

/** Writes a summary nowhere else. Never throws: returns why it is not written, without a full stop. */
export function tryWriting(summary: Summary, output: SummaryOutput): string | undefined {
  const { file } = output;
  try {
    const text = print(summary, output);
    if (file === undefined) process.stderr.write(`${text}\n`);
    else writeFileSync(file, `${text}\n`);
    return undefined;
  } catch (error) {
    const { code } = fields(error);
    const why = typeof code === 'string' ? ` (${code})` : '';
    return `the summary could not be written to ${file ?? 'stderr'}${why}`;
  }
}

function print(summary: Summary, { format, file, top, jaegerUrl }: SummaryOutput): string {
  const extension = /\.\w+$/.exec(file ?? '')?.[0].toLowerCase() ?? '';
  const asked = format ?? BY_EXTENSION[extension];
  if (asked === 'json') return toJson(summary);
  if (asked === 'html') return toHtml(summary, { jaegerUrl }).trimEnd();
  if (asked === 'markdown') return toMarkdown(summary, { top });
  return toText(summary, { top, ...(file === undefined ? lookOf(process.stderr) : {}) });
}
