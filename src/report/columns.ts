import type picocolors from 'picocolors';
import type { Bottleneck, RankBy, Summary } from '../summary.js';
import type { Escape } from './escape.js';
import { formatCount, formatSeconds, formatShare, formatUsd, usdDecimals } from '../format.js';
import { rowName } from './row-name.js';
import type { Column } from './table.js';

type Colors = ReturnType<typeof picocolors.createColors>;

const MAX_NAME_WIDTH = 44;
/** More characters than fit, so that the table need not measure long names. */
const MAX_NAME_LENGTH = 60;

/** What the rows are ranked by, in words. */
export const RANKED_BY: Readonly<Record<RankBy, string>> = {
  critical: 'critical time',
  saving: 'saving',
  self: 'self time',
  total: 'total time',
  p95: 'p95',
  cost: 'cost',
  waste: 'waste',
};

/**
 * The columns of the ranking. Those that say nothing in any row are still to be left out.
 *
 * @param rows the rows that are shown, so that their amounts get the same decimals
 */
export function columnsFor(
  summary: Summary,
  rows: readonly Bottleneck[],
  escape: Escape,
  colors: Colors,
): Column<Bottleneck>[] {
  const several = summary.services.length > 1;
  const costs = rows.map((row) => row.costUsd ?? 0).filter((usd) => usd > 0);
  const decimals = costs.reduce((most, usd) => Math.max(most, usdDecimals(usd)), 0);
  return [
    { head: '#', cell: (row) => String(row.rank) },
    {
      head: 'Segment',
      cell: (row) => escape.name(rowName(row, several), MAX_NAME_LENGTH),
      align: 'left',
      maxWidth: MAX_NAME_WIDTH,
    },
    { head: 'Share', cell: (row) => colors.yellow(formatShare(row.criticalShare)) },
    { head: 'Critical', cell: (row) => formatSeconds(row.criticalSeconds) },
    {
      head: 'Saving',
      cell: ({ savingSeconds }) =>
        savingSeconds === undefined ? undefined : formatSeconds(savingSeconds),
    },
    { head: 'Self', cell: (row) => formatSeconds(row.selfSeconds) },
    ...extraColumns(summary.rankedBy),
    { head: 'Calls', cell: (row) => formatCount(row.calls) },
    { head: 'p50', cell: (row) => formatSeconds(row.p50Seconds) },
    { head: 'p95', cell: (row) => formatSeconds(row.p95Seconds) },
    {
      head: 'Errors',
      cell: (row) => (row.errors > 0 ? colors.red(formatCount(row.errors)) : undefined),
    },
    {
      head: 'Attempts',
      cell: (row) => (row.attempts === undefined ? undefined : formatCount(row.attempts)),
    },
    {
      head: 'Cost',
      cell: (row) => (row.costUsd === undefined ? undefined : formatUsd(row.costUsd, decimals)),
    },
  ];
}

/** What the rows are ranked by, when no other column has it. */
function extraColumns(rankedBy: RankBy): Column<Bottleneck>[] {
  const totalCost: Column<Bottleneck> = {
    head: 'Total cost',
    cell: ({ totalCostUsd }) => (totalCostUsd === undefined ? undefined : formatUsd(totalCostUsd)),
  };
  if (rankedBy === 'cost') return [totalCost];
  if (rankedBy === 'total') {
    return [{ head: 'Total', cell: (row) => formatSeconds(row.totalSeconds) }, totalCost];
  }
  if (rankedBy !== 'waste') return [];
  const seconds = ({ wastedSeconds }: Bottleneck) =>
    wastedSeconds === undefined ? undefined : formatSeconds(wastedSeconds);
  const usd = ({ wastedCostUsd }: Bottleneck) =>
    wastedCostUsd === undefined ? undefined : formatUsd(wastedCostUsd);
  return [
    { head: 'Wasted', cell: seconds },
    { head: 'Wasted cost', cell: usd },
  ];
}
