export { segment, type SegmentOptions } from './instrument/segment.js';
export { profile, profiled } from './instrument/profiled.js';
export { retry, type RetryOptions } from './instrument/retry.js';
export { llmCall, type LlmCallOptions } from './instrument/llm-call.js';
export { contains, step } from './instrument/step.js';
export type { CheckResult, ResultsOf, Step, StepContext, StepOptions } from './instrument/step.js';
export { runSteps } from './instrument/run-steps.js';
export type { RunOptions, RunResult, StepProgress, StepResult } from './instrument/run-steps.js';
export type { CachedAnswer, LlmCacheOptions, LlmCacheStore } from './instrument/llm-cache.js';
export { withLimits, type Limits } from './instrument/limits.js';
export type { AttemptContext, AttemptOptions } from './instrument/attempts.js';

export { BottleneckSpanProcessor } from './processor/bottleneck-span-processor.js';
export type { BottleneckOptions } from './processor/bottleneck-options.js';
export type { SdkSpan, SdkSpanProcessor } from './processor/sdk-span.js';

export { compare, type Change, type Comparison } from './analysis/compare.js';
export { rerank } from './analysis/summary.js';
export type { Bottleneck, ModelUsage, RankBy, SlowSpan, Summary } from './analysis/summary.js';

export { toText, type TextOptions } from './report/text.js';
export { comparisonToText, type ComparisonTextOptions } from './report/comparison.js';
export { stepsToText } from './report/steps.js';
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
