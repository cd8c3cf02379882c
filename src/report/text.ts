import Table from 'cli-table3';
import picocolors from 'picocolors';
import type { Bottleneck, RankBy, Summary } from '../analysis/summary.js';
import { requireCount, requireObject, requireOptions, wrongUse } from '../errors.js';
import {
  formatCount,
  formatSeconds,
  formatShare,
  formatUsd,
  plural,
  printable,
  usdDecimals,
} from './format.js';
import { notesOf } from './notes.js';

/** How the text looks. */
export interface TextOptions {
  /** How many rows are printed, 10,000 at most; the number of the others is. Default 20. */
  readonly top?: number | undefined;
  /** Whether to use a terminal's colour codes. Default false. */
  readonly color?: boolean | undefined;
}

type Colors = ReturnType<typeof picocolors.createColors>;

const OPTIONS = ['top', 'color'] as const;
/** Far more than a person reads; cli-table3 fails at some 100,000. */
const MAX_ROWS = 10_000;
const MAX_NAME_WIDTH = 44;
/** More characters than fit, so that the table need not measure long names. */
const MAX_NAME_LENGTH = 60;
const NOTHING = '-';

const RANKED_BY: Record<RankBy, string> = {
  critical: 'critical time',
  self: 'self time',
  total: 'total time',
  p95: 'p95',
  cost: 'cost',
  waste: 'waste',
};

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
  const { top = 20, color = false } = options;
  const colors = picocolors.createColors(color);
  const rows = summary.bottlenecks.slice(0, Math.min(top, MAX_ROWS));
  const hidden = summary.bottlenecks.length - rows.length;
  const lines = [colors.bold(headline(summary))];
  const totals = totalsLine(summary);
  if (totals !== '') lines.push(totals);
  lines.push('');
  if (rows.length === 0) {
    lines.push('No trace has ended yet: nothing to rank.');
  } else {
    const more = hidden > 0 ? `; ${plural(hidden, 'more row')}` : '';
    const ranked = `  ranked by ${RANKED_BY[summary.rankedBy]}${more}`;
    lines.push(table(summary, rows, color), colors.dim(ranked));
  }
  const notes = notesOf(summary);
  if (notes.length > 0) lines.push('', ...notes.map((note) => colors.dim(`  · ${note}`)));
  return lines.join('\n');
}

function headline({ services, traces, latency, observedSeconds }: Summary): string {
  const parts = [
    printable(services.join(', ')) || 'hotspan',
    `${plural(traces.analyzed, 'trace')} in ${formatSeconds(observedSeconds)}`,
  ];
  if (latency.count > 0) {
    parts.push(
      `p50 ${formatSeconds(latency.p50Seconds)}`,
      `p95 ${formatSeconds(latency.p95Seconds)}`,
      `max ${formatSeconds(latency.maxSeconds)}`,
    );
  }
  return parts.join(' · ');
}

function totalsLine({ totals }: Summary): string {
  const parts: string[] = [];
  if (totals.llmCalls > 0) {
    parts.push(
      plural(totals.llmCalls, 'LLM call'),
      `${formatCount(totals.inputTokens)} tokens in, ${formatCount(totals.outputTokens)} out`,
    );
  }
  if (totals.costUsd !== undefined) parts.push(formatUsd(totals.costUsd));
  if (totals.retries > 0) parts.push(plural(totals.retries, 'retry', 'retries'));
  if (totals.wastedSeconds > 0) {
    const usd = totals.wastedCostUsd;
    const money = usd === undefined ? '' : ` and ${formatUsd(usd)}`;
    parts.push(`${formatSeconds(totals.wastedSeconds)}${money} wasted`);
  }
  if (totals.errors > 0) parts.push(plural(totals.errors, 'error'));
  return parts.join(' · ');
}

interface Column {
  readonly head: string;
  readonly cell: (row: Bottleneck) => string | undefined;
}

/** The columns that say something: a figure that no row has needs none. */
function columnsFor(summary: Summary, rows: readonly Bottleneck[], colors: Colors): Column[] {
  const several = summary.services.length > 1;
  const costs = rows.map((row) => row.costUsd ?? 0).filter((usd) => usd > 0);
  const decimals = costs.reduce((most, usd) => Math.max(most, usdDecimals(usd)), 0);
  const nameOf = ({ name, service }: Bottleneck) =>
    printable(several && service !== '' ? `${name} (${service})` : name, MAX_NAME_LENGTH);
  const columns: (Column | undefined)[] = [
    { head: '#', cell: (row) => String(row.rank) },
    { head: 'Segment', cell: nameOf },
    { head: 'Share', cell: (row) => colors.yellow(formatShare(row.criticalShare)) },
    { head: 'Critical', cell: (row) => formatSeconds(row.criticalSeconds) },
    { head: 'Self', cell: (row) => formatSeconds(row.selfSeconds) },
    extraColumn(summary.rankedBy),
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
  return columns
    .filter((column) => column !== undefined)
    .filter(({ cell }) => rows.some((row) => cell(row) !== undefined));
}

/** What the rows are ranked by, when no other column has it. */
function extraColumn(rankedBy: RankBy): Column | undefined {
  if (rankedBy === 'total') {
    return { head: 'Total', cell: (row) => formatSeconds(row.totalSeconds) };
  }
  if (rankedBy !== 'waste') return undefined;
  const cell = ({ wastedSeconds }: Bottleneck) =>
    wastedSeconds === undefined ? undefined : formatSeconds(wastedSeconds);
  return { head: 'Wasted', cell };
}

function table(summary: Summary, rows: readonly Bottleneck[], color: boolean): string {
  const columns = columnsFor(summary, rows, picocolors.createColors(color));
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row) ?? NOTHING));
  const isLong = cells.some(([, name = '']) => name.length > MAX_NAME_WIDTH);
  const out = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map((_, column) => (column === 1 ? 'left' : 'right')),
    // cli-table3 shortens with "…" what is wider than its column.
    colWidths: [null, isLong ? MAX_NAME_WIDTH + 2 : null],
    chars: PLAIN,
    style: { head: color ? ['bold'] : [], border: [], 'padding-left': 1, 'padding-right': 1 },
  });
  for (const row of cells) out.push(row);
  return out
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** No lines between rows and columns: the columns are aligned, that is enough. */
const PLAIN = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((part) => [part, '']),
);
