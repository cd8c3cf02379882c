import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { refreshInBackground } from '../cost/price-table.js';
import { startCpuProfiling, stopCpuProfiling } from '../cpu-profile/cpu-profiling.js';
import { settingsFromOption } from '../cpu-profile/settings.js';
import { Experiment, type ExperimentSources } from '../experiment/experiment.js';
import { experimentFromVariable, experimentSettings } from '../experiment/settings.js';
import { endHeldCalls } from '../llm-http/held-calls.js';
import { BottleneckSpanProcessor, followTraces } from '../processor/bottleneck-span-processor.js';
import type { SdkSpanProcessor } from '../processor/sdk-span.js';
import { messageOf } from '../error-facts.js';
import { printableSummary } from '../report/printable-summary.js';
import { HeadShare } from '../sampling/samplers.js';
import { TailSamplingSpanProcessor } from '../sampling/tail-sampling.js';
import { SERVICE_NAME } from '../semconv.js';
import type { NewestTraces } from '../ranking/newest-traces.js';
import { groupName, groupSafely } from '../trace/group-name.js';
import type { Delivery } from '../summary.js';
import { oneOfWords, wholeNumber, type Environment } from '../environment.js';
import { makeExporters } from './exporters.js';
import { prepareHandOver } from './hand-over.js';
import { idGenerator } from './id-generator.js';
import { switchOn, type Instrumentation } from './instrumentations.js';
import { startMetrics, type StartedMetrics } from './metrics.js';
import { describeProvider, registeredProvider } from './other-provider.js';
import { isProviderRegistered, register } from './registration.js';
import { makeSampler } from './sampler.js';
import { makeResource, setLogLevel, spanLimits } from './sdk-settings.js';
import type { Tracing, TracingOptions } from './start-tracing.js';

/** A running hotspan, for those who end it. */
export interface Launched {
  readonly tracing: Tracing;
  /** `false` if `OTEL_SDK_DISABLED` says that nothing is to be started. */
  readonly isOn: boolean;
  /** Starts to send what is left. Keeps the event loop going for a bounded time. */
  drain(): void;
  /** Sends what is left while everything else stands still. */
  finish(): void;
  /** Leaves the process to another provider, at once. The summary stays. */
  stepBack(): void;
  /** Has the traces that end listed, or not any more. */
  readonly follow: (newest: NewestTraces | undefined) => void;
}

/** What `hotspan/register` adds to the options. */
export interface Additions {
  /** The name of the service where neither options nor environment have one. */
  readonly serviceName?: string | undefined;
  readonly spanProcessors: readonly SdkSpanProcessor[];
  readonly instrumentations: readonly Instrumentation[];
}

const FLAG = oneOfWords({ true: true, false: false });
const NOTHING_SENT: Delivery = { ended: 0, delivered: 0, dropped: 0, pending: 0 };

/**
 * @param onShutdown is called when everything is sent
 * @throws Error if the process has a provider already
 */
export function launch(
  options: TracingOptions,
  env: Environment,
  { serviceName, spanProcessors, instrumentations }: Additions,
  onShutdown: () => Promise<void>,
): Launched {
  const cpuProfile =
    options.cpuProfile === undefined ? undefined : settingsFromOption(options.cpuProfile);
  const entry = options.bottlenecks?.entry ?? env.text('HOTSPAN_ENTRY');
  const words = env.text('HOTSPAN_BY')?.split(',');
  const by = options.bottlenecks?.by ?? words?.map((word) => word.trim()).filter(Boolean);
  const ranking = { ...options.bottlenecks, entry, by };
  if (env.read('OTEL_SDK_DISABLED', FLAG) === true) {
    return nothing(new BottleneckSpanProcessor(ranking));
  }
  requireNoProvider();
  setLogLevel(env);
  // It also works without us. Here it is only checked.
  env.read('HOTSPAN_ERROR_MESSAGE_LENGTH', wholeNumber(0), '256 is used');
  takePrices(env);
  const exporting = makeExporting(options, env);
  const resource = makeResource(options, env, serviceName);
  const metrics =
    ranking.metrics === undefined ? startMetrics(options.metrics, env, resource) : undefined;
  const bottlenecks = new BottleneckSpanProcessor({ ...ranking, ...metrics?.option });
  const service = String(resource.attributes[SERVICE_NAME]);
  const experiment = makeExperiment(options, env, {
    service,
    entry,
    summary: () => bottlenecks.summary(),
  });
  const provider = new NodeTracerProvider({
    resource,
    idGenerator,
    sampler: exporting.head,
    spanLimits: spanLimits(env),
    spanProcessors: [
      bottlenecks,
      ...(experiment === undefined ? [] : [experiment]),
      ...exporting.processors,
      ...spanProcessors,
      ...(options.spanProcessors ?? []),
    ],
  });
  const handOver = prepareHandOver(provider);
  const unregister = register(provider, env);
  const profiling = startCpuProfiling(cpuProfile, env.log, options.bottlenecks?.groupName);
  const switchOff = switchOn(instrumentations, provider, env.log);
  const parts = { bottlenecks, metrics, exporting, profiling, experiment, service, provider };
  return launchedFrom(parts, async (isOther) => {
    experiment?.stop();
    stopCpuProfiling(profiling);
    switchOff();
    if (isOther) {
      unregister();
      handOver();
    }
    // What is counted is complete then.
    await bottlenecks.shutdown();
    await Promise.all([provider.shutdown().catch(ignore), metrics?.shutdown()]);
    unregister();
    await onShutdown();
  });
}

