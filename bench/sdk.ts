/** The two sides of most comparisons: the bare SDK and hotspan. */
import { context, trace, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BottleneckSpanProcessor } from 'hotspan/processor';
import { startTracing, type Tracing, type TracingOptions } from 'hotspan/node';

/** A provider, and how its spans are sent. */
export interface Setup {
  /** The provider that the API should use. `undefined` is none. */
  readonly provider: TracerProvider | undefined;
  /** Resolves when the receiver has taken all spans or they are lost. */
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

const nothing = () => Promise.resolve();

/** Records no spans. */
export const NO_PROVIDER: Setup = { provider: undefined, flush: nothing, shutdown: nothing };

/** Makes the API use `setup`. Other setups keep running. */
export function use({ provider }: Setup): void {
  trace.disable();
  if (provider !== undefined) trace.setGlobalTracerProvider(provider);
}

/** Turns on async context for all sides. */
export function useAsyncContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** Sets up the SDK with its batch processor, after `before`. */
export function sdk(exporter: SpanExporter, before: readonly SpanProcessor[] = []): Setup {
  const batches = new BatchSpanProcessor(exporter);
  const provider = new NodeTracerProvider({ spanProcessors: [...before, batches] });
  return {
    provider,
    flush: async () => {
      await provider.forceFlush();
      // Waits for requests that were already on their way.
      await exporter.forceFlush?.();
    },
    shutdown: () => provider.shutdown(),
  };
}

/** Sets up the SDK that sends to a receiver, with its defaults. */
export function sdkWithOtlp(endpoint: string): Setup {
  return sdk(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }));
}

/** The same with the exporter that sends protobuf. */
export function sdkWithProtobuf(endpoint: string): Setup {
  return sdk(new ProtobufExporter({ url: `${endpoint}/v1/traces` }));
}

/** Sets up the SDK with its batch processor, and hotspan's ranking before it. */
export function ranked(exporter: SpanExporter): Setup & {
  readonly bottlenecks: BottleneckSpanProcessor;
} {
  const bottlenecks = new BottleneckSpanProcessor();
  return { ...sdk(exporter, [bottlenecks]), bottlenecks };
}

/** Sets up hotspan with `startTracing`, sending to a receiver. */
export function started(
  endpoint: string,
  options: TracingOptions = {},
): Setup & { tracing: Tracing } {
  trace.disable();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const tracing = startTracing(options);
  // The API wraps the registered provider in its own.
  const proxy = trace.getTracerProvider() as { getDelegate?(): TracerProvider };
  const provider = proxy.getDelegate?.();
  return {
    provider,
    tracing,
    flush: () => tracing.forceFlush(),
    shutdown: () => tracing.shutdown(),
  };
}
