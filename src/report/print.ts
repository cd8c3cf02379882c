import { wrongUse } from '../errors.js';
import { aBoolean, aCount, aValue, checkOptions, type Shape } from '../options.js';
import type { RunResult } from '../steps/run-steps.js';
import type { BudgetResult } from '../summaries/budget.js';
import type { SummaryDiff } from '../summaries/diff.js';
import type { Summary } from '../summary.js';
import type { WhatIfResult } from '../what-if-result.js';
import { toAscii } from './ascii.js';
import { printBudgets } from './budgets.js';
import { printDiff } from './diff.js';
import { MARKDOWN, textForm, type Form } from './form.js';
import { isHttpUrl } from './jaeger-link.js';
import { printSteps } from './steps.js';
import { printSummary } from './summary.js';
import { printWhatIf } from './what-if.js';
import { wrap } from './wrap.js';

/** Everything that {@link toText} and {@link toMarkdown} print. */
export type Reportable = Summary | SummaryDiff | readonly BudgetResult[] | RunResult | WhatIfResult;

/** How Markdown looks. */
export interface MarkdownOptions {
  /**
   * How many rows to print, at most 200 as Markdown and 10,000 as text. The rest is counted. Of a diff,
   * Markdown has only the rows that changed. Default 20.
   */
  readonly top?: number | undefined;
  /**
   * The address of Jaeger's UI, for example `http://localhost:16686`. The slowest spans of a summary's
   * rows are then linked, in text those of the first five rows. Default: no links.
   */
  readonly jaegerUrl?: string | undefined;
  /**
   * Print what makes the slowest 5 % of a summary's traces slow, by entry point, instead of the ranking.
   * Default false.
   */
  readonly slow?: boolean | undefined;
}

/** How text looks. */
export interface TextOptions extends MarkdownOptions {
  /** Use the color codes of a terminal. Default false. */
  readonly color?: boolean | undefined;
  /**
   * The columns of the terminal: tables fit into them, with bars, and sentences are broken between words. Default: no
   * end, and no bars.
   */
  readonly width?: number | undefined;
  /** Write nothing but ASCII, for terminals that do not show UTF-8. Default false. */
  readonly ascii?: boolean | undefined;
}

const jaegerUrl = aValue('an address such as http://localhost:16686', isHttpUrl);
const MARKDOWN_OPTIONS: Shape<MarkdownOptions> = { top: aCount, jaegerUrl, slow: aBoolean };
const TEXT_OPTIONS: Shape<TextOptions> = {
  ...{ top: aCount, color: aBoolean, width: aCount, ascii: aBoolean, jaegerUrl, slow: aBoolean },
};

/**
 * Prints a result as text for a person. Ends without a line break.
 *
 * - A summary: a table of what the user waited for, and below it what may be worth a change, and what
 *   the figures leave out.
 * - A diff: tables of all traces and of the rows, and a last line that says what got better and worse.
 * - Results of `checkBudgets`: one line for each budget that was not kept, or one line for all.
 * - The result of `runSteps`: a table with the outcome, time and cost of each step.
 * - The result of `whatIf`: how long the traces would have taken.
 *
 * ```ts
 * import { BottleneckSpanProcessor } from 'hotspan/processor';
 * import { toText } from 'hotspan/report';
 *
 * const bottlenecks = new BottleneckSpanProcessor();
 * console.log(toText(bottlenecks.summary(), { top: 5, color: process.stdout.isTTY }));
 * ```
 *
 * @throws TypeError if the result is something else, or an option is wrong
 */
export function toText(result: Reportable, options: TextOptions = {}): string {
  checkOptions('toText', options, TEXT_OPTIONS);
  const { width, ascii = false } = options;
  const text = print('toText', result, options, textForm(options));
  const fitted = width === undefined ? text : wrap(text, width);
  return ascii ? toAscii(fitted) : fitted;
}

/**
 * Prints a result as Markdown, for a comment on GitHub or the summary of a CI job. It says the same as
 * {@link toText}. Names are written as code, so that nothing in them is read as Markdown, HTML or a
 * mention. Ends without a line break.
 *
 * ```ts
 * import { BottleneckSpanProcessor } from 'hotspan/processor';
 * import { toMarkdown } from 'hotspan/report';
 *
 * const { GITHUB_STEP_SUMMARY } = process.env; // the file to append it to
 * console.log(GITHUB_STEP_SUMMARY, toMarkdown(new BottleneckSpanProcessor().summary(), { top: 5 }));
 * ```
 *
 * @throws TypeError if the result is something else, or an option is wrong
 */
export function toMarkdown(result: Reportable, options: MarkdownOptions = {}): string {
  checkOptions('toMarkdown', options, MARKDOWN_OPTIONS);
  return print('toMarkdown', result, options, MARKDOWN);
}

function print(where: string, result: Reportable, options: MarkdownOptions, form: Form): string {
  if (isBudgets(result)) return printBudgets(result, form);
  if (has(result, 'bottlenecks')) return printSummary(result, options, form);
  if (has(result, 'overall')) return printDiff(result, options, form);
  if (has(result, 'steps')) return printSteps(result, form);
  if (has(result, 'savingShare')) return printWhatIf(result, form);
  const others = '`diffSummaries`, `checkBudgets`, `runSteps` or `whatIf`';
  throw wrongUse(where, `a summary, or a result of ${others}`, result);
}

function isBudgets(result: Reportable): result is readonly BudgetResult[] {
  return Array.isArray(result) && result.every((each) => has(each as object, 'outcome'));
}

type With<T, Key extends PropertyKey> = T extends Readonly<Record<Key, unknown>> ? T : never;

/** Tells results apart by a field that only one of them has. */
function has<T, Key extends string>(result: T, key: Key): result is With<T, Key> {
  return Object.hasOwn(Object(result) as object, key);
}