interface Parts {
  readonly bottlenecks: BottleneckSpanProcessor;
  readonly metrics: StartedMetrics | undefined;
  readonly exporting: ReturnType<typeof makeExporting>;
  readonly profiling: ReturnType<typeof startCpuProfiling>;
  readonly experiment: Experiment | undefined;
  readonly service: string;
  readonly provider: NodeTracerProvider;
}

/** @param end removes all of it; `true` if another provider is about to take the place */
function launchedFrom(
  { bottlenecks, metrics, exporting, profiling, experiment, service, provider }: Parts,
  end: (isOther: boolean) => Promise<void>,
): Launched {
  const { otlp, tails, counts } = exporting;
  let ended: Promise<void> | undefined;
  const tracing: Tracing = {
    summary: () => {
      const ranked = bottlenecks.summary();
      const found = experiment?.addTo(ranked) ?? ranked;
      const cpuProfiles = profiling.list().map((profile) => ({ ...profile, service }));
      return printableSummary({
        ...found,
        ...(cpuProfiles.length > 0 ? { cpuProfiles } : {}),
        ...counts(),
        warnings: [...found.warnings, ...profiling.warnings()],
      });
    },
    reset: () => {
      bottlenecks.reset();
      profiling.reset();
      experiment?.reset();
    },
    stopExperiment: () => experiment?.stop(),
    openSegments: () => bottlenecks.openSegments(),
    delivery: () => otlp?.delivery ?? NOTHING_SENT,
    forceFlush: async () => {
      await Promise.all([provider.forceFlush().catch(ignore), metrics?.flush()]);
    },
    shutdown: () => (ended ??= end(false)),
  };
  return {
    tracing,
    isOn: true,
    drain: () => {
      void otlp?.drain();
      void metrics?.drain();
    },
    finish: () => {
      endHeldCalls();
      for (const sampler of tails) sampler.keepOpen();
      otlp?.drainWhileBlocking();
    },
    stepBack: () => void (ended ??= end(true)),
    follow: (newest) => followTraces(bottlenecks, newest),
  };
}

function requireNoProvider(): void {
  if (!isProviderRegistered()) return;
  const { whose, hint } = describeProvider(registeredProvider());
  throw new Error(
    `startTracing: expected no OpenTelemetry provider yet, but one is registered (${whose}). ` +
      `To rank its spans, give it a BottleneckSpanProcessor of hotspan/processor: ${hint}`,
  );
}

function makeExperiment(
  options: TracingOptions,
  env: Environment,
  sources: Omit<ExperimentSources, 'rowName'>,
): Experiment | undefined {
  const asked = options.experiment ?? experimentFromVariable(env.text('HOTSPAN_EXPERIMENT'));
  const settings = experimentSettings(asked);
  const group = options.bottlenecks?.groupName ?? groupName;
  const rowName = (name: string) => groupSafely(name, { kind: 'internal', attributes: {} }, group);
  return settings && new Experiment(settings, { ...sources, rowName });
}

/** What decides on the export, and what exports. */
function makeExporting(options: TracingOptions, env: Environment) {
  const { processors, otlp } = makeExporters(env);
  const { sampling = {} } = options;
  const { tail = false } = sampling;
  const tailOptions = tail === true ? {} : tail;
  const tails =
    tailOptions === false
      ? undefined
      : processors.map((next) => new TailSamplingSpanProcessor(next, tailOptions));
  const head = new HeadShare(makeSampler(sampling, env));
  return {
    head,
    otlp,
    processors: tails ?? processors,
    tails: tails ?? [],
    counts: () => {
      // Without an exporter nothing is kept from one.
      const sampled = processors.length === 0 ? undefined : head.with(tails?.[0]?.share);
      return { ...(otlp && { delivery: otlp.delivery }), ...(sampled && { sampled }) };
    },
  };
}

function nothing(bottlenecks: BottleneckSpanProcessor): Launched {
  return {
    tracing: {
      summary: () => printableSummary(bottlenecks.summary()),
      reset: () => bottlenecks.reset(),
      stopExperiment: ignore,
      openSegments: () => bottlenecks.openSegments(),
      delivery: () => NOTHING_SENT,
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
    isOn: false,
    drain: ignore,
    finish: ignore,
    stepBack: ignore,
    follow: ignore,
  };
}

function ignore(): void {
  // `delivery()` counts what was lost.
}

/** The most that a server of prices which cannot be reached may delay the end of the process, in milliseconds. */
const PRICES_TIMEOUT_MILLIS = 2_000;

function takePrices(env: Environment): void {
  const url = env.text('HOTSPAN_PRICES');
  if (url === undefined) return;
  refreshInBackground({ url, timeoutMillis: PRICES_TIMEOUT_MILLIS }).catch((error: unknown) => {
    env.log(`hotspan: HOTSPAN_PRICES: ${messageOf(error)}; the bundled prices are used.`);
  });
}
