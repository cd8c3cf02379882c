import { formatSeconds } from '../format.js';
import type { Bottleneck, Summary } from '../summary.js';
import { byLines } from './by.js';
import { columnsFor, RANKED_BY } from './columns.js';
import { cpuProfileParagraphs } from './cpu-profiles.js';
import { entryPointLines } from './entry-points.js';
import { atMost, counted, MARKDOWN, paragraphs, rowName, type Form } from './form.js';
import { jaegerLink } from './jaeger-link.js';
import { marginLine, tiesOf } from './sureness.js';
import { adviceOf, detailsOf, headline, notesOf, totalsLine } from './lines.js';
import type { MarkdownOptions } from './print.js';
import { doubtLine } from './savings.js';
import { printSlow } from './slow.js';
import type { Column } from './table.js';

const MAX_INSIGHTS = 5;
const MAX_MARKDOWN_INSIGHTS = 10;
/** A link is wider than the table. */
const MAX_LINKS = 5;
const INSIGHTS = 'worth a look, the largest saving first:';
const NO_TRACE = 'No trace has ended yet: nothing to rank.';

export function printSummary(summary: Summary, options: MarkdownOptions, form: Form): string {
  const { top = 20, jaegerUrl, slow = false } = options;
  if (slow) return printSlow(summary, jaegerUrl, form);
  const rows = summary.bottlenecks.slice(0, Math.min(top, form.maxRows));
  const print = form === MARKDOWN ? summaryMarkdown : summaryText;
  return print(summary, rows, jaegerUrl, form, byLines(summary, top, form));
}

type Rows = readonly Bottleneck[];

function summaryText(
  summary: Summary,
  rows: Rows,
  jaegerUrl: string | undefined,
  form: Form,
  by: readonly string[][],
) {
  const { bold, dim } = form.colors;
  const ranking = () => [
    form.table(columnsFor(summary, rows, form), rows),
    dim(`  ranked by ${rankedBy(summary, rows)}`),
    ...marksOf(summary, rows).map((line) => dim(`  ${line}`)),
  ];
  const insights = adviceOf(summary, form).map(({ text }) => `▸ ${text}`);
  return paragraphs(
    [
      [bold(headline(summary, form)), totalsLine(summary)].filter((line) => line !== ''),
      rows.length === 0 ? [NO_TRACE] : ranking(),
      entryPointLines(summary, form),
      ...by,
      jaegerUrl === undefined ? [] : indented(linksOf(summary, rows, jaegerUrl, form)),
      indented(detailsOf(summary, form)),
      insights.length === 0
        ? []
        : indented([INSIGHTS, ...atMost(MAX_INSIGHTS, insights, '  and ')]),
      ...cpuProfileParagraphs(summary, form).map(indented),
      notesOf(summary, form).map((note) => dim(`  · ${note}`)),
    ].map((lines) => lines.join('\n')),
  );
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll(/^/gm, '  '));
}

/** What the marks in the table mean, and which of its rows may be in another order. */
function marksOf(summary: Summary, rows: Rows): string[] {
  const marks = [...marginLine(summary, rows), ...doubtLine(rows)].join('; ');
  return [...(marks === '' ? [] : [marks]), ...tiesOf(summary, rows)];
}

function rankedBy(summary: Summary, rows: Rows): string {
  const { bottlenecks, rankedBy: by } = summary;
  const hidden = counted(bottlenecks.length - rows.length, 'more row');
  return [RANKED_BY[by], ...hidden].join('; ');
}

function linksOf({ services }: Summary, rows: Rows, jaegerUrl: string, form: Form): string[] {
  return rows.slice(0, MAX_LINKS).flatMap((row) => {
    const [span] = row.slowest;
    const link = span && jaegerLink(jaegerUrl, span);
    if (link === undefined) return [];
    const name = form.name(rowName(row, services.length > 1), 44);
    return [`slowest ${name}, ${formatSeconds(span!.seconds)}: ${link}`];
  });
}

function summaryMarkdown(
  summary: Summary,
  rows: Rows,
  jaegerUrl: string | undefined,
  form: Form,
  by: readonly string[][],
) {
  const links = jaegerUrl === undefined ? [] : [slowestColumn(jaegerUrl)];
  const ranking = () => [
    form.table([...columnsFor(summary, rows, form), ...links], rows),
    [`Ranked by ${rankedBy(summary, rows)}`, ...marksOf(summary, rows)].join('; '),
  ];
  const insights = adviceOf(summary, form).map(({ severity, text }) =>
    severity === undefined ? text : `**${severity}**: ${text}`,
  );
  const profiles = cpuProfileParagraphs(summary, form).flat();
  return paragraphs([
    `### ${headline(summary, form)}`,
    totalsLine(summary),
    ...(rows.length === 0 ? [NO_TRACE] : ranking()),
    ...entryPointLines(summary, form),
    ...by.flat(),
    form.list([...detailsOf(summary, form), ...notesOf(summary, form)]),
    insights.length === 0 ? '' : '#### Worth a look, the largest saving first',
    form.list(atMost(MAX_MARKDOWN_INSIGHTS, insights, 'and ')),
    profiles.length === 0 ? '' : '#### CPU profiles',
    ...profiles,
  ]);
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
