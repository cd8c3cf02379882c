import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { setPrices, type Prices } from '../cost/price.js';
import {
  requireFunction,
  requireName,
  requireObject,
  requireOptions,
  wrongUse,
} from '../errors.js';
import type { BottleneckOptions } from '../processor/bottleneck-options.js';
import { BottleneckSpanProcessor } from '../processor/bottleneck-span-processor.js';
import { makeExporters } from './exporters.js';
import { printableSummary, type PrintableSummary } from './printable-summary.js';
import type { Delivery } from './delivery.js';
import { isProviderRegistered, register } from './registration.js';
import { makeResource } from './resource.js';

/** Everything is optional: the `OTEL_*` variables and the defaults do for most services. */
export interface TracingOptions {
  /** Default: `OTEL_SERVICE_NAME`, then `unknown_service:node`. */
  readonly serviceName?: string | undefined;
  /** Further attributes of the resource, over those of `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Limits and choices of the ranking. */
  readonly bottlenecks?: BottleneckOptions | undefined;
  /** Prices of your own, for the whole process: see `setPrices`. */
  readonly prices?: Prices | undefined;
  /** Gets the few lines that hotspan has to say. Default: they go to stderr. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A running hotspan. */
export interface Tracing {
  /** What was found so far; also after `shutdown()`. */
  summary(): PrintableSummary;
  /** Forgets what was found so far; traces that are open count when they end. */
  reset(): void;
  /** How many spans arrived at the receiver, and why not. Up to date after `forceFlush()`. */
  delivery(): Delivery;
  /**
   * Sends all that ended. Never rejects; resolves after 2 seconds at most, or half a second more than
   * `OTEL_EXPORTER_OTLP_TIMEOUT` says.
   */
  forceFlush(): Promise<void>;
  /**
   * Sends all that ended, as `forceFlush()` does, and takes hotspan out of the process. Further calls
   * do nothing.
   */
  shutdown(): Promise<void>;
}

const OPTIONS = ['serviceName', 'resourceAttributes', 'bottlenecks', 'prices', 'log'] as const;

/** What the end of a program waits beyond the time that one export may take. */
const GRACE_MILLIS = 500;

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
 * With `OTEL_SDK_DISABLED=true` nothing is started and the summary stays empty.
 *
 * @throws TypeError when an option is wrong
 * @throws Error when the process has an OpenTelemetry provider already: give that one a
 *   `BottleneckSpanProcessor`
 */
export function startTracing(options: TracingOptions = {}): Tracing {
  checkOptions(options);
  if (options.prices !== undefined) setPrices(options.prices);
  const log = options.log ?? ((line: string) => console.error(line));
  const bottlenecks = new BottleneckSpanProcessor(options.bottlenecks);
  const summary = () => printableSummary(bottlenecks.summary());
  const reset = () => bottlenecks.reset();
  if (process.env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') {
    const nothing = () => Promise.resolve();
    const delivery = () => ({ delivered: 0, failed: 0 });
    return { summary, reset, delivery, forceFlush: nothing, shutdown: nothing };
  }
  if (isProviderRegistered()) {
    throw new Error(
      'startTracing: expected no OpenTelemetry provider yet, but one is registered. ' +
        'Shut it down first, or give it a BottleneckSpanProcessor.',
    );
  }

  const { processors, otlp, exportTimeoutMillis } = makeExporters(process.env, log);
  const atMostMillis = exportTimeoutMillis + GRACE_MILLIS;
  const provider = new NodeTracerProvider({
    resource: makeResource(options.serviceName, options.resourceAttributes ?? {}),
    spanProcessors: [bottlenecks, ...processors],
  });
  const unregister = register(provider);

  const flush = async () => {
    await provider.forceFlush().catch(ignore);
    // The batch processor does not wait for a batch that is on its way; the exporter does.
    await otlp?.forceFlush().catch(ignore);
  };
  let ended: Promise<void> | undefined;
  return {
    summary,
    reset,
    delivery: () => otlp?.delivery ?? { delivered: 0, failed: 0 },
    forceFlush: () => atMost(atMostMillis, flush()),
    shutdown: () => {
      ended ??= atMost(
        atMostMillis,
        flush().then(() => provider.shutdown()),
      ).then(() => {
        otlp?.giveUp();
        unregister();
      });
      return ended;
    },
  };
}

function checkOptions(options: TracingOptions): void {
  const where = 'startTracing';
  requireOptions(where, options, OPTIONS);
  if (options.serviceName !== undefined) requireName(where, '`serviceName`', options.serviceName);
  if (options.log !== undefined) requireFunction(where, '`log`', options.log);
  requireObject(where, '`resourceAttributes`', options.resourceAttributes);
  for (const [key, value] of Object.entries(options.resourceAttributes ?? {})) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      const expected = `resource attribute "${key}" to be a string, number or boolean`;
      throw wrongUse(where, expected, value);
    }
  }
}

function atMost(millis: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    work.catch(ignore).finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function ignore(): void {
  // What was lost is counted in `delivery()`.
}
