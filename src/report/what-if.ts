import { formatSeconds, formatShare, plural } from '../format.js';
import type { WhatIfLatency, WhatIfResult } from '../what-if-result.js';
import { paragraphs, type Form } from './form.js';

const TIMES: readonly (readonly [string, keyof WhatIfLatency])[] = [
  ['total', 'totalSeconds'],
  ['p50', 'p50Seconds'],
  ['p95', 'p95Seconds'],
  ['p99', 'p99Seconds'],
  ['slowest', 'maxSeconds'],
];

export function printWhatIf(result: WhatIfResult, form: Form): string {
  const { before, after, warnings } = result;
  const table = form.table(
    [
      { head: '', align: 'left', cell: ([name]) => name },
      { head: 'before', cell: ([, key]) => formatSeconds(before[key]) },
      { head: 'after', cell: ([, key]) => formatSeconds(after[key]) },
    ],
    TIMES,
  );
  const notes = form.list(warnings.map(form.sentence));
  return paragraphs([sentence(result, form), table, notes]);
}

function sentence(result: WhatIfResult, form: Form): string {
  const { row, factor, traces, savingSeconds, savingSecondsPerTrace, savingShare } = result;
  const work = factor === 0 ? 'took no time' : `took ${factor} times as long`;
  const seconds = formatSeconds(Math.abs(savingSeconds));
  const perTrace = formatSeconds(Math.abs(savingSecondsPerTrace));
  const change = savingSeconds < 0 ? 'longer' : 'less';
  return (
    `If the own work of ${form.name(row.name)} (${form.name(row.service)}) ${work}, ` +
    `${plural(traces, 'trace')} would take ${seconds} ${change} (${formatShare(Math.abs(savingShare))}): ${perTrace} per trace.`
  );
}
