/** The bare SDK with its batch processor, as a peer. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Destination, Peer } from './peer.js';
import { ThrownAway } from './thrown-away.js';

export function start(destination: Destination): Peer {
  const exporter =
    destination.kind === 'receiver'
      ? new OTLPTraceExporter({ url: `${destination.endpoint}/v1/traces` })
      : new ThrownAway();
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);

  const tracer = trace.getTracer('bench');
  const inSpan = <T>(name: string, fn: () => Promise<T>) =>
    tracer.startActiveSpan(
      name,
      { attributes: { 'app.text': 'text', 'app.number': 3, 'app.flag': true } },
      async (span) => {
        try {
          return await fn();
        } finally {
          span.end();
        }
      },
    );
  return {
    pair: () => inSpan('outer', () => inSpan('inner', () => Promise.resolve(1))),
    flush: async () => {
      await provider.forceFlush();
      await exporter.forceFlush();
    },
    ...(exporter instanceof ThrownAway ? { exported: () => exporter.exported } : {}),
  };
}
