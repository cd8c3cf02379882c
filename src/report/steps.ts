import { messageOf } from '../error-facts.js';
import type { RunResult, StepResult } from '../steps/run-steps.js';
import { formatSeconds, formatShare, formatUsd, plural } from '../format.js';
import { usdFormat } from './columns.js';
import type { Form } from './form.js';

export function printSteps(run: RunResult, form: Form): string {
  const steps = Object.values<StepResult>(run.steps).sort((a, b) => a.index - b.index);
  const completed = steps.filter(({ outcome }) => outcome === 'completed').length;
  const headline = [
    form.name(run.name),
    `${completed} of ${plural(steps.length, 'step')} completed in ${formatSeconds(run.seconds)}`,
    ...(run.costUsd === undefined ? [] : [formatUsd(run.costUsd)]),
  ].join(' · ');
  if (steps.length === 0) return headline;
  const formatCost = usdFormat(steps.map(({ costUsd }) => costUsd));
  const shareOf = (seconds: number) => (run.seconds > 0 ? seconds / run.seconds : 0);
  const table = form.table<StepResult>(
    [
      { head: '#', cell: ({ index }) => String(index + 1), yields: 0 },
      { head: 'Step', align: 'left', cell: ({ name }) => form.name(name, 44) },
      { head: 'Outcome', align: 'left', cell: ({ outcome }) => outcome },
      { head: 'Time', cell: ({ seconds }) => formatSeconds(seconds) },
      { head: 'Share', cell: ({ seconds }) => formatShare(shareOf(seconds)) },
      { head: 'Attempts', cell: ({ attempts }) => String(attempts) },
      { head: 'Cost', cell: ({ costUsd: usd }) => (usd === undefined ? usd : formatCost(usd)) },
      { head: 'Why', align: 'left', cell: (step) => whyNot(step, form) },
    ],
    steps,
  );
  return `${headline}\n\n${table}`;
}

function whyNot(step: StepResult, form: Form): string | undefined {
  if (step.outcome === 'completed') return undefined;
  const reason = step.outcome === 'skipped' ? step.reason : messageOf(step.error);
  return form.name(reason, 60);
}
