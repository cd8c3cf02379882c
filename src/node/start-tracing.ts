import { setPrices, type Prices } from '../cost/price.js';
import { CPU_PROFILE, type CpuProfileOptions } from '../cpu-profile/settings.js';
import { watchEnd } from '../delivery/end-of-process.js';
import { EXPERIMENT, type ExperimentOptions } from '../experiment/settings.js';
import { METRICS_OPTIONS, type MetricsOptions } from '../metrics/metrics-options.js';
import * as kinds from '../options.js';
import { BOTTLENECKS, type BottleneckOptions } from '../processor/bottleneck-options.js';
import type { SdkSpanProcessor } from '../processor/sdk-span.js';
import type { PrintableSummary } from '../report/printable-summary.js';
import type { Delivery, OpenSegments } from '../summary.js';
import { Environment } from '../environment.js';
import { openProcessPage } from '../view/process-page.js';
import { VIEW, type ViewOptions } from '../view/view-setting.js';
import {
  checkSpanProcessors,
  flatInstrumentations,
  type Instrumentations,
} from './instrumentations.js';
import { takeOver } from './keeper.js';
import { launch, type Launched } from './launch.js';
import { summaryPrinter, type SummaryFormat } from './print-summary.js';
import { SAMPLING, type SamplingOptions } from './sampler.js';

/** Options of `startTracing`. The `OTEL_*` variables and the defaults do for most services. */
export interface TracingOptions {
  /** The name of this service. Default: `OTEL_SERVICE_NAME`, then `unknown_service:node`. */
  readonly serviceName?: string | undefined;
  /** Further attributes of the resource. They replace those of `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Options of the ranking. */
  readonly bottlenecks?: BottleneckOptions | undefined;
  /**
   * Send the ranking as metrics as well, by OTLP/HTTP, to a Collector or to Prometheus: the critical time, waste and
   * cost of rows, for a fleet whose sums are made there. docs/metrics.md lists them. Where the process has a
   * MeterProvider, that one sends them. Default: `OTEL_METRICS_EXPORTER` (`otlp`), else false.
   */
  readonly metrics?: boolean | MetricsOptions | undefined;
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
  /**
   * Make some segments a little slower for short periods, and measure how much longer requests take: what a
   * faster segment would bring where spans cannot tell. docs/experiment.md says what it does to the requests.
   * Default: `HOTSPAN_EXPERIMENT` (`1`, or names of rows), else false.
   */
  readonly experiment?: boolean | ExperimentOptions | undefined;
  /**
   * Serve a page for the browsers of this machine, which follows what the process does: `true`, or a port. The log
   * says where it is. It takes at most a hundredth of the time while somebody looks, and does not keep the process
   * alive. docs/view.md says more. Default: `HOTSPAN_VIEW` (`1`, or a port), else false.
   */
  readonly view?: boolean | ViewOptions | undefined;
  /**
   * OpenTelemetry's instrumentations, also in lists of lists. They make their spans with hotspan's
   * provider until `shutdown()`. Default: none.
   */
  readonly instrumentations?: Instrumentations | undefined;
  /** Span processors that get every span as well, after hotspan's own. Default: none. */
  readonly spanProcessors?: readonly SdkSpanProcessor[] | undefined;
  /** Receives the few lines that hotspan logs. Default: they go to stderr. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A running hotspan, as `startTracing` returns it. */
export interface Tracing {
  /** Returns what was found so far. Works after `shutdown()`, too. */
  summary(): PrintableSummary;
  /** Forgets what was found so far. Traces that are open count when they end. */
  reset(): void;
  /** Ends the experiment at once, if there is one: nothing is made slower any more. What it measured stays. */
  stopExperiment(): void;
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

const OPTIONS: kinds.Shape<TracingOptions> = {
  serviceName: kinds.aName,
  resourceAttributes: kinds.recordOf(
    kinds.aValue(
      'a string, number or boolean',
      (value) => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value),
    ),
  ),
  bottlenecks: kinds.options(BOTTLENECKS),
  metrics: kinds.aBooleanOr(kinds.options(METRICS_OPTIONS)),
  sampling: kinds.options(SAMPLING),
  // Checked where they are used.
  prices: kinds.anything,
  exitHandling: kinds.aBoolean,
  printSummary: kinds.aValue('true, false, text or json', (value) =>
    [true, false, 'text', 'json'].includes(value as string),
  ),
  cpuProfile: CPU_PROFILE,
  experiment: EXPERIMENT,
  view: VIEW,
  instrumentations: kinds.aList,
  spanProcessors: kinds.aList,
  log: kinds.aFunction,
};

/**
 * Starts OpenTelemetry in this process. Spans are ranked here, and exported with OTLP/HTTP to
 * `http://localhost:4318` (Jaeger, as docker-compose.yml starts it) unless the `OTEL_*` variables say
 * otherwise. Call it first, before the code that is to be traced is loaded.
 *
 * ```ts
 * import { segment } from 'hotspan';
 * import { startTracing } from 'hotspan/node';
 *
 * const tracing = startTracing({ serviceName: 'shop' });
 * await segment('checkout', async () => {});
 * console.log(tracing.summary().toText());
 * await tracing.shutdown();
 * ```
 *
 * The last spans are also sent when the process ends without `shutdown()`: by a return,
 * `process.exit()`, an uncaught exception, an unhandled rejection, SIGTERM or SIGINT. The exit code does
 * not change. docs/delivery.md says how long that may take.
 *
 * Where `hotspan/register` or `hotspan run` has started hotspan, these options take the place of its own;
 * the summary is still printed once, by them.
 *
 * With `OTEL_SDK_DISABLED=true` nothing is started, and the summary stays empty.
 *
 * @throws TypeError if an option is wrong
 * @throws Error if the process has an OpenTelemetry provider already. It says what to write so that
 *   hotspan ranks the spans of that one.
 */
export function startTracing(options: TracingOptions = {}): Tracing {
  kinds.checkOptions('startTracing', options, OPTIONS);
  checkSpanProcessors('startTracing', options.spanProcessors);
  const instrumentations = flatInstrumentations('startTracing', options.instrumentations);
  if (options.prices !== undefined) setPrices(options.prices);
  const keeper = takeOver();
  const log = options.log ?? keeper?.log ?? ((line: string) => console.error(line));
  const env = new Environment(process.env, log);
  const additions = {
    serviceName: keeper?.serviceName,
    spanProcessors: keeper?.spanProcessors ?? [],
    instrumentations: [...(keeper?.instrumentations ?? []), ...instrumentations],
  };
  let unwatch: (() => Promise<void>) | undefined;
  let closePage: (() => Promise<void>) | undefined;
  const launched: Launched = launch(options, env, additions, async () => {
    await closePage?.();
    if (keeper !== undefined) return;
    printOnce();
    await unwatch?.();
  });
  if (!launched.isOn) return launched.tracing;
  // A keeper has its own, of the whole run.
  if (keeper === undefined || options.view !== undefined) {
    const summary = () => launched.tracing.summary();
    closePage = openProcessPage(options.view, env, summary, launched.follow);
  }
  const printOnce = summaryPrinter(options.printSummary, env, () => launched.tracing.summary());
  if (keeper !== undefined) keeper.keep(launched);
  else if (options.exitHandling !== false) {
    const finish = () => {
      launched.finish();
      printOnce();
    };
    unwatch = watchEnd({ drain: () => launched.drain(), finish });
  }
  return launched.tracing;
}
