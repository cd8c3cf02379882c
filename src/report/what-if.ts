import { formatSeconds, formatShare, plural } from '../format.js';
import type { WhatIfLatency, WhatIfResult } from '../what-if-result.js';
import { FOR_MARKDOWN, FOR_TERMINAL, type Escape } from './escape.js';
import { drawMarkdownTable } from './markdown-table.js';
import { drawTable, type Column } from './table.js';

/** Prints the answer of `whatIf` for a terminal, without colors. Ends without a line break. */
export function whatIfToText(result: WhatIfResult): string {
  const notes = result.warnings.map((warning) => `! ${FOR_TERMINAL.sentence(warning)}`);
  const table = drawTable(columnsOf(result), TIMES);
  return [sentence(result, FOR_TERMINAL), '', table, ...notes].join('\n');
}

/** Prints the answer of `whatIf` as Markdown for GitHub. Ends without a line break. */
export function whatIfToMarkdown(result: WhatIfResult): string {
  const notes = result.warnings.map((warning) => `- ${FOR_MARKDOWN.sentence(warning)}`);
  const table = drawMarkdownTable(columnsOf(result), TIMES);
  return [
    sentence(result, FOR_MARKDOWN),
    '',
    table,
    ...(notes.length > 0 ? [''] : []),
    ...notes,
  ].join('\n');
}

const TIMES: readonly (readonly [string, keyof WhatIfLatency])[] = [
  ['total', 'totalSeconds'],
  ['p50', 'p50Seconds'],
  ['p95', 'p95Seconds'],
  ['p99', 'p99Seconds'],
  ['slowest', 'maxSeconds'],
];

function columnsOf({ before, after }: WhatIfResult): Column<(typeof TIMES)[number]>[] {
  return [
    { head: '', align: 'left', cell: ([name]) => name },
    { head: 'before', cell: ([, key]) => formatSeconds(before[key]) },
    { head: 'after', cell: ([, key]) => formatSeconds(after[key]) },
  ];
}

function sentence(result: WhatIfResult, escape: Escape): string {
  const { row, factor, traces, savingSeconds, savingSecondsPerTrace, savingShare } = result;
  const work = factor === 0 ? 'took no time' : `took ${factor} times as long`;
  const seconds = formatSeconds(Math.abs(savingSeconds));
  const perTrace = formatSeconds(Math.abs(savingSecondsPerTrace));
  const change = savingSeconds < 0 ? 'longer' : 'less';
  return (
    `If the own work of ${escape.name(row.name)} (${escape.name(row.service)}) ${work}, ` +
    `${plural(traces, 'trace')} would take ${seconds} ${change} (${formatShare(Math.abs(savingShare))}): ${perTrace} per trace.`
  );
}
