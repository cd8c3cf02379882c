import { comparedOf, isChanged, type FigureChange } from '../summaries/compare.js';
import type { RowDiff, SummaryDiff } from '../summaries/diff.js';
import { formatChange, formatCount, FORMATS, plural, type FigureUnit } from '../format.js';
import { nameColumn } from './columns.js';
import { listed, MARKDOWN, type Form } from './form.js';
import type { MarkdownOptions, TextOptions } from './print.js';
import type { Column } from './table.js';

const MAX_ROWS = 10_000;
/** A comment on GitHub has room for 65,536 characters. */
const MAX_MARKDOWN_ROWS = 200;

const OVERALL = comparedOf('all').filter(({ comparison }) => comparison.label !== undefined);
const ROW = comparedOf('row').filter(({ comparison }) => comparison.label !== undefined);

interface Told {
  readonly label: string;
  readonly unit: FigureUnit;
  readonly change: FigureChange;
  readonly isBetterHigh: boolean;
}

export function diffText(diff: SummaryDiff, { top = 20 }: TextOptions, form: Form): string {
  const { bold, dim } = form.colors;
  const rows = diff.rows.slice(0, Math.min(top, MAX_ROWS));
  const hidden = diff.rows.length - rows.length;
  const more = hidden > 0 ? `; ${plural(hidden, 'more row')}` : '';
  const overall = dimUnless(({ change }) => isChanged(change), overallColumns(''), form);
  const columns = dimUnless((row) => changesText(row) !== '', rowColumns(diff, form), form);
  return paragraphs([
    bold(headline(diff)),
    form.table(overall, toldOf(diff)),
    rows.length === 0
      ? ''
      : `${form.table(columns, rows)}\n${dim(`  critical, calls: per trace${more}`)}`,
    dim(form.list(notesOf(diff, form))),
    conclusion(diff, form),
  ]);
}

export function diffMarkdown(diff: SummaryDiff, { top = 20 }: MarkdownOptions): string {
  const form = MARKDOWN;
  const changed = diff.rows.filter((row) => changesText(row) !== '');
  const rows = changed.slice(0, Math.min(top, MAX_MARKDOWN_ROWS));
  return paragraphs([
    `**${conclusion(diff, form)}**`,
    form.table(overallColumns(headline(diff)), toldOf(diff)),
    rows.length === 0 ? '' : form.table(rowColumns(diff, form), rows),
    hiddenText(diff.rows, changed.length - rows.length),
    form.list(notesOf(diff, form)),
  ]);
}

function paragraphs(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

/** `1 more row that changed; 7 more rows, unchanged`; empty if all rows are shown. */
function hiddenText(rows: readonly RowDiff[], hiddenChanges: number): string {
  const others = rows.filter((row) => changesText(row) === '');
  const unknown = others.filter(isUnknown).length;
  const parts: [number, string][] = [
    [hiddenChanges, ' that changed'],
    [others.length - unknown, ', unchanged'],
    [unknown, ' with unknown changes'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, why]) => `${plural(count, 'more row')}${why}`)
    .join('; ');
}

function headline({ traces }: SummaryDiff): string {
  return `${plural(traces.before, 'trace')} before, ${formatCount(traces.after)} after`;
}

/** The figures of all traces, without those that are 0 on both sides. */
function toldOf({ overall }: SummaryDiff): Told[] {
  return OVERALL.map(({ name, unit, comparison }) => ({
    label: comparison.label!,
    unit,
    change: overall[name],
    isBetterHigh: comparison.isBetterHigh ?? false,
  })).filter(({ change: { before = 0, after = 0 } }) => before !== 0 || after !== 0);
}

function toldOfRow(row: RowDiff): Told[] {
  return ROW.map(({ name, unit, comparison }) => ({
    label: comparison.label!,
    unit,
    change: row[name],
    isBetterHigh: comparison.isBetterHigh ?? false,
  }));
}

function overallColumns(head: string): Column<Told>[] {
  const format = (unit: FigureUnit, value: number | undefined) =>
    value === undefined ? undefined : FORMATS[unit](value);
  return [
    { head, align: 'left', cell: ({ label }) => label },
    { head: 'Before', cell: ({ unit, change }) => format(unit, change.before) },
    { head: 'After', cell: ({ unit, change }) => format(unit, change.after) },
    { head: 'Change', cell: ({ change }) => formatChange(change.ratio) },
    { head: '', align: 'left', cell: ({ change }) => change.verdict },
  ];
}

