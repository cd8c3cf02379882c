export { segment, type SegmentOptions } from './instrument/segment.js';
export { profile, profiled } from './instrument/profiled.js';
export { retry, type RetryOptions } from './instrument/retry.js';
export { llmCall, type LlmCallOptions } from './instrument/llm-call.js';
export type { AttemptContext, AttemptOptions } from './instrument/attempts.js';

export { BottleneckSpanProcessor } from './processor/bottleneck-span-processor.js';
export type { BottleneckOptions } from './processor/bottleneck-options.js';
export type { SdkSpan, SdkSpanProcessor } from './processor/sdk-span.js';

export { rerank } from './analysis/summary.js';
export type { Bottleneck, ModelUsage, RankBy, SlowSpan, Summary } from './analysis/summary.js';

export { toText, type TextOptions } from './report/text.js';
export { toJson } from './report/json.js';

export { AttemptTimeoutError } from './errors.js';
export { VERSION } from './version.js';
