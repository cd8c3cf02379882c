import { writeFileSync } from 'node:fs';
import { BadInputError } from '../errors.js';
import { fields } from '../fields.js';
import { formatOf, isStreamed, printAs, type WrittenFormat } from '../report/written-formats.js';
import type { Summary } from '../summary.js';
import { lookOf } from '../terminal.js';

export interface SummaryOutput {
  /** Default: what the name of the file says, or else text. */
  readonly format?: WrittenFormat | undefined;
  /** Default: stderr, since stdout is the program's own. */
  readonly file?: string | undefined;
  /** The most rows to print. JSON has all. */
  readonly top?: number | undefined;
  /** The address of Jaeger's UI, for links. */
  readonly jaegerUrl?: string | undefined;
}

/** Writes a summary. Never throws: returns why it is on stderr instead of in its file, without a full stop. */
export function writeSummary(summary: Summary, output: SummaryOutput): string | undefined {
  const problem = tryWriting(summary, output);
  if (problem === undefined || output.file === undefined) return problem;
  // Nobody reads a page in a terminal.
  const format = output.format && isStreamed(output.format) ? output.format : undefined;
  tryWriting(summary, { ...output, format, file: undefined });
  return problem;
}

/** Writes a summary nowhere else. Never throws: returns why it is not written, without a full stop. */
export function tryWriting(summary: Summary, output: SummaryOutput): string | undefined {
  const { file, format = formatOf(file ?? ''), top, jaegerUrl } = output;
  try {
    const look = file === undefined ? lookOf(process.stderr) : undefined;
    const text = printAs(format, summary, { top, jaegerUrl, look });
    if (file === undefined) process.stderr.write(text);
    else writeFileSync(file, text);
    return undefined;
  } catch (error) {
    const { code } = fields(error);
    const cause = error instanceof BadInputError ? error.message : code;
    const why = typeof cause === 'string' ? ` (${cause})` : '';
    return `the summary could not be written to ${file ?? 'stderr'}${why}`;
  }
}
