import { messageOf } from '../error-facts.js';
import type { RunResult, StepResult } from '../steps/run-steps.js';
import { wrongUse } from '../errors.js';
import {
  formatSeconds,
  formatShare,
  formatUsd,
  plural,
  printable,
  usdDecimals,
} from '../format.js';
import { drawTable, type Column } from './table.js';

/**
 * The steps of a run as a table for a person: how each ended, how long it took, and what it cost. Steps
 * that ran side by side add up to more than the run. Without colour codes. Ends without a line break.
 *
 * @param run what `runSteps` gave
 * @throws TypeError when it is something else
 */
export function stepsToText(run: RunResult): string {
  const { steps: byName } = Object(run) as Partial<RunResult>;
  if (byName === undefined) throw wrongUse('stepsToText', '`run` to be what runSteps gave', run);
  const steps = Object.values<StepResult>(byName).sort((a, b) => a.index - b.index);
  const completed = steps.filter(({ outcome }) => outcome === 'completed').length;
  const head = [
    printable(run.name),
    `${completed} of ${plural(steps.length, 'step')} completed in ${formatSeconds(run.seconds)}`,
    ...(run.costUsd === undefined ? [] : [formatUsd(run.costUsd)]),
  ];
  const decimals = Math.max(0, ...steps.map(({ costUsd = 0 }) => usdDecimals(costUsd)));
  const columns: Column<StepResult>[] = [
    { head: '#', cell: ({ index }) => String(index + 1) },
    { head: 'Step', align: 'left', cell: ({ name }) => printable(name, 44) },
    { head: 'Outcome', align: 'left', cell: ({ outcome }) => outcome },
    { head: 'Time', cell: ({ seconds }) => formatSeconds(seconds) },
    {
      head: 'Share',
      cell: ({ seconds }) => formatShare(run.seconds > 0 ? seconds / run.seconds : 0),
    },
    { head: 'Attempts', cell: ({ attempts }) => String(attempts) },
    {
      head: 'Cost',
      cell: ({ costUsd }) => (costUsd === undefined ? undefined : formatUsd(costUsd, decimals)),
    },
    { head: 'Why', align: 'left', cell: (step) => whyNot(step) },
  ];
  const headline = head.join(' · ');
  return steps.length === 0 ? headline : [headline, '', drawTable(columns, steps)].join('\n');
}

function whyNot(step: StepResult): string | undefined {
  if (step.outcome === 'completed') return undefined;
  if (step.outcome === 'skipped') return printable(step.reason, 60);
  return printable(messageOf(step.error), 60);
}
