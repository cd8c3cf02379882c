import { Option, type Command } from 'commander';
import { checkBudgets, parseBudget, type Budget, type BudgetResult } from '../summaries/budget.js';
import { FIGURES } from '../summaries/budget-figures.js';
import type { Summary } from '../summary.js';
import { budgetsToMarkdown, budgetsToText } from '../report/budgets.js';
import { BUDGET_BROKEN } from './exit-codes.js';
import { say } from './failure.js';
import { loadSummary } from './load-summary.js';
import { addFormOptions, print, type FormOptions } from './output.js';
import { BadInputError } from '../errors.js';
import { addSourceOptions, SOURCE_HELP, type SourceOptions } from './sources.js';

interface CheckOptions extends SourceOptions, FormOptions {
  readonly max?: readonly string[];
  readonly min?: readonly string[];
}

/** Adds `hotspan check`. */
export function addCheckCommand(program: Command): void {
  const command = program
    .command('check')
    .description('hold sources to budgets, for CI: exits with 1 when one is broken')
    .argument('<source...>', 'files or addresses of traces, or saved summaries')
    .addOption(budgetOption('max', 'the most that a figure may be; as often as needed'))
    .addOption(budgetOption('min', 'the least that it may be'));
  addFormOptions(command);
  addSourceOptions(command)
    .addHelpText('after', `${BUDGET_HELP}\n${SOURCE_HELP}\n${EXAMPLES}`)
    .action(check);
}

function budgetOption(bound: Budget['bound'], description: string): Option {
  const collect = (text: string, others: readonly string[] = []) => [...others, text];
  return new Option(`--${bound} <budget>`, description).argParser(collect);
}

const BUDGET_HELP = `
A budget is figure=limit, of all traces, or figure:segment=limit, of one row. A segment may hold
anything: the figure ends at the first colon, the limit begins after the last "=". Where several services
have one of that name it is service/segment. Times have a unit (ns, us, ms, s, m, h), rates a %.
What is not known keeps no budget: without a known price a cost is not 0.

Figures:
${figureLines().join('\n')}
Each sum also has one divided by the number of traces: cost-per-trace, calls-per-trace:search.`;

const EXAMPLES = `
Examples:
  hotspan check traces.json --max p95=5s --max p95:search=300ms --min success-rate=99%
  hotspan check summary.json --max cost-per-trace=0.02 --max 'cost:chat gpt-4o=$1' --max retries=3
  hotspan check http://localhost:16686 --service shop --since 1h --max error-rate=1% --json

Exit codes: 0 all budgets kept, 1 one broken or not known, 2 bad input or usage.`;

function figureLines(): string[] {
  return [...FIGURES]
    .filter(([name]) => !name.endsWith('-per-trace'))
    .map(([name, { means, ofAll, ofRow }]) => {
      const sum = FIGURES.has(`${name}-per-trace`) ? ', a sum' : '';
      const only =
        ofAll === undefined ? ' (segment only)' : ofRow === undefined ? ' (all only)' : '';
      return `  ${name.padEnd(18)}${means}${only}${sum}`;
    });
}

async function check(sources: string[], options: CheckOptions): Promise<void> {
  const budgets = readBudgets(options);
  const summary = await loadSummary(sources, options);
  const results = resultsOf(summary, budgets);
  // What was left out may have kept a budget.
  for (const warning of summary.warnings) say(warning);
  const kept = results.every(({ outcome }) => outcome === 'kept');
  // Before anything is printed: who reads it may go away after the first line.
  if (!kept) process.exitCode = BUDGET_BROKEN;
  if (options.json) print(JSON.stringify({ schemaVersion: 1, kept, budgets: results }, null, 2));
  else if (options.markdown) print(budgetsToMarkdown(results));
  else print(budgetsToText(results));
}

function readBudgets({ max = [], min = [] }: CheckOptions): Budget[] {
  const budgets = asBadInput(TypeError, () => [
    ...max.map((text) => parseBudget(text, 'max')),
    ...min.map((text) => parseBudget(text, 'min')),
  ]);
  if (budgets.length === 0) {
    throw new BadInputError('expected a budget to check, such as --max p95=2s');
  }
  return budgets;
}

function resultsOf(summary: Summary, budgets: readonly Budget[]): BudgetResult[] {
  return asBadInput(RangeError, () => checkBudgets(summary, budgets));
}

/** Runs what throws such an error for what the user has written. */
function asBadInput<T>(kind: typeof TypeError | typeof RangeError, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw error instanceof kind ? new BadInputError(error.message) : error;
  }
}
