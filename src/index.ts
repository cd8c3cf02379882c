export { segment, type SegmentOptions } from './instrument/segment.js';
export { profile, profiled } from './instrument/profiled.js';
export { retry, type RetryOptions } from './instrument/retry.js';
export { llmCall, type LlmCallOptions } from './instrument/llm-call.js';
export { contains, step } from './instrument/step.js';
export type { CheckResult, ResultsOf, Step, StepContext, StepOptions } from './instrument/step.js';
export { runSteps } from './instrument/run-steps.js';
export type { RunOptions, RunResult, StepProgress, StepResult } from './instrument/run-steps.js';
export type { RecordMessagesOptions } from './instrument/record-messages.js';
export type { CachedAnswer, LlmCacheOptions, LlmCacheStore } from './instrument/llm-cache.js';
export { withLimits, type Limits } from './instrument/limits.js';
export type { AttemptContext, AttemptOptions } from './instrument/attempts.js';

export { BottleneckSpanProcessor } from './processor/bottleneck-span-processor.js';
export type { BottleneckOptions } from './processor/bottleneck-options.js';
export { RecordingSampler } from './processor/recording-sampler.js';
export type { SdkSampler, SdkSamplingResult } from './processor/recording-sampler.js';
export { TailSamplingSpanProcessor, type TailSamplingOptions } from './processor/tail-sampling.js';
export type { SdkSpan, SdkSpanProcessor } from './processor/sdk-span.js';

export { cpuProfiles } from './profiling/cpu-profiling.js';
export type { FunctionTime, SegmentCpuProfile } from './analysis/cpu-profile.js';

export { checkBudgets, parseBudget, type Budget, type BudgetResult } from './analysis/budget.js';
export type { BudgetUnit } from './analysis/budget-figures.js';
export { compare, type Change, type Comparison } from './analysis/compare.js';
export { groupName } from './analysis/grouping.js';
export {
  whatIf,
  type WhatIfChange,
  type WhatIfOptions,
  type WhatIfResult,
} from './analysis/what-if.js';
export type { SpanFacts, SpanKindName, SpanRecord } from './analysis/span-record.js';
export { diffSummaries } from './analysis/diff.js';
export type { OverallChanges, RowChanges, RowDiff, SummaryDiff } from './analysis/diff.js';
export type { FigureChange, Verdict } from './analysis/figure-change.js';
export { mergeSummaries } from './analysis/merge-summaries.js';
export { rerank } from './analysis/summary.js';
export type { RunningSegment, RunningSegments, SpanDelivery } from './analysis/summary.js';
export type { Durations, DurationSketch } from './analysis/quantiles.js';
export type {
  Bottleneck,
  Insight,
  InsightKind,
  ModelUsage,
  RankBy,
  SampledTraces,
  SlowSpan,
  Summary,
} from './analysis/summary.js';

export { toText, type TextOptions } from './report/text.js';
export { budgetsToMarkdown, budgetsToText } from './report/budgets.js';
export { comparisonToText, type ComparisonTextOptions } from './report/comparison.js';
export {
  diffToMarkdown,
  diffToText,
  type DiffMarkdownOptions,
  type DiffTextOptions,
} from './report/diff.js';
export { stepsToText } from './report/steps.js';
export { toMarkdown, type MarkdownOptions } from './report/markdown.js';
export { toJson } from './report/json.js';

export { setPrices, type ModelPrice, type PriceFunction, type Prices } from './cost/price.js';
export {
  priceTable,
  refreshPrices,
  type PriceTable,
  type RefreshOptions,
} from './cost/price-table.js';
export type { TokenUsage } from './cost/usage.js';

export {
  AttemptTimeoutError,
  CheckFailedError,
  LimitExceededError,
  type LimitName,
  type RunSpending,
} from './errors.js';
export { VERSION } from './version.js';
