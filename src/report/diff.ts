import picocolors from 'picocolors';
import type { OverallChanges, RowDiff, SummaryDiff } from '../summaries/diff.js';
import { isChanged, type FigureChange } from '../summaries/compare.js';
import { requireCount, requireObject, requireOptions, wrongUse } from '../errors.js';
import { FOR_MARKDOWN, FOR_TERMINAL, type Escape } from './escape.js';
import {
  formatAmount,
  formatChange,
  formatCount,
  formatSeconds,
  formatShare,
  formatUsd,
  plural,
} from '../format.js';
import { listed } from './listed.js';
import { drawMarkdownTable } from './markdown-table.js';
import { rowName } from './row-name.js';
import { drawTable, type Column } from './table.js';

/** How the text of a diff looks. */
export interface DiffTextOptions {
  /** How many rows are printed, 10,000 at most; the number of the others is. Default 20. */
  readonly top?: number | undefined;
  /** Whether to use a terminal's colour codes. Default false. */
  readonly color?: boolean | undefined;
}

/** How the Markdown of a diff looks. */
export interface DiffMarkdownOptions {
  /** How many of the rows that changed are printed, 200 at most. Default 20. */
  readonly top?: number | undefined;
}

const MAX_ROWS = 10_000;
/** A comment on GitHub has room for 65,536 characters. */
const MAX_MARKDOWN_ROWS = 200;
const MAX_NAME_WIDTH = 44;
const MAX_NAME_LENGTH = 60;

interface Line {
  readonly what: string;
  readonly change: FigureChange;
  readonly format: (value: number) => string;
  /** Which way is better: 1 when more is, −1 when less is. */
  readonly better: 1 | -1;
}

/**
 * What changed from one summary to another, as tables for a person: overall, row by row, and in a last
 * line what got better and what worse. What is noise is marked, and dimmed where there are colours.
 * Without colour codes unless asked for. Ends without a line break.
 *
 * @param diff what `diffSummaries` gave
 * @throws TypeError when an option is wrong
 */
export function diffToText(diff: SummaryDiff, options: DiffTextOptions = {}): string {
  requireDiff('diffToText', diff);
  requireOptions('diffToText', options, ['top', 'color']);
  requireCount('diffToText', '`top`', options.top);
  const { top = 20, color = false } = options;
  const colors = picocolors.createColors(color);
  const rows = diff.rows.slice(0, Math.min(top, MAX_ROWS));
  const parts = [
    colors.bold(headline(diff)),
    drawTable(
      colored(overallColumns(), ({ change }) => isChanged(change), colors),
      linesOf(diff),
    ),
  ];
  if (rows.length > 0) {
    const columns = colored(
      rowColumns(nameIn(diff, FOR_TERMINAL)),
      (row) => changesText(row) !== '',
      colors,
    );
    const hidden = diff.rows.length - rows.length;
    const more = hidden > 0 ? `; ${plural(hidden, 'more row')}` : '';
    const table = drawTable(columns, rows, color);
    parts.push(`${table}\n${colors.dim(`  critical, calls: per trace${more}`)}`);
  }
  const notes = notesOf(diff, FOR_TERMINAL).map((note) => `  · ${note}`);
  if (notes.length > 0) parts.push(colors.dim(notes.join('\n')));
  return [...parts, conclusion(diff, FOR_TERMINAL)].join('\n\n');
}

/**
 * What changed from one summary to another, as Markdown: the tables and the last line of `diffToText`,
 * with the rows of which something changed, and how many others there are. Names are shown as code, so
 * that nothing in them is read as Markdown, HTML or a mention. Ends without a line break.
 *
 * @param diff what `diffSummaries` gave
 * @throws TypeError when an option is wrong
 */
export function diffToMarkdown(diff: SummaryDiff, options: DiffMarkdownOptions = {}): string {
  requireDiff('diffToMarkdown', diff);
  requireOptions('diffToMarkdown', options, ['top']);
  requireCount('diffToMarkdown', '`top`', options.top);
  const changed = diff.rows.filter((row) => changesText(row) !== '');
  const rows = changed.slice(0, Math.min(options.top ?? 20, MAX_MARKDOWN_ROWS));
  const [what, ...figures] = overallColumns();
  const parts = [
    `**${conclusion(diff, FOR_MARKDOWN)}**`,
    drawMarkdownTable([{ ...what!, head: headline(diff) }, ...figures], linesOf(diff)),
    ...(rows.length > 0 ? [drawMarkdownTable(rowColumns(nameIn(diff, FOR_MARKDOWN)), rows)] : []),
    hiddenText(diff.rows, changed.length - rows.length),
    notesOf(diff, FOR_MARKDOWN)
      .map((note) => `- ${note}`)
      .join('\n'),
  ];
  return parts.filter((text) => text !== '').join('\n\n');
}

