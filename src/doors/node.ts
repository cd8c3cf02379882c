import './hotspan.js'; // build.js says why.
export { startTracing, type Tracing, type TracingOptions } from '../node/start-tracing.js';
export type { Instrumentation, Instrumentations } from '../node/instrumentations.js';
export type { PrintableSummary } from '../report/printable-summary.js';
export type { SamplingOptions } from '../node/sampler.js';
export type { SummaryFormat } from '../node/print-summary.js';
export type { ViewOptions } from '../view/view-setting.js';
export type { ExperimentOptions } from '../experiment/settings.js';
export type { CpuProfileOptions } from '../cpu-profile/settings.js';
export type { SdkSpan, SdkSpanProcessor } from '../processor/sdk-span.js';
export type { BottleneckMetrics } from '../metrics/bottleneck-metrics.js';
export type { MetricsOptions } from '../metrics/metrics-options.js';
export type { BottleneckOptions } from '../processor/bottleneck-options.js';
export type { GroupedSpan, GroupName } from '../trace/group-name.js';
export type { TailSamplingOptions } from '../sampling/tail-sampling.js';
export type { HtmlOptions } from '../report/html.js';
export type { MarkdownOptions, TextOptions } from '../report/print.js';
export { terminalProgress, type ProgressStream } from '../steps/terminal-progress.js';
export type { StepProgress } from '../steps/run-steps.js';
export {
  ModelCallInstrumentation,
  type InstrumentationSettings,
} from '../llm-http/model-call-instrumentation.js';
export * from './prices.js';
export type { Durations } from '../durations.js';
export type * from '../summary.js';
