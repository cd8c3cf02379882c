import type { BudgetResult } from '../summaries/budget.js';
import { FORMATS, plural, type FigureUnit } from '../format.js';
import { MARKDOWN, type Form } from './form.js';
import type { Column } from './table.js';

/** A table in Markdown; as text a line for each budget that was not kept, or one line for all. */
export function printBudgets(results: readonly BudgetResult[], form: Form): string {
  if (form === MARKDOWN) {
    const columns: Column<BudgetResult>[] = [
      { head: 'Budget', align: 'left', cell: ({ outcome }) => outcome },
      { head: 'Figures', align: 'left', cell: (result) => sentence(result, form) },
    ];
    return form.table(columns, results);
  }
  const failed = results.filter(({ outcome }) => outcome !== 'kept');
  if (failed.length > 0) {
    return failed.map((result) => `${result.outcome}: ${sentence(result, form)}`).join('\n');
  }
  const kept = results.map((result) => sentence(result, form));
  return [`${plural(results.length, 'budget')} kept`, ...kept].join(' · ');
}

function sentence(result: BudgetResult, form: Form): string {
  const { figure, segment, value, bound, outcome, unit, limit, actual = limit, lacks } = result;
  const whose = value === undefined ? '' : ` (${form.name(value, 60)})`;
  const what = segment === undefined ? figure : `${figure} of ${form.name(segment, 60)}${whose}`;
  const [is, allowed] = inWords(unit, actual, limit, outcome === 'broken');
  if (outcome === 'unknown') {
    const known = result.actual === undefined ? 'not known' : `at least ${is}`;
    return `${what} is ${known}, the limit is ${allowed}: ${lacks ?? 'the summary does not tell'}`;
  }
  const beyond = bound === 'max' ? 'more than' : 'less than';
  return `${what} is ${is}, ${outcome === 'kept' ? 'within' : beyond} ${allowed}`;
}

const EXACT_UNITS = { seconds: ' s', usd: ' USD', share: ' of 1', count: '' } as const;

/** Formats both values; with more digits if they look the same and are not. */
function inWords(unit: FigureUnit, actual: number, limit: number, differ: boolean) {
  const format = FORMATS[unit];
  const exact = (value: number) => `${Number(value.toPrecision(12))}${EXACT_UNITS[unit]}`;
  const isAlike = differ && format(actual) === format(limit);
  return isAlike ? [exact(actual), exact(limit)] : [format(actual), format(limit)];
}