/** `1 more row that changed; 7 more rows, unchanged`; empty when every row is there. */
function hiddenText(rows: readonly RowDiff[], hiddenChanges: number): string {
  const others = rows.filter((row) => changesText(row) === '');
  const unknown = others.filter(isUnknown).length;
  const parts: [number, string][] = [
    [hiddenChanges, ' that changed'],
    [others.length - unknown, ', unchanged'],
    [unknown, ' of which it cannot be told'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, why]) => `${plural(count, 'more row')}${why}`)
    .join('; ');
}

function requireDiff(where: string, diff: SummaryDiff | undefined): void {
  requireObject(where, '`diff`', diff);
  if (diff?.overall === undefined) {
    throw wrongUse(where, '`diff` to be what `diffSummaries` gave', diff);
  }
}

function headline({ traces }: SummaryDiff): string {
  return `${plural(traces.before, 'trace')} before, ${formatCount(traces.after)} after`;
}

function linesOf({ overall }: SummaryDiff): Line[] {
  const line = (
    what: string,
    figure: keyof OverallChanges,
    format: Line['format'],
    better: Line['better'] = -1,
  ) => ({ what, change: overall[figure], format, better });
  return [
    line('p50', 'p50Seconds', formatSeconds),
    line('p95', 'p95Seconds', formatSeconds),
    line('p99', 'p99Seconds', formatSeconds),
    line('succeeded', 'successRate', formatShare, 1),
    line('cost per trace', 'costPerTraceUsd', formatUsd),
    line('cost per success', 'costPerSuccessUsd', formatUsd),
    line('tokens per trace', 'tokensPerTrace', (tokens) => formatCount(Math.round(tokens))),
    line('retries per trace', 'retriesPerTrace', formatAmount),
    line('wasted per trace', 'wastedSecondsPerTrace', formatSeconds),
  ].filter(({ change }) => [change.before ?? 0, change.after ?? 0].some((value) => value !== 0));
}

function overallColumns(): Column<Line>[] {
  const side =
    (pick: (change: FigureChange) => number | undefined) =>
    ({ change, format }: Line) => {
      const value = pick(change);
      return value === undefined ? undefined : format(value);
    };
  return [
    { head: '', align: 'left', cell: ({ what }) => what },
    { head: 'Before', cell: side(({ before }) => before) },
    { head: 'After', cell: side(({ after }) => after) },
    { head: 'Change', cell: ({ change }) => formatChange(change.ratio) },
    { head: '', align: 'left', cell: ({ change }) => change.verdict },
  ];
}

function rowColumns(nameOf: NameOf): Column<RowDiff>[] {
  const sides =
    (pick: (row: RowDiff) => FigureChange, format: Line['format']) => (row: RowDiff) => {
      const { before, after } = pick(row);
      if (before === undefined || after === undefined) return undefined;
      const [from, to] = [format(before), format(after)];
      return from === to ? from : `${from} → ${to}`;
    };
  return [
    {
      head: 'Segment',
      align: 'left',
      maxWidth: MAX_NAME_WIDTH,
      cell: nameOf,
    },
    { head: 'Critical', cell: sides((row) => row.criticalSecondsPerTrace, formatSeconds) },
    { head: 'Change', cell: (row) => formatChange(row.criticalSecondsPerTrace.ratio) },
    { head: 'p50', cell: sides((row) => row.p50Seconds, formatSeconds) },
    { head: 'p95', cell: sides((row) => row.p95Seconds, formatSeconds) },
    { head: 'Calls', cell: sides((row) => row.callsPerTrace, formatAmount) },
    { head: 'Cost/call', cell: sides((row) => row.costPerCallUsd, formatUsd) },
    { head: '', align: 'left', cell: (row) => changesText(row) || restText(row) },
  ];
}

/** The same columns, with the cells of rows that did not change dimmed. */
function colored<Row>(
  columns: readonly Column<Row>[],
  hasChanged: (row: Row) => boolean,
  colors: ReturnType<typeof picocolors.createColors>,
): Column<Row>[] {
  return columns.map((column) => ({
    ...column,
    cell: (row) => {
      const text = column.cell(row);
      return text === undefined || hasChanged(row) ? text : colors.dim(text);
    },
  }));
}

