import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  MetricReader,
  type DataPoint,
  type ExponentialHistogram,
} from '@opentelemetry/sdk-metrics';
import { CumulativeMetrics } from '../../src/metrics/cumulative-metrics.js';

class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export type Point = DataPoint<number | ExponentialHistogram>;

/** OpenTelemetry's SDK for metrics, which collects when a test asks. */
export class CollectedMetrics {
  readonly #reader = new Reader({
    aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
  });
  readonly provider = new MeterProvider({
    readers: [this.#reader],
    views: [
      {
        instrumentName: '*.duration',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
      },
    ],
  });

  /** Returns the points of each metric, by its name. */
  async collect(): Promise<Map<string, readonly Point[]>> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new Error('could not collect', { cause: errors[0] });
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(
      metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints as Point[]]),
    );
  }
}

/** As {@link CollectedMetrics}, for what hotspan adds up itself where it starts the SDK. */
export class OwnMetrics {
  readonly provider = new CumulativeMetrics();

  collect(): Promise<Map<string, readonly Point[]>> {
    const times = { startTime: [0, 0], endTime: [0, 0] } satisfies Partial<Point>;
    const found = this.provider.collect().map((metric) => {
      const points: readonly Point[] =
        'sums' in metric
          ? metric.sums.map((point) => ({ ...times, ...point }))
          : metric.histograms.map(({ attributes, value }) => {
              const { count, sum } = value;
              const { scale, zeroCount, offset, counts } = value.toExponential();
              const positive = { offset, bucketCounts: counts };
              const negative = { offset: 0, bucketCounts: [] };
              const histogram = { count, sum, scale, zeroCount, positive, negative };
              return { ...times, attributes, value: histogram };
            });
      return [metric.spec.name, points] as const;
    });
    return Promise.resolve(new Map(found.filter(([, points]) => points.length > 0)));
  }
}

/** The two ways that metrics take. */
export const WAYS = [
  ['of a host’s MeterProvider', CollectedMetrics],
  ['that hotspan adds up', OwnMetrics],
] as const;

/** The values of a counter by one of its attributes. */
export function valuesOf(
  points: readonly Point[] | undefined,
  attribute: string,
): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { attributes, value } of points ?? []) {
    const label = String(attributes[attribute]);
    values[label] = (values[label] ?? 0) + (value as number);
  }
  return values;
}
