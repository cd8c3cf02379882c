export { startTracing, type Tracing, type TracingOptions } from './start-tracing.js';
export type { Delivery } from './delivery.js';
export type { PrintableSummary } from './printable-summary.js';
export type { SummaryFormat } from './print-summary.js';
export { terminalProgress, type ProgressStream } from './terminal-progress.js';
export type { CpuProfileOptions } from '../profiling/settings.js';
export { readSummary, type ReadOptions } from '../readers/read-summary.js';
export { SavedSummaryError } from '../readers/read-document.js';
export { BadInputError } from '../errors.js';
