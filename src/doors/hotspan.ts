export { segment, type SegmentOptions } from '../instrument/segment.js';
export { profile, profiled, type FunctionOf } from '../instrument/profiled.js';
export { retry, type RetryOptions } from '../instrument/retry.js';
export type { AttemptContext, AttemptOptions } from '../instrument/attempts.js';
export { withLimits, type Limits } from '../instrument/limits.js';

export { llmCall, type LlmCallOptions } from '../llm/llm-call.js';
export type { CachedAnswer, LlmCacheOptions, LlmCacheStore } from '../llm/llm-cache.js';
export type { RecordMessagesOptions } from '../llm/record-messages.js';
export type { TokenUsage } from '../cost/token-usage.js';

export { runSteps } from '../steps/run-steps.js';
export type { RunOptions, RunResult, StepProgress, StepResult } from '../steps/run-steps.js';
export { step } from '../steps/step.js';
export type { CheckResult, ResultsOf, Step, StepContext, StepOptions } from '../steps/step.js';

export {
  AttemptTimeoutError,
  CheckFailedError,
  LimitExceededError,
  type LimitName,
  type RunSpending,
} from '../errors.js';