type NameOf = (row: RowDiff) => string;

function nameIn({ rows, added, removed }: SummaryDiff, escape: Escape): NameOf {
  const all = [...rows, ...added, ...removed];
  const several = new Set(all.map(({ service }) => service)).size > 1;
  return (row) => escape.name(rowName(row, several), MAX_NAME_LENGTH);
}

/** What changed in a row by more than noise: `faster (p50, p95), dearer (cost)`; empty when nothing. */
function changesText(row: RowDiff): string {
  const byVerdict = new Map<string, string[]>();
  for (const { what, change } of figuresOf(row)) {
    if (!isChanged(change)) continue;
    const verdict = change.verdict!;
    byVerdict.set(verdict, [...(byVerdict.get(verdict) ?? []), what]);
  }
  return [...byVerdict].map(([verdict, what]) => `${verdict} (${what.join(', ')})`).join(', ');
}

/** For a row of which nothing changed by more than noise; nothing while one of its figures may have. */
function restText(row: RowDiff): string | undefined {
  if (isUnknown(row)) return undefined;
  return figuresOf(row).some(({ change }) => change.verdict === 'noise') ? 'noise' : 'same';
}

function isUnknown(row: RowDiff): boolean {
  return figuresOf(row).some(({ change }) => cannotBeTold(change));
}

/** Whether there is a figure, and no verdict on it. */
function cannotBeTold({ before, after, verdict }: FigureChange): boolean {
  return verdict === undefined && (before ?? after) !== undefined;
}

function figuresOf(row: RowDiff): { what: string; change: FigureChange }[] {
  return [
    { what: 'p50', change: row.p50Seconds },
    { what: 'p95', change: row.p95Seconds },
    { what: 'critical', change: row.criticalSecondsPerTrace },
    { what: 'calls', change: row.callsPerTrace },
    { what: 'cost', change: row.costPerCallUsd },
    { what: 'errors', change: row.errorRate },
  ];
}

function notesOf(diff: SummaryDiff, escape: Escape): string[] {
  const { added, removed, warnings } = diff;
  const names = (rows: readonly RowDiff[]) => listed(rows.map(nameIn(diff, escape)), ', ');
  return [
    ...(added.length > 0 ? [`only after: ${names(added)}`] : []),
    ...(removed.length > 0 ? [`only before: ${names(removed)}`] : []),
    ...warnings.map(escape.sentence),
  ];
}

/** What got better, what worse, and of what it cannot be told, in one sentence. */
function conclusion(diff: SummaryDiff, escape: Escape): string {
  const lines = linesOf(diff);
  const nameOf = nameIn(diff, escape);
  /** Of the figures of a row all are better when there is less. */
  const moved = (direction: 1 | -1) => [
    ...lines
      .filter(({ change, better }) => hasMoved(change, better * direction))
      .map(({ what, change }) => movedText(what, change)),
    ...diff.rows.flatMap((row) => {
      const found = figuresOf(row).find(({ change }) => hasMoved(change, -direction));
      return found === undefined ? [] : [movedText(`${nameOf(row)} ${found.what}`, found.change)];
    }),
  ];
  const unknownRows = diff.rows.filter(isUnknown).length;
  const unknown = [
    ...lines.filter(({ change }) => cannotBeTold(change)).map(({ what }) => what),
    ...(unknownRows > 0 ? [`figures of ${plural(unknownRows, 'segment')}`] : []),
  ];
  const parts = [
    ['better', moved(1)],
    ['worse', moved(-1)],
    ['cannot be told', unknown],
  ] as const;
  const told = parts
    .filter(([, texts]) => texts.length > 0)
    .map(([what, texts]) => `${what}: ${listed(texts, ', ')}`);
  const isQuiet = told.length === Number(unknown.length > 0);
  const text = [...(isQuiet ? [quietText(unknown.length > 0)] : []), ...told].join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function quietText(isPartlyUnknown: boolean): string {
  const nothing = 'nothing got better or worse by more than noise';
  return isPartlyUnknown ? `of what can be told ${nothing}` : nothing;
}

function hasMoved(change: FigureChange, sign: number): boolean {
  return isChanged(change) && (change.difference ?? 0) * sign > 0;
}

function movedText(what: string, { ratio }: FigureChange): string {
  const change = formatChange(ratio);
  return change === undefined ? what : `${what} ${change}`;
}
