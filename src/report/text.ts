import picocolors from 'picocolors';
import type { Bottleneck, Summary } from '../summary.js';
import { requireCount, requireObject, requireOptions, wrongUse } from '../errors.js';
import { columnsFor, RANKED_BY } from './columns.js';
import { cpuProfileLines } from './cpu-profiles.js';
import { detailsOf } from './details.js';
import { FOR_TERMINAL } from './escape.js';
import { formatSeconds, plural } from '../format.js';
import { headline, totalsLine } from './headline.js';
import { insightsText } from './insights.js';
import { jaegerLink, requireJaegerUrl } from './jaeger-link.js';
import { notesOf } from './notes.js';
import { rowName } from './row-name.js';
import { drawTable } from './table.js';

/** How the text looks. */
export interface TextOptions {
  /** How many rows are printed, 10,000 at most; the number of the others is. Default 20. */
  readonly top?: number | undefined;
  /** Whether to use a terminal's colour codes. Default false. */
  readonly color?: boolean | undefined;
  /**
   * Where Jaeger's UI is, for example `http://localhost:16686`: the slowest spans of the first rows are
   * then listed as links. Default: no links.
   */
  readonly jaegerUrl?: string | undefined;
}

const OPTIONS = ['top', 'color', 'jaegerUrl'] as const;
/** Far more than a person reads; cli-table3 fails at some 100,000. */
const MAX_ROWS = 10_000;
/** A link is wider than the table: those of the first rows are what one opens. */
const MAX_LINKS = 5;

/**
 * The summary as a table for a person: what was waited for, row by row, and below it what was left
 * out and why. Without colour codes unless asked for. Ends without a line break.
 *
 * @throws TypeError when an option is wrong
 */
export function toText(summary: Summary, options: TextOptions = {}): string {
  if ((summary as unknown) === undefined) {
    throw wrongUse('toText', '`summary` to be an object', summary);
  }
  requireObject('toText', '`summary`', summary);
  requireOptions('toText', options, OPTIONS);
  requireCount('toText', '`top`', options.top);
  requireJaegerUrl('toText', options.jaegerUrl);
  const { top = 20, color = false, jaegerUrl } = options;
  const colors = picocolors.createColors(color);
  const rows = summary.bottlenecks.slice(0, Math.min(top, MAX_ROWS));
  const hidden = summary.bottlenecks.length - rows.length;
  const lines = [colors.bold(headline(summary, FOR_TERMINAL))];
  const totals = totalsLine(summary);
  if (totals !== '') lines.push(totals);
  lines.push('');
  if (rows.length === 0) {
    lines.push('No trace has ended yet: nothing to rank.');
  } else {
    const more = hidden > 0 ? `; ${plural(hidden, 'more row')}` : '';
    const ranked = `  ranked by ${RANKED_BY[summary.rankedBy]}${more}`;
    const columns = columnsFor(summary, rows, FOR_TERMINAL, colors);
    lines.push(drawTable(columns, rows, color), colors.dim(ranked));
    if (jaegerUrl !== undefined) lines.push(...linksOf(summary, rows, jaegerUrl));
  }
  const details = detailsOf(summary, FOR_TERMINAL);
  if (details.length > 0) lines.push('', ...details.map((line) => `  ${line}`));
  lines.push(...insightsText(summary), ...cpuProfileLines(summary, color));
  const notes = notesOf(summary, FOR_TERMINAL);
  if (notes.length > 0) lines.push('', ...notes.map((note) => colors.dim(`  · ${note}`)));
  return lines.join('\n');
}

function linksOf({ services }: Summary, rows: readonly Bottleneck[], jaegerUrl: string): string[] {
  const links = rows.slice(0, MAX_LINKS).flatMap((row) => {
    const [span] = row.slowest;
    if (span === undefined) return [];
    const link = jaegerLink(jaegerUrl, span);
    if (link === undefined) return [];
    const name = FOR_TERMINAL.name(rowName(row, services.length > 1), 44);
    return [`  slowest ${name}, ${formatSeconds(span.seconds)}: ${link}`];
  });
  return links.length === 0 ? [] : ['', ...links];
}
