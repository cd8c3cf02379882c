import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { Delivery, OpenSegments, Summary } from '../summary.js';
import { setPrices, type Prices } from '../cost/price.js';
import {
  requireFunction,
  requireName,
  requireObject,
  requireOptions,
  wrongUse,
} from '../errors.js';
import { startCpuProfiling, type CpuProfiling } from '../cpu-profile/cpu-profiling.js';
import { settingsFromOption, type CpuProfileOptions } from '../cpu-profile/settings.js';
import { SERVICE_NAME } from '../semconv.js';
import type { BottleneckOptions } from '../processor/bottleneck-options.js';
import { BottleneckSpanProcessor } from '../processor/bottleneck-span-processor.js';
import { TailSamplingSpanProcessor } from '../sampling/tail-sampling.js';
import { makeExporters } from './exporters.js';
import { printableSummary, type PrintableSummary } from '../report/printable-summary.js';
import { checkPrintSummary, summaryPrinter, type SummaryFormat } from './print-summary.js';
import { NOTHING_SENT } from '../delivery/nothing-sent.js';
import { watchEnd } from '../delivery/end-of-process.js';
import { HeadShare } from '../sampling/head-share.js';
import { setLogLevel } from './log-level.js';
import { makePropagator } from './propagators.js';
import { isProviderRegistered, register } from './registration.js';
import { makeResource } from './resource.js';
import { checkSampling, makeSampler, tailOptions, type SamplingOptions } from './sampler.js';
import { spanLimits } from './span-limits.js';

