import './hotspan.js'; // build.js says why.
export { BottleneckSpanProcessor } from '../processor/bottleneck-span-processor.js';
export { BottleneckMetrics } from '../metrics/bottleneck-metrics.js';
export type { MetricsOptions } from '../metrics/metrics-options.js';
export type { BottleneckOptions } from '../processor/bottleneck-options.js';
export type { SdkSpan, SdkSpanProcessor } from '../processor/sdk-span.js';
export { AlwaysRecordSampler } from '../sampling/samplers.js';
export type { SdkSampler, SdkSamplingResult } from '../sampling/samplers.js';
export { TailSamplingSpanProcessor, type TailSamplingOptions } from '../sampling/tail-sampling.js';
export { cpuProfiles } from '../cpu-profile/cpu-profiling.js';
export { groupName, type GroupedSpan, type GroupName } from '../trace/group-name.js';
export {
  ModelCallInstrumentation,
  type InstrumentationSettings,
} from '../llm-http/model-call-instrumentation.js';
export * from './prices.js';
export type { Durations } from '../durations.js';
export type * from '../summary.js';
