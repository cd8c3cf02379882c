import type { MeterProvider } from '@opentelemetry/api';
import { wrongUse } from '../errors.js';
import { OWN_SCOPE, VERSION } from '../version.js';
import { CumulativeMetrics } from './cumulative-metrics.js';
import { HostInstruments } from './instruments.js';
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

  constructor(meterProvider: MeterProvider, options: MetricsOptions = {}) {
    const where = 'BottleneckMetrics';
    if (typeof (Object(meterProvider) as Partial<MeterProvider>).getMeter !== 'function') {
      throw wrongUse(where, 'the first argument to be a MeterProvider', meterProvider);
    }
    const settings = metricsSettings(where, options);
    if (meterProvider instanceof CumulativeMetrics) {
      const recorder = (this.#recorder = new Recorder(meterProvider, settings));
      meterProvider.alsoCollect(() => recorder.metrics());
      return;
    }
    const meter = meterProvider.getMeter(OWN_SCOPE, VERSION);
    this.#recorder = new Recorder(new HostInstruments(meter), settings);
    this.#recorder.reportTo(meter);
  }
}

/** Apart from the class, since it is nothing for users. */
export function recorderOf(metrics: BottleneckMetrics | undefined): Recorder | undefined {
  return metrics && recorderIn(metrics);
}
