import picocolors from 'picocolors';
import type { Bottleneck, ModelUsage, RankBy, Summary } from '../analysis/summary.js';
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
import { drawTable, type Column } from './table.js';

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
/** Of models and of kinds of errors. */
const MAX_LISTED = 5;
/** More characters than fit, so that the table need not measure long names. */
const MAX_NAME_LENGTH = 60;

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
    lines.push(drawTable(columnsFor(summary, rows, colors), rows, color), colors.dim(ranked));
  }
  lines.push(...detailsOf(summary));
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

/** How well it went, as far as there is something to say. */
function detailsOf({ totals, models, errors, latency }: Summary): string[] {
  const lines: string[] = [];
  const { successRate = 1, costPerSuccessUsd, cacheHits = 0 } = totals;
  if (costPerSuccessUsd !== undefined || successRate < 1) {
    const succeeded = `${formatShare(successRate)} of ${plural(latency.count, 'trace')} succeeded`;
    const each =
      costPerSuccessUsd === undefined ? '' : ` · ${formatUsd(costPerSuccessUsd)} per success`;
    lines.push(`  ${succeeded}${each}`);
  }
  if (cacheHits > 0) {
    const { cacheSavedSeconds = 0, cacheSavedUsd } = totals;
    const money = cacheSavedUsd === undefined ? '' : ` and ${formatUsd(cacheSavedUsd)}`;
    const saved = `${formatSeconds(cacheSavedSeconds)}${money} saved`;
    lines.push(`  ${plural(cacheHits, 'LLM call')} answered from a cache: ${saved}`);
  }
  if (models.length > 1) lines.push(`  by model: ${list(models.map(modelText))}`);
  if (errors.length > 0) {
    const each = errors.map(({ type, segment, count }) =>
      printable(`${type} in ${segment}${count > 1 ? ` (${formatCount(count)} times)` : ''}`, 80),
    );
    lines.push(`  errors: ${list(each)}`);
  }
  return lines.length === 0 ? [] : ['', ...lines];
}

function modelText({ provider, model, inputTokens, outputTokens, costUsd }: ModelUsage): string {
  const name = printable(model ?? provider ?? 'an unnamed model', MAX_NAME_WIDTH);
  const tokens = `${formatCount(inputTokens)} in, ${formatCount(outputTokens)} out`;
  return `${name} ${tokens}${costUsd === undefined ? '' : `, ${formatUsd(costUsd)}`}`;
}

function list(texts: readonly string[]): string {
  const shown = texts.slice(0, MAX_LISTED);
  const more = texts.length - shown.length;
  return [...shown, ...(more > 0 ? [`${formatCount(more)} more`] : [])].join(' · ');
}

function columnsFor(
  summary: Summary,
  rows: readonly Bottleneck[],
  colors: Colors,
): Column<Bottleneck>[] {
  const several = summary.services.length > 1;
  const costs = rows.map((row) => row.costUsd ?? 0).filter((usd) => usd > 0);
  const decimals = costs.reduce((most, usd) => Math.max(most, usdDecimals(usd)), 0);
  const nameOf = ({ name, service }: Bottleneck) =>
    printable(several && service !== '' ? `${name} (${service})` : name, MAX_NAME_LENGTH);
  return [
    { head: '#', cell: (row) => String(row.rank) },
    { head: 'Segment', cell: nameOf, align: 'left', maxWidth: MAX_NAME_WIDTH },
    { head: 'Share', cell: (row) => colors.yellow(formatShare(row.criticalShare)) },
    { head: 'Critical', cell: (row) => formatSeconds(row.criticalSeconds) },
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
