import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationType,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

export interface MetricsExport {
  readonly intervalMillis: number;
  /** How long one request may take. */
  readonly timeoutMillis: number;
  /** `true` if histograms have the buckets of the conventions, and not exponential ones. */
  readonly hasBuckets: boolean;
}

/** Loaded only where metrics are asked for. The exporter reads its own variables of the environment. */
export function makeMeterProvider(resource: Resource, settings: MetricsExport): MeterProvider {
  const { intervalMillis, timeoutMillis, hasBuckets } = settings;
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ timeoutMillis }),
    exportIntervalMillis: intervalMillis,
    exportTimeoutMillis: Math.min(intervalMillis, timeoutMillis),
  });
  const exponential = { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const;
  return new MeterProvider({
    resource,
    readers: [reader],
    views: hasBuckets
      ? []
      : ['hotspan.*.duration', 'gen_ai.*'].map((instrumentName) => ({
          instrumentName,
          instrumentType: InstrumentType.HISTOGRAM,
          aggregation: exponential,
        })),
  });
}
