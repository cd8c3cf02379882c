import type { MeterProvider } from '@opentelemetry/api';
import { wrongUse } from '../errors.js';
import { metricsSettings, type MetricsOptions } from './metrics-options.js';
import { Recorder } from './recorder.js';

let recorderIn: (metrics: BottleneckMetrics) => Recorder;

/**
 * The ranking as metrics of OpenTelemetry: the critical time, waste and cost of each row, entry point and model, for
 * a fleet whose sums are made elsewhere. docs/metrics.md lists them.
 *
 * Give it a `MeterProvider`, and give it to the processor that ranks. The figures are read when the provider
 * collects, so that a span costs nothing more:
 *
 * ```ts
 * import { metrics } from '@opentelemetry/api';
 * import { BottleneckMetrics, BottleneckSpanProcessor } from 'hotspan/processor';
 *
 * const bottlenecks = new BottleneckSpanProcessor({
 *   metrics: new BottleneckMetrics(metrics.getMeterProvider()),
 * });
 * ```
 *
 * Shut down the provider of spans before that of metrics: the last traces are counted then.
 *
 * @throws TypeError from the constructor if there is no `MeterProvider`, or an option is wrong
 */
export class BottleneckMetrics {
  readonly #recorder: Recorder;

  static {
    recorderIn = (metrics) => metrics.#recorder;
  }

  /** @param meterProvider or a promise of one: what is found before it resolves counts as well */
  constructor(
    meterProvider: MeterProvider | PromiseLike<MeterProvider>,
    options: MetricsOptions = {},
  ) {
    const where = 'BottleneckMetrics';
    if (!isMeterProvider(meterProvider)) {
      throw wrongUse(where, 'the first argument to be a MeterProvider', meterProvider);
    }
    this.#recorder = new Recorder(meterProvider, metricsSettings(where, options));
  }
}

function isMeterProvider(value: unknown): boolean {
  const { getMeter, then } = Object(value) as Record<string, unknown>;
  return typeof (getMeter ?? then) === 'function';
}

/** Apart from the class, since it is nothing for users. */
export function recorderOf(metrics: BottleneckMetrics | undefined): Recorder | undefined {
  return metrics && recorderIn(metrics);
}
