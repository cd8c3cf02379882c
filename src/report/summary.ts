import { formatCount, formatSeconds, plural } from '../format.js';
import type { Bottleneck, Summary } from '../summary.js';
import { columnsFor, RANKED_BY } from './columns.js';
import { cpuProfileParagraphs } from './cpu-profiles.js';
import { MARKDOWN, rowName, type Form } from './form.js';
import { jaegerLink } from './jaeger-link.js';
import { detailsOf, headline, insightsOf, notesOf, totalsLine } from './lines.js';
import type { MarkdownOptions, TextOptions } from './print.js';
import type { Column } from './table.js';

const MAX_ROWS = 10_000;
/** A comment on GitHub has room for 65,536 characters. */
const MAX_MARKDOWN_ROWS = 200;
const MAX_INSIGHTS = 5;
const MAX_MARKDOWN_INSIGHTS = 10;
/** A link is wider than the table. */
const MAX_LINKS = 5;
const NO_TRACE = 'No trace has ended yet: nothing to rank.';

export function summaryText(
  summary: Summary,
  { top = 20, jaegerUrl }: TextOptions,
  form: Form,
): string {
  const { bold, dim } = form.colors;
  const rows = summary.bottlenecks.slice(0, Math.min(top, MAX_ROWS));
  const ranking = () => [
    form.table(columnsFor(summary, rows, form), rows),
    dim(`  ranked by ${rankedBy(summary, rows)}`),
  ];
  const insights = insightsOf(summary, form).map(({ text }) => `▸ ${text}`);
  const worthALook = [
    'worth a look, the largest saving first:',
    ...atMost(MAX_INSIGHTS, insights, '  '),
  ];
  const paragraphs = [
    [bold(headline(summary, form)), totalsLine(summary)].filter((line) => line !== ''),
    rows.length === 0 ? [NO_TRACE] : ranking(),
    jaegerUrl === undefined ? [] : indented(linksOf(summary, rows, jaegerUrl, form)),
    indented(detailsOf(summary, form)),
    insights.length === 0 ? [] : indented(worthALook),
    ...cpuProfileParagraphs(summary, form).map(indented),
    notesOf(summary, form).map((note) => dim(`  · ${note}`)),
  ];
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll(/^/gm, '  '));
}

function rankedBy({ bottlenecks, rankedBy: by }: Summary, rows: readonly Bottleneck[]): string {
  const hidden = bottlenecks.length - rows.length;
  return `${RANKED_BY[by]}${hidden > 0 ? `; ${plural(hidden, 'more row')}` : ''}`;
}

function atMost(limit: number, lines: readonly string[], indent = ''): string[] {
  const more = lines.length - limit;
  const rest = more > 0 ? [`${indent}and ${formatCount(more)} more`] : [];
  return [...lines.slice(0, limit), ...rest];
}

function linksOf(
  { services }: Summary,
  rows: readonly Bottleneck[],
  jaegerUrl: string,
  form: Form,
): string[] {
  return rows.slice(0, MAX_LINKS).flatMap((row) => {
    const [span] = row.slowest;
    const link = span && jaegerLink(jaegerUrl, span);
    if (link === undefined) return [];
    const name = form.name(rowName(row, services.length > 1), 44);
    return [`slowest ${name}, ${formatSeconds(span!.seconds)}: ${link}`];
  });
}

export function summaryMarkdown(
  summary: Summary,
  { top = 20, jaegerUrl }: MarkdownOptions,
): string {
  const form = MARKDOWN;
  const rows = summary.bottlenecks.slice(0, Math.min(top, MAX_MARKDOWN_ROWS));
  const links = jaegerUrl === undefined ? [] : [slowestColumn(jaegerUrl)];
  const ranking = () => [
    form.table([...columnsFor(summary, rows, form), ...links], rows),
    `Ranked by ${rankedBy(summary, rows)}`,
  ];
  const insights = insightsOf(summary, form).map(
    ({ severity, text }) => `**${severity}**: ${text}`,
  );
  const profiles = cpuProfileParagraphs(summary, form).flat();
  return [
    `### ${headline(summary, form)}`,
    totalsLine(summary),
    ...(rows.length === 0 ? [NO_TRACE] : ranking()),
    form.list([...detailsOf(summary, form), ...notesOf(summary, form)]),
    insights.length === 0 ? '' : '#### Worth a look, the largest saving first',
    form.list(atMost(MAX_MARKDOWN_INSIGHTS, insights)),
    profiles.length === 0 ? '' : '#### CPU profiles',
    ...profiles,
  ]
    .filter((text) => text !== '')
    .join('\n\n');
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
