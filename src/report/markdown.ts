import picocolors from 'picocolors';
import type { Bottleneck, Summary } from '../summary.js';
import { requireCount, requireObject, requireOptions, wrongUse } from '../errors.js';
import { columnsFor, RANKED_BY } from './columns.js';
import { cpuProfilesMarkdown } from './cpu-profiles.js';
import { detailsOf } from './details.js';
import { FOR_MARKDOWN } from './escape.js';
import { formatCount, formatSeconds, plural } from '../format.js';
import { headline, totalsLine } from './headline.js';
import { insightSentences } from './insights.js';
import { jaegerLink, requireJaegerUrl } from './jaeger-link.js';
import { drawMarkdownTable } from './markdown-table.js';
import { notesOf } from './notes.js';
import type { Column } from './table.js';

/** How the Markdown looks. */
export interface MarkdownOptions {
  /** How many rows are printed; the number of the others is. Default 20. */
  readonly top?: number | undefined;
  /**
   * Where Jaeger's UI is, for example `http://localhost:16686`: a column then links to the slowest span
   * of each row. Default: no links.
   */
  readonly jaegerUrl?: string | undefined;
}

const OPTIONS = ['top', 'jaegerUrl'] as const;
/** A comment on GitHub has room for 65,536 characters. */
const MAX_ROWS = 200;
const MAX_INSIGHTS = 10;

/**
 * The summary as Markdown, for a comment on GitHub or the summary of a CI job: the headline, the table,
 * what was left out and why, what may be worth a change, and the CPU profiles of segments. Names are shown as code, so that nothing in
 * them is read as Markdown, HTML or a mention. Ends without a line break.
 *
 * ```ts
 * import { BottleneckSpanProcessor } from 'hotspan/processor';
 * import { toMarkdown } from 'hotspan/report';
 *
 * const { GITHUB_STEP_SUMMARY } = process.env; // a file to append it to
 * console.log(GITHUB_STEP_SUMMARY, toMarkdown(new BottleneckSpanProcessor().summary(), { top: 5 }));
 * ```
 *
 * @throws TypeError when an option is wrong
 */
export function toMarkdown(summary: Summary, options: MarkdownOptions = {}): string {
  const where = 'toMarkdown';
  if ((summary as unknown) === undefined)
    throw wrongUse(where, '`summary` to be an object', summary);
  requireObject(where, '`summary`', summary);
  requireOptions(where, options, OPTIONS);
  requireCount(where, '`top`', options.top);
  requireJaegerUrl(where, options.jaegerUrl);
  const { top = 20, jaegerUrl } = options;
  const rows = summary.bottlenecks.slice(0, Math.min(top, MAX_ROWS));
  const paragraphs = [
    `### ${headline(summary, FOR_MARKDOWN)}`,
    totalsLine(summary),
    ...rankingOf(summary, rows, jaegerUrl),
    listOf([...detailsOf(summary, FOR_MARKDOWN), ...notesOf(summary, FOR_MARKDOWN)]),
    ...insightsOf(summary),
    ...cpuProfilesMarkdown(summary),
  ];
  return paragraphs.filter((text) => text !== '').join('\n\n');
}

function rankingOf(
  summary: Summary,
  rows: readonly Bottleneck[],
  jaegerUrl: string | undefined,
): string[] {
  if (rows.length === 0) return ['No trace has ended yet: nothing to rank.'];
  const hidden = summary.bottlenecks.length - rows.length;
  const more = hidden > 0 ? `; ${plural(hidden, 'more row')}` : '';
  const columns = [
    ...columnsFor(summary, rows, FOR_MARKDOWN, picocolors.createColors(false)),
    ...(jaegerUrl === undefined ? [] : [slowestColumn(jaegerUrl)]),
  ];
  return [drawMarkdownTable(columns, rows), `Ranked by ${RANKED_BY[summary.rankedBy]}${more}`];
}

function slowestColumn(jaegerUrl: string): Column<Bottleneck> {
  return {
    head: 'Slowest',
    cell: ({ slowest: [span] }) => {
      if (span === undefined) return undefined;
      const time = formatSeconds(span.seconds);
      const link = jaegerLink(jaegerUrl, span);
      return link === undefined ? time : `[${time}](${link})`;
    },
  };
}

function insightsOf(summary: Summary): string[] {
  const insights = insightSentences(summary, FOR_MARKDOWN);
  if (insights.length === 0) return [];
  const lines = insights
    .slice(0, MAX_INSIGHTS)
    .map(({ severity, text }) => `**${severity}**: ${text}`);
  const more = insights.length - lines.length;
  return [
    '#### Worth a look, the largest saving first',
    listOf([...lines, ...(more > 0 ? [`and ${formatCount(more)} more`] : [])]),
  ];
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
