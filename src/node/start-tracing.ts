import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { setPrices, type Prices } from '../cost/price.js';
import { startCpuProfiling, stopCpuProfiling } from '../cpu-profile/cpu-profiling.js';
import {
  CPU_PROFILE,
  settingsFromOption,
  type CpuProfileOptions,
} from '../cpu-profile/settings.js';
import { watchEnd } from '../delivery/end-of-process.js';
import * as kinds from '../options.js';
import { BOTTLENECKS, type BottleneckOptions } from '../processor/bottleneck-options.js';
import { BottleneckSpanProcessor } from '../processor/bottleneck-span-processor.js';
import { printableSummary, type PrintableSummary } from '../report/printable-summary.js';
import { HeadShare } from '../sampling/samplers.js';
import { TailSamplingSpanProcessor } from '../sampling/tail-sampling.js';
import { SERVICE_NAME } from '../semconv.js';
import type { Delivery, OpenSegments } from '../summary.js';
import { Environment, oneOfWords, wholeNumber } from './environment.js';
import { makeExporters } from './exporters.js';
import { idGenerator } from './id-generator.js';
import { summaryPrinter, type SummaryFormat } from './print-summary.js';
import { isProviderRegistered, register } from './registration.js';
import { makeSampler, SAMPLING, type SamplingOptions } from './sampler.js';
import { makeResource, setLogLevel, spanLimits } from './sdk-settings.js';

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

const OPTIONS: kinds.Shape<TracingOptions> = {
  serviceName: kinds.aName,
  resourceAttributes: kinds.recordOf(
    kinds.aValue(
      'a string, number or boolean',
      (value) => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value),
    ),
  ),
  bottlenecks: kinds.options(BOTTLENECKS),
  sampling: kinds.options(SAMPLING),
  // Checked where they are used.
  prices: kinds.anything,
  exitHandling: kinds.aBoolean,
  printSummary: kinds.aValue('true, false, text or json', (value) =>
    [true, false, 'text', 'json'].includes(value as string),
  ),
  cpuProfile: CPU_PROFILE,
  log: kinds.aFunction,
};

const FLAG = oneOfWords({ true: true, false: false });
const NOTHING_SENT: Delivery = { ended: 0, delivered: 0, dropped: 0, pending: 0 };

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
 * With `OTEL_SDK_DISABLED=true` nothing is started, and the summary stays empty.
 *
 * @throws TypeError if an option is wrong
 * @throws Error if the process has an OpenTelemetry provider already. Give that one a
 *   `BottleneckSpanProcessor` instead.
 */
export function startTracing(options: TracingOptions = {}): Tracing {
  kinds.checkOptions('startTracing', options, OPTIONS);
  const cpuProfile =
    options.cpuProfile === undefined ? undefined : settingsFromOption(options.cpuProfile);
  if (options.prices !== undefined) setPrices(options.prices);
  const env = new Environment(process.env, options.log ?? ((line) => console.error(line)));
  const bottlenecks = new BottleneckSpanProcessor(options.bottlenecks);
  if (env.read('OTEL_SDK_DISABLED', FLAG) === true) return tracingOfNothing(bottlenecks);
  if (isProviderRegistered()) {
    throw new Error(
      'startTracing: expected no OpenTelemetry provider yet, but one is registered. ' +
        'Shut it down first, or give it a BottleneckSpanProcessor.',
    );
  }

  setLogLevel(env);
  // It also works without us. Here it is only checked.
  env.read('HOTSPAN_ERROR_MESSAGE_LENGTH', wholeNumber(0), '256 is used');
  const { processors, otlp } = makeExporters(env);
  const { sampling = {} } = options;
  const { tail = false } = sampling;
  const tailOptions = tail === true ? {} : tail;
  const tails =
    tailOptions === false
      ? undefined
      : processors.map((next) => new TailSamplingSpanProcessor(next, tailOptions));
  const head = new HeadShare(makeSampler(sampling, env));
  const resource = makeResource(options, env);
  const provider = new NodeTracerProvider({
    resource,
    idGenerator,
    sampler: head,
    spanLimits: spanLimits(env),
    spanProcessors: [bottlenecks, ...(tails ?? processors)],
  });
  const unregister = register(provider, env);
  const profiling = startCpuProfiling(cpuProfile, env.log, options.bottlenecks?.groupName);
  const service = String(resource.attributes[SERVICE_NAME]);

  const summary = () => {
    const found = bottlenecks.summary();
    const cpuProfiles = profiling.list().map((profile) => ({ ...profile, service }));
    // Without an exporter nothing is kept from one.
    const sampled = processors.length === 0 ? undefined : head.with(tails?.[0]?.share);
    return printableSummary({
      ...found,
      ...(cpuProfiles.length > 0 ? { cpuProfiles } : {}),
      ...(otlp && { delivery: otlp.delivery }),
      ...(sampled && { sampled }),
      warnings: [...found.warnings, ...profiling.warnings()],
    });
  };
  const printOnce = summaryPrinter(options.printSummary, env, summary);
  const finish = () => {
    for (const sampler of tails ?? []) sampler.keepOpen();
    otlp?.drainWhileBlocking();
    printOnce();
  };
  const unwatch =
    options.exitHandling === false
      ? undefined
      : watchEnd({ drain: () => void otlp?.drain(), finish });
  let ended: Promise<void> | undefined;
  return {
    ...tracingOfNothing(bottlenecks),
    summary,
    reset: () => {
      bottlenecks.reset();
      profiling.reset();
    },
    delivery: () => otlp?.delivery ?? NOTHING_SENT,
    forceFlush: () => provider.forceFlush().catch(ignore),
    shutdown: () => {
      stopCpuProfiling(profiling);
      ended ??= provider
        .shutdown()
        .catch(ignore)
        .then(async () => {
          unregister();
          printOnce();
          await unwatch?.();
        });
      return ended;
    },
  };
}

function tracingOfNothing(bottlenecks: BottleneckSpanProcessor): Tracing {
  return {
    summary: () => printableSummary(bottlenecks.summary()),
    reset: () => bottlenecks.reset(),
    openSegments: () => bottlenecks.openSegments(),
    delivery: () => NOTHING_SENT,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function ignore(): void {
  // `delivery()` counts what was lost.
}
