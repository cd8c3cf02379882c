import Table from 'cli-table3';
import picocolors from 'picocolors';
import type { Bottleneck, RankBy, Summary } from '../analysis/summary.js';
import { formatCount, formatSeconds, formatShare, formatUsd, plural, printable } from './format.js';
import { notesOf } from './notes.js';

/** How the text looks. */
export interface TextOptions {
  /** How many rows are printed; the number of the others is. Default 20. */
  readonly top?: number | undefined;
  /** Whether to use a terminal's colour codes. Default false. */
  readonly color?: boolean | undefined;
}

const MAX_NAME_WIDTH = 44;
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
 */
export function toText(summary: Summary, options: TextOptions = {}): string {
  const { top = 20, color = false } = options;
  const colors = picocolors.createColors(color);
  const rows = summary.bottlenecks.slice(0, top);
  const hidden = summary.bottlenecks.length - rows.length;
  const lines = [colors.bold(headline(summary)), totalsLine(summary), ''];
  if (rows.length === 0) lines.push('No trace has ended yet: nothing to rank.');
  else lines.push(table(summary, rows, color));
  if (hidden > 0) lines.push(`    and ${plural(hidden, 'more row')}`);
  const notes = notesOf(summary);
  if (notes.length > 0) lines.push('', ...notes.map((note) => colors.dim(`  · ${note}`)));
  return lines.filter((line, index) => line !== '' || index > 1).join('\n');
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
  if (totals.wastedSeconds > 0) {
    const usd = totals.wastedCostUsd === undefined ? '' : ` and ${formatUsd(totals.wastedCostUsd)}`;
    parts.push(
      `${plural(totals.retries, 'retry', 'retries')}, ${formatSeconds(totals.wastedSeconds)}${usd} wasted`,
    );
  }
  if (totals.errors > 0) parts.push(plural(totals.errors, 'error'));
  return parts.join(' · ');
}

function table(summary: Summary, rows: readonly Bottleneck[], color: boolean): string {
  const several = summary.services.length > 1;
  const nameOf = (row: Bottleneck) =>
    printable(several && row.service !== '' ? `${row.name} (${row.service})` : row.name);
  const head = [
    '#',
    'Segment',
    'Share',
    'Critical',
    'Self',
    'Calls',
    'p50',
    'p95',
    'Errors',
    'Attempts',
    'Cost',
  ];
  const longest = Math.max(...rows.map((row) => nameOf(row).length), 'Segment'.length);
  const out = new Table({
    head,
    colAligns: head.map((_, column) => (column === 1 ? 'left' : 'right')),
    // cli-table3 shortens with "…" what is wider than its column.
    colWidths: [null, longest > MAX_NAME_WIDTH ? MAX_NAME_WIDTH + 2 : null],
    chars: PLAIN,
    style: { head: color ? ['bold'] : [], border: [], 'padding-left': 1, 'padding-right': 1 },
  });
  const colors = picocolors.createColors(color);
  for (const row of rows) {
    out.push([
      row.rank,
      nameOf(row),
      colors.yellow(formatShare(row.criticalShare)),
      formatSeconds(row.criticalSeconds),
      formatSeconds(row.selfSeconds),
      formatCount(row.calls),
      formatSeconds(row.p50Seconds),
      formatSeconds(row.p95Seconds),
      row.errors === 0 ? NOTHING : colors.red(formatCount(row.errors)),
      row.attempts === undefined ? NOTHING : formatCount(row.attempts),
      row.costUsd === undefined ? NOTHING : formatUsd(row.costUsd),
    ]);
  }
  const note = colors.dim(`  ranked by ${RANKED_BY[summary.rankedBy]}`);
  const body = out
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return [...body, note].join('\n');
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
