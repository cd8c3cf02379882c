import { createNoopMeter, diag, metrics } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import { oneOfWords, wholeNumber, type Environment } from '../environment.js';
import { BottleneckMetrics } from '../metrics/bottleneck-metrics.js';
import { messageOf } from '../error-facts.js';
import { CumulativeMetrics } from '../metrics/cumulative-metrics.js';
import type { MetricsOptions } from '../metrics/metrics-options.js';
import { OWN_SCOPE } from '../version.js';
import type { MetricsExport } from './metrics-sdk.js';

const EXPORTER = oneOfWords({ otlp: 'otlp', none: 'none' } as const);
const HAS_BUCKETS = oneOfWords({
  base2_exponential_bucket_histogram: false,
  explicit_bucket_histogram: true,
});
const INTERVAL_MILLIS = 60_000;
/** As for spans: OpenTelemetry's 10 s would hold up the end of every program whose receiver hangs. */
const TIMEOUT_MILLIS = 1_500;

/** Metrics that are recorded, and who sends them. */
export interface StartedMetrics {
  /** For the processor that ranks. */
  readonly option: { readonly metrics: BottleneckMetrics };
  /** Sends what there is, once: it makes work for the event loop, whose end it is called at. */
  readonly drain: () => Promise<void>;
  /** Sends what there is. Never rejects. */
  readonly flush: () => Promise<void>;
  /** Sends what there is, for the last time. Never rejects. */
  readonly shutdown: () => Promise<void>;
}

/**
 * Starts metrics where an option or `OTEL_METRICS_EXPORTER` asks for them. Where the process has a MeterProvider,
 * that one sends them.
 */
export function startMetrics(
  asked: boolean | MetricsOptions | undefined,
  env: Environment,
  resource: Resource,
): StartedMetrics | undefined {
  const given = env.readList('OTEL_METRICS_EXPORTER', EXPORTER) ?? [];
  const isAsked = asked === undefined ? given.includes('otlp') : asked !== false;
  if (!isAsked || given.includes('none')) return undefined;
  const options = typeof asked === 'object' ? asked : {};
  const ofHost = metrics.getMeterProvider();
  if (ofHost.getMeter(OWN_SCOPE) !== createNoopMeter()) {
    const option = { metrics: new BottleneckMetrics(ofHost, options) };
    return { option, drain: nothing, flush: nothing, shutdown: nothing };
  }
  const counted = new CumulativeMetrics();
  const provider = load(resource, exportFrom(env), counted);
  provider.catch((error: unknown) => {
    diag.error(`hotspan: metrics are not sent: ${messageOf(error)}`);
  });
  const withProvider = (work: (loaded: MeterProvider) => Promise<void>) => () =>
    provider.then(work).catch(nothing);
  const flush = withProvider((loaded) => loaded.forceFlush());
  let drained: Promise<void> | undefined;
  return {
    option: { metrics: new BottleneckMetrics(counted, options) },
    drain: () => (drained ??= flush()),
    flush,
    shutdown: withProvider((loaded) => loaded.shutdown()),
  };
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

async function load(
  resource: Resource,
  settings: MetricsExport,
  counted: CumulativeMetrics,
): Promise<MeterProvider> {
  const { makeMeterProvider } = await import('./metrics-sdk.js');
  return makeMeterProvider(resource, settings, counted);
}

function exportFrom(env: Environment): MetricsExport {
  const millis = (name: string) => env.read(`OTEL_${name}`, wholeNumber(1));
  const ofAll = millis('EXPORTER_OTLP_TIMEOUT');
  const timeoutMillis = millis('EXPORTER_OTLP_METRICS_TIMEOUT') ?? ofAll ?? TIMEOUT_MILLIS;
  return {
    intervalMillis: millis('METRIC_EXPORT_INTERVAL') ?? INTERVAL_MILLIS,
    timeoutMillis: Math.min(timeoutMillis, millis('METRIC_EXPORT_TIMEOUT') ?? timeoutMillis),
    hasBuckets:
      env.read('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', HAS_BUCKETS) ?? false,
  };
}
