import { ValueType, type HrTime } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { Buckets } from '../metrics/buckets.js';
import type { CumulativeMetrics } from '../metrics/cumulative-metrics.js';
import type { Metric, Point } from '../metrics/metric.js';
import { OWN_SCOPE, VERSION } from '../version.js';

export interface MetricsExport {
  readonly intervalMillis: number;
  /** How long one request may take. */
  readonly timeoutMillis: number;
  /** `true` if histograms have the buckets of the conventions, and not exponential ones. */
  readonly hasBuckets: boolean;
}

/** Loaded only where metrics are asked for. The exporter reads its own variables of the environment. */
export function makeMeterProvider(
  resource: Resource,
  settings: MetricsExport,
  counted: CumulativeMetrics,
): MeterProvider {
  const { intervalMillis, timeoutMillis, hasBuckets } = settings;
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ timeoutMillis }),
    exportIntervalMillis: intervalMillis,
    exportTimeoutMillis: Math.min(intervalMillis, timeoutMillis),
    metricProducers: [producerOf(counted, resource, hasBuckets)],
  });
  return new MeterProvider({ resource, readers: [reader] });
}

function producerOf(
  counted: CumulativeMetrics,
  resource: Resource,
  hasBuckets: boolean,
): MetricProducer {
  const scope = { name: OWN_SCOPE, version: VERSION };
  return {
    collect: () => {
      const times = { startTime: hrTime(counted.since), endTime: hrTime(Date.now()) };
      const metrics = counted
        .collect()
        .map((metric) => dataOf(metric, times, hasBuckets))
        .filter(({ dataPoints }) => dataPoints.length > 0);
      const scopeMetrics = metrics.length === 0 ? [] : [{ scope, metrics }];
      return Promise.resolve({ resourceMetrics: { resource, scopeMetrics }, errors: [] });
    },
  };
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function dataOf(metric: Metric, times: Times, hasBuckets: boolean): MetricData {
  const { name, unit, description, buckets: boundaries = [] } = metric.spec;
  const about = {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    // Prometheus refuses delta.
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const dataPoints = <T, V>(points: readonly Point<T>[], valueOf: (value: T) => V) =>
    points.map(({ attributes, value }) => ({ ...times, attributes, value: valueOf(value) }));
  if ('sums' in metric) {
    const points = dataPoints(metric.sums, (value) => value);
    return { ...about, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points };
  }
  return hasBuckets
    ? {
        ...about,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: dataPoints(metric.histograms, (value) => explicit(value, boundaries)),
      }
    : {
        ...about,
        dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
        dataPoints: dataPoints(metric.histograms, exponential),
      };
}

function explicit(value: Buckets, boundaries: readonly number[]): Histogram {
  const { count, sum } = value;
  const counts = value.toExplicit(boundaries);
  return { count, sum, buckets: { boundaries: [...boundaries], counts } };
}

function exponential(value: Buckets): ExponentialHistogram {
  const { count, sum } = value;
  const { scale, zeroCount, offset, counts } = value.toExponential();
  const positive = { offset, bucketCounts: counts };
  return { count, sum, scale, zeroCount, positive, negative: { offset: 0, bucketCounts: [] } };
}

function hrTime(epochMillis: number): HrTime {
  return [Math.floor(epochMillis / 1e3), (epochMillis % 1e3) * 1e6];
}
