/**
 * One process of a fleet: replays its part of the made traces, sends its metrics to OTEL_EXPORTER_OTLP_ENDPOINT, and
 * prints its summary: `node process.js WAY`, with lines of OTLP JSON on standard input. The ways: `option` asks for
 * metrics in the code, `variable` leaves that to the environment and ends by itself, `host` has a MeterProvider.
 */
import { text } from 'node:stream/consumers';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { detectResources, envDetector } from '@opentelemetry/resources';
import {
  AggregationType,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { startTracing } from '../../dist/doors/node.js';
import { BottleneckMetrics, BottleneckSpanProcessor } from '../../dist/doors/processor.js';

/** Each starts to trace, and returns how to send what there is, how to end, and what was found. */
const WAYS = {
  option: () => {
    const tracing = startTracing({ metrics: true });
    return { ...tracing, end: () => tracing.shutdown() };
  },
  variable: () => ({ ...startTracing(), end: () => undefined }),
  host: () => {
    const resource = detectResources({ detectors: [envDetector] });
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
    const metrics = new BottleneckMetrics(meterProvider);
    const bottlenecks = new BottleneckSpanProcessor({ metrics });
    const provider = new BasicTracerProvider({ resource, spanProcessors: [bottlenecks] });
    trace.setGlobalTracerProvider(provider);
    return {
      summary: () => bottlenecks.summary(),
      forceFlush: () => meterProvider.forceFlush(),
      end: () => provider.shutdown().then(() => meterProvider.shutdown()),
    };
  },
};
const tracing = WAYS[process.argv[2]]();
const tracer = trace.getTracer('made');

/** As the SDK has it: seconds and nanoseconds. */
const time = (nanos) => [Number(nanos.slice(0, -9)), Number(nanos.slice(-9))];
const valueOf = ({ stringValue, intValue }) => stringValue ?? Number(intValue);

const lines = (await text(process.stdin)).trim().split('\n');
/** What a call of a model that failed has wasted. */
function failedAttempt({ name, spanId, startTimeUnixNano }, end, contexts) {
  const attributes = {
    'hotspan.attempt.number': 1,
    'hotspan.attempt.outcome': 'error',
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 1_000,
    'gen_ai.usage.output_tokens': 0,
  };
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
  if (at === Math.floor(lines.length / 2)) await tracing.forceFlush();
}
await tracing.end();
console.log(JSON.stringify(tracing.summary()));
