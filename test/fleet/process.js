/**
 * One process of a fleet: replays its part of the made traces, sends its metrics to OTEL_EXPORTER_OTLP_ENDPOINT, and
 * prints its summary: `node process.js INSTANCE`, with lines of OTLP JSON on standard input.
 */
import { text } from 'node:stream/consumers';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationType,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { BottleneckMetrics, BottleneckSpanProcessor } from '../../dist/doors/processor.js';

const [instance] = process.argv.slice(2);
const resource = resourceFromAttributes({
  'service.name': 'agents',
  'service.instance.id': instance,
});
const meterProvider = new MeterProvider({
  resource,
  views: [
    {
      instrumentName: 'hotspan.*',
      instrumentType: InstrumentType.HISTOGRAM,
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
    },
  ],
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
});
const bottlenecks = new BottleneckSpanProcessor({
  metrics: new BottleneckMetrics(meterProvider),
});
const provider = new BasicTracerProvider({ resource, spanProcessors: [bottlenecks] });
const tracer = provider.getTracer('made');

/** As the SDK has it: seconds and nanoseconds. */
const time = (nanos) => [Number(nanos.slice(0, -9)), Number(nanos.slice(-9))];
const valueOf = ({ stringValue, intValue }) => stringValue ?? Number(intValue);

const lines = (await text(process.stdin)).trim().split('\n');
/** What a call of a model that failed has wasted. */
function failedAttempt({ name, spanId, startTimeUnixNano }, end, contexts) {
  const attributes = { 'hotspan.attempt.number': 1, 'hotspan.attempt.outcome': 'error' };
  const startTime = time(startTimeUnixNano);
  tracer.startSpan(`${name} attempt`, { startTime, attributes }, contexts.get(spanId)).end(end);
}

for (const [at, line] of lines.entries()) {
  const { spans } = JSON.parse(line).resourceSpans[0].scopeSpans[0];
  const contexts = new Map();
  const open = spans.map((span) => {
    const parent = contexts.get(span.parentSpanId) ?? ROOT_CONTEXT;
    const started = tracer.startSpan(
      span.name,
      {
        startTime: time(span.startTimeUnixNano),
        kind: span.kind - 1,
        attributes: Object.fromEntries(
          span.attributes.map(({ key, value }) => [key, valueOf(value)]),
        ),
      },
      parent,
    );
    contexts.set(span.spanId, trace.setSpan(parent, started));
    if (span.status.code === 2) started.setStatus(span.status);
    const end = time(span.endTimeUnixNano);
    if (span.status.code === 2 && span.name.startsWith('chat')) failedAttempt(span, end, contexts);
    return () => started.end(end);
  });
  for (const end of open.reverse()) end();
  // Two exports make a rate.
  if (at === Math.floor(lines.length / 2)) await meterProvider.forceFlush();
}
await provider.shutdown();
await meterProvider.shutdown();
console.log(JSON.stringify(bottlenecks.summary()));
