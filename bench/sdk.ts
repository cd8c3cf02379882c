/** The two sides of most comparisons: the bare SDK, and hotspan in its place. */
import { context, trace, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BottleneckSpanProcessor } from 'hotspan/processor';
import { startTracing, type Tracing, type TracingOptions } from 'hotspan/node';

/** A provider that can be put in place, and how its spans are sent. */
export interface Setup {
  /** Makes it the one that the API uses; undefined leaves none. */
  readonly provider: TracerProvider | undefined;
  /** Resolves when all that ended was taken by the receiver, or lost. */
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

const nothing = () => Promise.resolve();

/** Spans are not recorded. */
export const NO_PROVIDER: Setup = { provider: undefined, flush: nothing, shutdown: nothing };

/** Makes `setup` the one that spans come from; the others go on to exist. */
export function use({ provider }: Setup): void {
  trace.disable();
  if (provider !== undefined) trace.setGlobalTracerProvider(provider);
}

/** Async context, once for all sides. */
export function useAsyncContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** The SDK with its batch processor, and what goes before that. */
export function sdk(exporter: SpanExporter, before: readonly SpanProcessor[] = []): Setup {
  const batches = new BatchSpanProcessor(exporter);
  const provider = new NodeTracerProvider({ spanProcessors: [...before, batches] });
  return {
    provider,
    flush: async () => {
      await provider.forceFlush();
      // What was on its way already.
      await exporter.forceFlush?.();
    },
    shutdown: () => provider.shutdown(),
  };
}

/** The SDK that sends to a receiver, as it is by default. */
export function sdkWithOtlp(endpoint: string): Setup {
  return sdk(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }));
}

/** The SDK with its batch processor, and the ranking of hotspan before it. */
export function ranked(exporter: SpanExporter): Setup & {
  readonly bottlenecks: BottleneckSpanProcessor;
} {
  const bottlenecks = new BottleneckSpanProcessor();
  return { ...sdk(exporter, [bottlenecks]), bottlenecks };
}

/** hotspan that sends to a receiver, as `startTracing` sets it up. */
export function started(
  endpoint: string,
  options: TracingOptions = {},
): Setup & { tracing: Tracing } {
  trace.disable();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const tracing = startTracing(options);
  // The API's own provider stands before the one that was registered.
  const proxy = trace.getTracerProvider() as { getDelegate?(): TracerProvider };
  const provider = proxy.getDelegate?.();
  return {
    provider,
    tracing,
    flush: () => tracing.forceFlush(),
    shutdown: () => tracing.shutdown(),
  };
}
