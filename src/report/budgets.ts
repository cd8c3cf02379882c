import type { BudgetResult } from '../summaries/budget.js';
import type { FigureUnit } from '../summaries/figure.js';
import { FOR_MARKDOWN, FOR_TERMINAL, type Escape } from './escape.js';
import { formatCount, formatSeconds, formatShare, formatUsd, plural } from '../format.js';
import { drawMarkdownTable } from './markdown-table.js';

/**
 * What broke, for the log of a CI job: a line for each budget that was not kept, or one line that says
 * that all were. Without colour codes. Ends without a line break.
 *
 * @param results what `checkBudgets` gave
 */
export function budgetsToText(results: readonly BudgetResult[]): string {
  const failed = results.filter(({ outcome }) => outcome !== 'kept');
  if (failed.length > 0) {
    return failed
      .map((result) => `${result.outcome}: ${sentence(result, FOR_TERMINAL)}`)
      .join('\n');
  }
  const kept = results.map((result) => sentence(result, FOR_TERMINAL));
  return [`${plural(results.length, 'budget')} kept`, ...kept].join(' · ');
}

/**
 * Every budget, and what became of it, as a Markdown table. Ends without a line break.
 *
 * @param results what `checkBudgets` gave
 */
export function budgetsToMarkdown(results: readonly BudgetResult[]): string {
  return drawMarkdownTable(
    [
      { head: 'Budget', align: 'left', cell: ({ outcome }) => outcome },
      { head: 'Figures', align: 'left', cell: (result) => sentence(result, FOR_MARKDOWN) },
    ],
    results,
  );
}

function sentence(result: BudgetResult, escape: Escape): string {
  const { figure, segment, bound, outcome, unit, limit, actual = limit, lacks } = result;
  const what = segment === undefined ? figure : `${figure} of ${escape.name(segment, 60)}`;
  const [is, allowed] = inWords(unit, actual, limit, outcome === 'broken');
  if (outcome === 'unknown') {
    const known = result.actual === undefined ? 'not known' : `at least ${is}`;
    return `${what} is ${known}, the limit is ${allowed}: ${lacks ?? 'the summary does not tell'}`;
  }
  const beyond = bound === 'max' ? 'more than' : 'less than';
  return `${what} is ${is}, ${outcome === 'kept' ? 'within' : beyond} ${allowed}`;
}

const FORMATS: Readonly<Record<FigureUnit, readonly [(value: number) => string, string]>> = {
  seconds: [formatSeconds, ' s'],
  usd: [formatUsd, ' USD'],
  share: [formatShare, ' of 1'],
  count: [formatCount, ''],
};

/** Both as a person reads them; with more digits where they look the same and must not. */
function inWords(
  unit: FigureUnit,
  actual: number,
  limit: number,
  areDifferent: boolean,
): [string, string] {
  const [format, exactUnit] = FORMATS[unit];
  const short: [string, string] = [format(actual), format(limit)];
  if (!areDifferent || short[0] !== short[1]) return short;
  const exact = (value: number) => `${Number(value.toPrecision(12))}${exactUnit}`;
  return [exact(actual), exact(limit)];
}
