export { startTracing, type Tracing, type TracingOptions } from './start-tracing.js';
export type { Delivery } from './delivery.js';
export type { PrintableSummary } from './printable-summary.js';
export { terminalProgress, type ProgressStream } from './terminal-progress.js';