/** Everything is optional: the `OTEL_*` variables and the defaults do for most services. */
export interface TracingOptions {
  /** Default: `OTEL_SERVICE_NAME`, then `unknown_service:node`. */
  readonly serviceName?: string | undefined;
  /** Further attributes of the resource, over those of `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Limits and choices of the ranking. */
  readonly bottlenecks?: BottleneckOptions | undefined;
  /** What is exported, and what is ranked. Default: all of both, unless the `OTEL_*` variables say otherwise. */
  readonly sampling?: SamplingOptions | undefined;
  /** Prices of your own, for the whole process: see `setPrices`. */
  readonly prices?: Prices | undefined;
  /**
   * Whether the end of the process is watched, so that what ended is sent however it comes. Default
   * true. False leaves it to `shutdown()`; nothing listens to the process then.
   */
  readonly exitHandling?: boolean | undefined;
  /**
   * Whether the summary is written to stderr once, at `shutdown()` or at the end of the process: `true`
   * or `text` as a table, `json` as JSON. Default: what `HOTSPAN_SUMMARY` says (`1`, `text` or `json`),
   * and false without it.
   */
  readonly printSummary?: boolean | SummaryFormat | undefined;
  /**
   * Looks with V8's profiler at what runs inside segments: of all (`true`), of some, or of none, also
   * of those that ask for it (`false`). Default: `HOTSPAN_CPU_PROFILE`, which may be `1`, `0` or a
   * directory for the files; then those that ask for it.
   */
  readonly cpuProfile?: boolean | CpuProfileOptions | undefined;
  /** Gets the few lines that hotspan has to say. Default: they go to stderr. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A running hotspan. */
export interface Tracing {
  /** What was found so far; also after `shutdown()`. */
  summary(): PrintableSummary;
  /** Forgets what was found so far; traces that are open count when they end. */
  reset(): void;
  /** The segments that are running now, the longest first: what the process is at, or hangs on. */
  openSegments(): OpenSegments;
  /** How many spans arrived at the receiver, and why not. Up to date after `forceFlush()`. */
  delivery(): Delivery;
  /**
   * Sends all that ended, and resolves when the receiver has taken it, also what was on its way
   * before. Never rejects. A receiver that is not there, or from which nothing has come for as long as
   * one request may take (1.5 seconds, or what `OTEL_EXPORTER_OTLP_TIMEOUT` says), is not waited for:
   * `delivery().pending` then says how much still waits.
   */
  forceFlush(): Promise<void>;
  /**
   * Sends all that ended, and takes hotspan out of the process. Never rejects; resolves after 3 seconds
   * at most when nobody takes the spans (twice as long as one request may take), and after 5 seconds at
   * most when they are taken slowly; what has not arrived by then is dropped. Further calls do nothing.
   */
  shutdown(): Promise<void>;
}

const OPTIONS = [
  'serviceName',
  'resourceAttributes',
  'bottlenecks',
  'sampling',
  'prices',
  'exitHandling',
  'printSummary',
  'cpuProfile',
  'log',
] as const;

/**
 * Starts OpenTelemetry in this process: spans are ranked here, and exported with OTLP/HTTP to
 * `http://localhost:4318` (Jaeger, as docker-compose.yml starts it) unless the `OTEL_*` variables say
 * otherwise. Call it first, before what is to be traced is loaded.
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
 * What ended is also sent when the process ends without `shutdown()`: by a return, `process.exit()`, an
 * uncaught exception, an unhandled rejection, SIGTERM or SIGINT, and the exit code stays what it would
 * have been. How long that may take: docs/delivery.md.
 *
 * With `OTEL_SDK_DISABLED=true` nothing is started and the summary stays empty.
 *
 * @throws TypeError when an option is wrong
 * @throws Error when the process has an OpenTelemetry provider already: give that one a
 *   `BottleneckSpanProcessor`
 */
export function startTracing(options: TracingOptions = {}): Tracing {
  checkOptions(options);
  const cpuProfile =
    options.cpuProfile === undefined
      ? undefined
      : settingsFromOption('startTracing', options.cpuProfile);
  if (options.prices !== undefined) setPrices(options.prices);
  const log = options.log ?? ((line: string) => console.error(line));
  const bottlenecks = new BottleneckSpanProcessor(options.bottlenecks);
  const openSegments = () => bottlenecks.openSegments();
  if (isDisabled(process.env, log)) {
    const nothing = () => Promise.resolve();
    return {
      summary: () => printableSummary(bottlenecks.summary()),
      reset: () => bottlenecks.reset(),
      openSegments,
      delivery: () => NOTHING_SENT,
      forceFlush: nothing,
      shutdown: nothing,
    };
  }
  if (isProviderRegistered()) {
    throw new Error(
      'startTracing: expected no OpenTelemetry provider yet, but one is registered. ' +
        'Shut it down first, or give it a BottleneckSpanProcessor.',
    );
  }

  setLogLevel(process.env, log);
  const { processors, otlp } = makeExporters(process.env, log);
  const tail = tailOptions(options.sampling);
  const samplers =
    tail === undefined
      ? []
      : processors.map((processor) => new TailSamplingSpanProcessor(processor, tail));
  const exporting = tail === undefined ? processors : samplers;
  const head = new HeadShare(makeSampler(options.sampling ?? {}, process.env, log));
  const resource = makeResource(
    options.serviceName,
    options.resourceAttributes ?? {},
    process.env,
    log,
  );
  const provider = new BasicTracerProvider({
    resource,
    sampler: head,
    spanLimits: spanLimits(process.env, log),
    spanProcessors: [bottlenecks, ...exporting],
  });
  const unregister = register(provider, makePropagator(process.env, log));
  const profiling = startCpuProfiling(cpuProfile, log, options.bottlenecks?.groupName);
  const service = String(resource.attributes[SERVICE_NAME]);

  const summary = () => {
    const found = withCpuProfiles(bottlenecks.summary(), profiling, service);
    // Without an exporter nothing is kept from one.
    const sampled = exporting.length === 0 ? undefined : head.with(samplers[0]?.share);
    return printableSummary({
      ...found,
      ...(otlp === undefined ? {} : { delivery: otlp.delivery }),
      ...(sampled === undefined ? {} : { sampled }),
    });
  };
  const printOnce = summaryPrinter(options.printSummary, process.env, log, summary);
  const unwatch =
    options.exitHandling === false
      ? undefined
      : watchEnd({
          drain: () => void otlp?.drain(),
          finish: () => {
            for (const sampler of samplers) sampler.keepOpen();
            otlp?.drainWhileBlocking();
            printOnce();
          },
        });
  let ended: Promise<void> | undefined;
  return {
    summary,
    reset: () => {
      bottlenecks.reset();
      profiling.reset();
    },
    openSegments,
    delivery: () => otlp?.delivery ?? NOTHING_SENT,
    forceFlush: () => provider.forceFlush().catch(ignore),
    shutdown: () => {
      profiling.stop();
      ended ??= provider
        .shutdown()
        .catch(ignore)
        .then(() => {
          unwatch?.();
          unregister();
          printOnce();
        });
      return ended;
    },
  };
}

function isDisabled(env: NodeJS.ProcessEnv, log: (line: string) => void): boolean {
  const text = env.OTEL_SDK_DISABLED?.trim().toLowerCase() ?? '';
  if (text === 'true') return true;
  if (text !== '' && text !== 'false') {
    log(
      `hotspan: expected OTEL_SDK_DISABLED to be true or false, got "${text}"; it is taken to be false.`,
    );
  }
  return false;
}

function checkOptions(options: TracingOptions): void {
  const where = 'startTracing';
  requireOptions(where, options, OPTIONS);
  if (options.serviceName !== undefined) requireName(where, '`serviceName`', options.serviceName);
  if (options.log !== undefined) requireFunction(where, '`log`', options.log);
  checkSampling(where, options.sampling);
  checkPrintSummary(where, options.printSummary);
  if (options.exitHandling !== undefined && typeof options.exitHandling !== 'boolean') {
    throw wrongUse(where, '`exitHandling` to be true or false', options.exitHandling);
  }
  requireObject(where, '`resourceAttributes`', options.resourceAttributes);
  for (const [key, value] of Object.entries(options.resourceAttributes ?? {})) {
    const isNumber = typeof value === 'number' && Number.isFinite(value);
    if (!isNumber && typeof value !== 'string' && typeof value !== 'boolean') {
      const expected = `resource attribute "${key}" to be a string, number or boolean`;
      throw wrongUse(where, expected, value);
    }
  }
}

function withCpuProfiles(summary: Summary, profiling: CpuProfiling, service: string): Summary {
  const cpuProfiles = profiling.list().map((profile) => ({ ...profile, service }));
  return {
    ...summary,
    ...(cpuProfiles.length > 0 ? { cpuProfiles } : {}),
    warnings: [...summary.warnings, ...profiling.warnings()],
  };
}

function ignore(): void {
  // What was lost is counted in `delivery()`.
}
