import type { CpuProfileOptions } from '../cpu-profile/settings.js';
import type { Prices } from '../cost/price.js';
import type { BottleneckOptions } from '../processor/bottleneck-options.js';
import type { PrintableSummary } from '../report/printable-summary.js';
import type { Delivery, OpenSegments } from '../summary.js';
import type { SummaryFormat } from './print-summary.js';
import type { SamplingOptions } from './sampler.js';

/** Options of `startTracing`. The `OTEL_*` variables and the defaults do for most services. */
export interface TracingOptions {
  /** The name of this service. Default: `OTEL_SERVICE_NAME`, then `unknown_service:node`. */
  readonly serviceName?: string | undefined;
  /** Further attributes of the resource. They replace those of `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Options of the ranking. */
  readonly bottlenecks?: BottleneckOptions | undefined;
  /** Which traces are exported, and which are ranked. Default: all, unless `OTEL_*` says otherwise. */
  readonly sampling?: SamplingOptions | undefined;
  /** Your own prices of models, for the whole process: see `setPrices`. */
  readonly prices?: Prices | undefined;
  /**
   * Send the last spans when the process ends without `shutdown()`. Default true. With `false` hotspan
   * adds no listener to the process.
   */
  readonly exitHandling?: boolean | undefined;
  /**
   * Write the summary to stderr once, at `shutdown()` or when the process ends. `true` and `'text'` write
   * a table, `'json'` writes JSON. Default: `HOTSPAN_SUMMARY` (`1`, `text` or `json`), else false.
   */
  readonly printSummary?: boolean | SummaryFormat | undefined;
  /**
   * Profile the code inside segments with V8's CPU profiler: of all segments (`true`), of some (options),
   * or of none, even if a segment asks for it (`false`). Default: `HOTSPAN_CPU_PROFILE`, which may be
   * `1`, `0` or a directory for the files; else the segments that ask for it.
   */
  readonly cpuProfile?: boolean | CpuProfileOptions | undefined;
  /** Receives the few lines that hotspan logs. Default: they go to stderr. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A running hotspan, as `startTracing` returns it. */
export interface Tracing {
  /** Returns what was found so far. Works after `shutdown()`, too. */
  summary(): PrintableSummary;
  /** Forgets what was found so far. Traces that are open count when they end. */
  reset(): void;
  /** Returns the segments that are running now, the longest first: what the process does, or hangs on. */
  openSegments(): OpenSegments;
  /** Returns how many spans arrived at the receiver, and why others did not. Exact after `forceFlush()`. */
  delivery(): Delivery;
  /**
   * Sends all spans that have ended, and resolves when the receiver has taken them. Never rejects.
   * Resolves earlier if there is no receiver, or if nothing arrives for as long as one request may take
   * (1.5 seconds, or `OTEL_EXPORTER_OTLP_TIMEOUT`). The spans then go on waiting, and
   * `delivery().pending` counts them.
   */
  forceFlush(): Promise<void>;
  /**
   * Sends all spans that have ended, and removes hotspan from the process. Never rejects. Resolves after
   * 3 seconds at most if nobody takes the spans (twice as long as one request may take), and after
   * 5 seconds at most if they are taken slowly. Drops the spans that have not arrived by then. Further
   * calls do nothing.
   */
  shutdown(): Promise<void>;
}
