import { Option, type Command } from 'commander';
import { asBadInput, BadInputError } from '../errors.js';
import { readSummary } from '../readers/read-summary.js';
import { byOf, checkBudgets, parseBudget, type Budget } from '../summaries/budget.js';
import { BUDGET_FIGURES } from '../summaries/budget-figures.js';
import {
  addCommonOptions,
  choiceOf,
  repeated,
  printResult,
  type CommonOptions,
} from './command.js';
import { BUDGET_BROKEN, say, sayUnread } from './output.js';

interface CheckOptions extends CommonOptions {
  readonly max?: readonly string[];
  readonly min?: readonly string[];
}

const BUDGET_HELP = `
A budget is figure=limit, for all traces, or figure:segment=limit, for one row. A segment may hold any
character: the figure ends at the first colon, the limit begins after the last "=". Write service/segment
where several services have a segment of that name. Figures of all traces are of all local roots: --entry
leaves those of one entry point. Times need a unit (ns, us, ms, s, m, h), rates a %.
A budget whose figure is unknown counts as broken: a cost without a known price is not 0.

Figures:
${figureLines().join('\n')}
Each sum can also be divided by the number of traces: cost-per-trace, calls-per-trace:search.
With -by, a figure is of each value of an attribute: no session may cost more with cost-by:session.id=$0.50.

Exit codes: 0 all budgets are kept, 1 one is broken or its figure unknown, 2 bad input or usage.
`;

const EXAMPLES = `  hotspan check traces.json --max p95=5s --max p95:search=300ms --min success-rate=99%
  hotspan check summary.json --max cost-per-trace=0.02 --max 'cost:chat gpt-4o=$1' --max retries=3
  hotspan check traces.json --max 'cost-by:session.id=$0.50' --max p95-by:route=2s
  hotspan check http://localhost:16686 --service shop --since 1h --max error-rate=1% --json`;

export function addCheckCommand(program: Command): void {
  const command = program
    .command('check')
    .description('check budgets, for CI: exits with 1 when one is broken')
    .argument('<source...>', 'files or addresses of traces, or saved summaries')
    .addOption(budgetOption('max', 'the most that a figure may be; may be repeated'))
    .addOption(budgetOption('min', 'the least that a figure may be; may be repeated'));
  addCommonOptions(command, EXAMPLES, BUDGET_HELP).action(check);
}

function budgetOption(bound: Budget['bound'], description: string): Option {
  return new Option(`--${bound} <budget>`, description).argParser(repeated);
}

function figureLines(): string[] {
  return [...BUDGET_FIGURES]
    .filter(([name]) => !/-(per-trace|by)$/.test(name))
    .map(([name, { help, sides, isSum }]) => {
      const sum = isSum ? ', a sum' : '';
      const only =
        sides.length === 2 ? '' : sides.includes('all') ? ' (all only)' : ' (segment only)';
      return `  ${name.padEnd(18)}${help}${only}${sum}`;
    });
}

async function check(sources: string[], options: CheckOptions): Promise<void> {
  const { max = [], min = [] } = options;
  const budgets = asBadInput(TypeError, () => [
    ...max.map((text) => parseBudget(text, 'max')),
    ...min.map((text) => parseBudget(text, 'min')),
  ]);
  if (budgets.length === 0) {
    throw new BadInputError('expected a budget to check, such as --max p95=2s');
  }
  const by = budgets.flatMap(byOf);
  const summary = await readSummary(sources, { ...choiceOf(options), by });
  const results = asBadInput(RangeError, () => checkBudgets(summary, budgets));
  // A budget may be kept only because something was left out.
  for (const warning of summary.warnings) say(warning);
  const kept = results.every(({ outcome }) => outcome === 'kept');
  // The exit code comes before the output: its reader may go away after the first line.
  if (!kept) process.exitCode = BUDGET_BROKEN;
  sayUnread([summary]);
  printResult(options, results, {}, () =>
    JSON.stringify({ schemaVersion: 1, kept, budgets: results }, null, 2),
  );
}
