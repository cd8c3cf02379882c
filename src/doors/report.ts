import './hotspan.js'; // build.js says why.
export { readSummaries, readSummary } from '../readers/read-summary.js';
export type { ReadOptions, ReadProgress } from '../readers/read-options.js';
export type { GroupedSpan, GroupName } from '../trace/group-name.js';
export { whatIf, type WhatIfOptions } from '../readers/what-if.js';
export type { WhatIfLatency, WhatIfResult } from '../what-if-result.js';
export { BadInputError } from '../errors.js';
export { mergeSummaries } from '../summaries/merge-summaries.js';
export { rerank } from '../ranking/rank-rows.js';
export { diffSummaries } from '../summaries/diff.js';
export type { PathDiff } from '../summaries/diff-paths.js';
export type { OverallChanges, RowChanges, RowDiff, SummaryDiff } from '../summaries/diff.js';
export type { FigureChange, Verdict } from '../summaries/compare.js';
export { checkBudgets, parseBudget, type Budget, type BudgetResult } from '../summaries/budget.js';
export type { FigureUnit } from '../format.js';
export { toHtml, type HtmlOptions } from '../report/html.js';
export {
  toMarkdown,
  toText,
  type MarkdownOptions,
  type Reportable,
  type TextOptions,
} from '../report/print.js';
export type { RunResult, StepResult } from '../steps/run-steps.js';
export type { CheckResult, ResultsOf, Step, StepContext, StepOptions } from '../steps/step.js';
export type { AttemptContext, AttemptOptions } from '../instrument/attempts.js';
export type * from '../summary.js';
