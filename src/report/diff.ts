import { comparedOf, isChanged, type Compared, type FigureChange } from '../summaries/compare.js';
import { groupBy } from '../bounded.js';
import type { ComparedName, Side } from '../summaries/figure.js';
import type { RowDiff, SummaryDiff } from '../summaries/diff.js';
import { formatChange, formatCount, FORMATS, plural, type FigureUnit } from '../format.js';
import { nameColumn } from './columns.js';
import { counted, listed, MARKDOWN, paragraphs, type Form } from './form.js';
import type { MarkdownOptions } from './print.js';
import type { Column } from './table.js';

const OVERALL = comparedOf('all').filter(({ comparison }) => comparison.label !== undefined);
const ROW = comparedOf('row').filter(({ comparison }) => comparison.label !== undefined);

export type Told = ReturnType<typeof told>[number];

export function printDiff(diff: SummaryDiff, { top = 20 }: MarkdownOptions, form: Form): string {
  const most = Math.min(top, form.maxRows);
  return form === MARKDOWN ? diffMarkdown(diff, most) : diffText(diff, most, form);
}

function diffText(diff: SummaryDiff, most: number, form: Form): string {
  const { bold, dim } = form.colors;
  const rows = diff.rows.slice(0, most);
  const hidden = counted(diff.rows.length - rows.length, 'more row');
  const note = dim(['  critical, calls: per trace', ...hidden].join('; '));
  const overall = dimUnless(({ change }) => isChanged(change), overallColumns(''), form);
  const columns = dimUnless((row) => changesText(row) !== '', rowColumns(diff, form), form);
  return paragraphs([
    bold(headline(diff)),
    form.table(overall, toldOf(diff)),
    rows.length === 0 ? '' : `${form.table(columns, rows)}\n${note}`,
    dim(form.list(diffNotesOf(diff, form))),
    conclusion(diff, form),
  ]);
}

function diffMarkdown(diff: SummaryDiff, most: number): string {
  const form = MARKDOWN;
  const changed = diff.rows.filter((row) => changesText(row) !== '');
  const rows = changed.slice(0, most);
  return paragraphs([
    `**${conclusion(diff, form)}**`,
    form.table(overallColumns(headline(diff)), toldOf(diff)),
    rows.length === 0 ? '' : form.table(rowColumns(diff, form), rows),
    hiddenText(diff.rows, changed.length - rows.length),
    form.list(diffNotesOf(diff, form)),
  ]);
}

/** `1 more row that changed; 7 more rows, unchanged`; empty if all rows are shown. */
function hiddenText(rows: readonly RowDiff[], hiddenChanges: number): string {
  const others = rows.filter((row) => changesText(row) === '');
  const unknown = others.filter(isUnknown).length;
  return [
    ...counted(hiddenChanges, 'more row', ' that changed'),
    ...counted(others.length - unknown, 'more row', ', unchanged'),
    ...counted(unknown, 'more row', ' with unknown changes'),
  ].join('; ');
}

function headline({ traces }: SummaryDiff): string {
  return `${plural(traces.before, 'trace')} before, ${formatCount(traces.after)} after`;
}

/** The figures of all traces, without those that are 0 on both sides. */
export function toldOf({ overall }: SummaryDiff): Told[] {
  const all = told(OVERALL, overall);
  return all.filter(({ change: { before = 0, after = 0 } }) => before !== 0 || after !== 0);
}

/** The figures of a row. */
export function toldOfRow(row: RowDiff): Told[] {
  return told(ROW, row);
}

function told<S extends Side>(
  figures: readonly Compared<S>[],
  changes: Readonly<Record<ComparedName<S>, FigureChange>>,
) {
  return figures.map(({ name, unit, comparison: { label = '', isBetterHigh = false } }) => {
    return { label, unit, change: changes[name], isBetterHigh };
  });
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
    nameColumnOf(diff, form),
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

function nameColumnOf({ rows, added, removed }: SummaryDiff, form: Form): Column<RowDiff> {
  const services = new Set([...rows, ...added, ...removed].map(({ service }) => service));
  return nameColumn(services.size > 1, form);
}

/** Says what changed in a row: `faster (p50, p95), dearer (cost)`; empty if nothing did. */
export function changesText(row: RowDiff): string {
  const changed = toldOfRow(row).filter(({ change }) => isChanged(change));
  const byVerdict = groupBy(changed, ({ change }) => change.verdict);
  const labels = (all: readonly Told[]) => all.map(({ label }) => label).join(', ');
  return [...byVerdict].map(([verdict, all]) => `${verdict!} (${labels(all)})`).join(', ');
}

/** The verdict on a row that did not change; none if one of its figures is unknown. */
export function restText(row: RowDiff): string | undefined {
  if (isUnknown(row)) return undefined;
  return toldOfRow(row).some(({ change }) => change.verdict === 'noise') ? 'noise' : 'same';
}

const isUnknown = (row: RowDiff) => toldOfRow(row).some(cannotBeTold);

function cannotBeTold({ change: { before, after, verdict } }: Told): boolean {
  return verdict === undefined && (before ?? after) !== undefined;
}

export function diffNotesOf(diff: SummaryDiff, form: Form): string[] {
  const { added, removed, warnings } = diff;
  const { cell } = nameColumnOf(diff, form);
  const only = (side: string, rows: readonly RowDiff[]) => {
    const names = rows.map((row) => cell(row) ?? '');
    return names.length > 0 ? [`only ${side}: ${listed(names, ', ')}`] : [];
  };
  return [...only('after', added), ...only('before', removed), ...warnings.map(form.sentence)];
}

export function conclusion(diff: SummaryDiff, form: Form): string {
  const all = toldOf(diff);
  const { cell } = nameColumnOf(diff, form);
  const moved = (isBetter: boolean) => [
    ...all.filter((each) => hasMoved(each, isBetter)).map((each) => movedText(each)),
    ...diff.rows.flatMap((row) => {
      const first = toldOfRow(row).find((each) => hasMoved(each, isBetter));
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
  const nothing = `${asFar}nothing got better or worse by more than noise`;
  const part = (what: string, texts: readonly string[]) =>
    texts.length > 0 ? [`${what}: ${listed(texts, ', ')}`] : [];
  const text = [
    ...(better.length + worse.length > 0 ? [] : [nothing]),
    ...part('better', better),
    ...part('worse', worse),
    ...part('unknown', unknown),
  ].join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

export function hasMoved({ change, isBetterHigh }: Told, isBetter: boolean): boolean {
  const { difference = 0 } = change;
  return isChanged(change) && difference !== 0 && difference > 0 === (isBetterHigh === isBetter);
}

function movedText({ label, change }: Told, name = ''): string {
  const ratio = formatChange(change.ratio);
  return ratio === undefined ? `${name}${label}` : `${name}${label} ${ratio}`;
}
