import { withSpan } from '@arizeai/openinference-core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { throwAway, thrownAway } from '../throw-away.js';

export function start(destination) {
  const exporter =
    destination.kind === 'receiver'
      ? new OTLPTraceExporter({ url: `${destination.endpoint}/v1/traces` })
      : throwAway();
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  const attributes = { 'app.text': 'text', 'app.number': 3, 'app.flag': true };
  const inner = withSpan(async () => 1, { name: 'inner', attributes });
  const outer = withSpan(async () => inner(), { name: 'outer', attributes });
  return {
    pair: () => outer(),
    flush: async () => {
      await provider.forceFlush();
      await exporter.forceFlush();
    },
    exported: thrownAway,
  };
}