function rowColumns(diff: SummaryDiff, form: Form): Column<RowDiff>[] {
  const figures = ROW.flatMap(({ name, unit, comparison: { head } }): Column<RowDiff>[] => {
    return head === undefined ? [] : [{ head, cell: (row) => sides(row[name], unit) }];
  });
  return [
    nameColumn(hasSeveral(diff), form),
    { head: 'Critical', cell: (row) => sides(row.criticalSecondsPerTrace, 'seconds') },
    { head: 'Change', cell: (row) => formatChange(row.criticalSecondsPerTrace.ratio) },
    ...figures,
    { head: '', align: 'left', cell: (row) => changesText(row) || restText(row) },
  ];
}

function sides({ before, after }: FigureChange, unit: FigureUnit): string | undefined {
  if (before === undefined || after === undefined) return undefined;
  const [from, to] = [FORMATS[unit](before), FORMATS[unit](after)];
  return from === to ? from : `${from} → ${to}`;
}

function dimUnless<Row>(
  hasChanged: (row: Row) => boolean,
  columns: readonly Column<Row>[],
  { colors }: Form,
): Column<Row>[] {
  const paint = (text: string, row: Row) => (hasChanged(row) ? text : colors.dim(text));
  return columns.map((column) => ({ ...column, paint }));
}

function hasSeveral({ rows, added, removed }: SummaryDiff): boolean {
  const all = [...rows, ...added, ...removed];
  return new Set(all.map(({ service }) => service)).size > 1;
}

/** Says what changed in a row: `faster (p50, p95), dearer (cost)`; empty if nothing did. */
function changesText(row: RowDiff): string {
  const byVerdict = new Map<string, string[]>();
  for (const { label, change } of toldOfRow(row)) {
    if (!isChanged(change)) continue;
    const verdict = change.verdict!;
    byVerdict.set(verdict, [...(byVerdict.get(verdict) ?? []), label]);
  }
  return [...byVerdict].map(([verdict, labels]) => `${verdict} (${labels.join(', ')})`).join(', ');
}

/** The verdict on a row that did not change; none if one of its figures is unknown. */
function restText(row: RowDiff): string | undefined {
  if (isUnknown(row)) return undefined;
  return toldOfRow(row).some(({ change }) => change.verdict === 'noise') ? 'noise' : 'same';
}

function isUnknown(row: RowDiff): boolean {
  return toldOfRow(row).some(cannotBeTold);
}

/** Returns `true` if there is a figure, but no verdict on it. */
function cannotBeTold({ change: { before, after, verdict } }: Told): boolean {
  return verdict === undefined && (before ?? after) !== undefined;
}

function notesOf(diff: SummaryDiff, form: Form): string[] {
  const { added, removed, warnings } = diff;
  const { cell } = nameColumn(hasSeveral(diff), form);
  const names = (rows: readonly RowDiff[]) =>
    listed(
      rows.map((row) => cell(row) ?? ''),
      ', ',
    );
  return [
    ...(added.length > 0 ? [`only after: ${names(added)}`] : []),
    ...(removed.length > 0 ? [`only before: ${names(removed)}`] : []),
    ...warnings.map(form.sentence),
  ];
}

/** Says in one sentence what got better, what got worse, and what is unknown. */
function conclusion(diff: SummaryDiff, form: Form): string {
  const all = toldOf(diff);
  const { cell } = nameColumn(hasSeveral(diff), form);
  const moved = (isBetter: boolean) => [
    ...all.filter((told) => hasMoved(told, isBetter)).map((told) => movedText(told)),
    ...diff.rows.flatMap((row) => {
      const first = toldOfRow(row).find((told) => hasMoved(told, isBetter));
      return first === undefined ? [] : [movedText(first, `${cell(row)} `)];
    }),
  ];
  const unknownRows = diff.rows.filter(isUnknown).length;
  const unknown = [
    ...all.filter(cannotBeTold).map(({ label }) => label),
    ...(unknownRows > 0 ? [`figures of ${plural(unknownRows, 'segment')}`] : []),
  ];
  const [better, worse] = [moved(true), moved(false)];
  const asFar = unknown.length > 0 ? 'as far as is known, ' : '';
  const text = [
    better.length + worse.length > 0
      ? ''
      : `${asFar}nothing got better or worse by more than noise`,
    better.length > 0 ? `better: ${listed(better, ', ')}` : '',
    worse.length > 0 ? `worse: ${listed(worse, ', ')}` : '',
    unknown.length > 0 ? `unknown: ${listed(unknown, ', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function hasMoved({ change, isBetterHigh }: Told, isBetter: boolean): boolean {
  const { difference = 0 } = change;
  return isChanged(change) && difference !== 0 && difference > 0 === (isBetterHigh === isBetter);
}

function movedText({ label, change }: Told, name = ''): string {
  const ratio = formatChange(change.ratio);
  return ratio === undefined ? `${name}${label}` : `${name}${label} ${ratio}`;
}
