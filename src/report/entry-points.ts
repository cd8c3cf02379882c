import { FORMATS, formatShare } from '../format.js';
import { rowKey } from '../summaries/merge-rows.js';
import type { EntryPoint, Summary } from '../summary.js';
import { nameColumn, usdFormat } from './columns.js';
import { counted, type Form } from './form.js';
import type { Column } from './table.js';

const MAX_SHOWN = 8;

/** The entry points as a table; nothing where the ranking says the same. */
export function entryPointLines(summary: Summary, form: Form): string[] {
  const { entryPoints = [], bottlenecks } = summary;
  const keys = new Set(entryPoints.map(rowKey));
  const isInRanking = bottlenecks.every((row) => keys.has(rowKey(row)));
  if (entryPoints.length < 2 || isInRanking) return [];
  const shown = entryPoints.slice(0, MAX_SHOWN);
  return [
    form.table(columnsOf(summary, shown, form), shown),
    ...counted(entryPoints.length - shown.length, 'more entry point'),
  ];
}

function columnsOf(
  { latency, services }: Summary,
  shown: readonly EntryPoint[],
  form: Form,
): Column<EntryPoint>[] {
  const usd = usdFormat(shown.map(({ costUsd }) => costUsd));
  const name = nameColumn<EntryPoint>(services.length > 1, form);
  return [
    { ...name, head: 'Entry point' },
    { head: 'Time', cell: ({ totalSeconds }) => shareOf(totalSeconds, latency.totalSeconds) },
    { head: 'Calls', cell: ({ calls }) => FORMATS.count(calls) },
    { head: 'p50', yields: 2, cell: ({ p50Seconds }) => FORMATS.seconds(p50Seconds) },
    { head: 'p95', cell: ({ p95Seconds }) => FORMATS.seconds(p95Seconds) },
    {
      head: 'Errors',
      cell: ({ errors }) => (errors === 0 ? undefined : FORMATS.count(errors)),
      paint: form.colors.red,
    },
    { head: 'Cost', cell: ({ costUsd }) => (costUsd === undefined ? undefined : usd(costUsd)) },
  ];
}

function shareOf(seconds: number, all: number): string | undefined {
  return all > 0 ? formatShare(seconds / all) : undefined;
}
