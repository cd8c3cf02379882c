/** OpenTelemetry with hotspan as it is built, and the fake server, for one file of checks. */
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { segment } from '../../dist/doors/hotspan.js';
import {
  BottleneckSpanProcessor,
  ModelCallInstrumentation,
  priceTable,
} from '../../dist/doors/processor.js';
import { startServer } from './fake-server.js';

/** Before the clients are loaded: some take `fetch` then. */
export const instrumentation = new ModelCallInstrumentation();
const bottlenecks = new BottleneckSpanProcessor();
const exporter = new InMemorySpanExporter();
const spanProcessors = [bottlenecks, new SimpleSpanProcessor(exporter)];
new NodeTracerProvider({ spanProcessors }).register();
export const server = await startServer();
// The table takes longer to load than this server to answer.
await priceTable();

/** Runs `work` in a segment named `ask`, and returns what it gave and what was seen of it. */
export async function watch(work) {
  bottlenecks.reset();
  exporter.reset();
  const found = await segment('ask', work);
  return { found, spans: exporter.getFinishedSpans(), summary: bottlenecks.summary() };
}

/** The figures that most checks are about. */
export function figuresOf({ totals }) {
  const { llmCalls, inputTokens, outputTokens, attempts, retries, errors } = totals;
  return { llmCalls, inputTokens, outputTokens, attempts, retries, errors };
}

/** The names of the spans, each indented below its parent. Those of a parent are in the order of their start. */
export function treeOf(spans) {
  const startOf = ({ startTime: [seconds, nanos] }) => seconds * 1e9 + nanos;
  const below = (parent, indent) =>
    spans
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)
      .sort((a, b) => startOf(a) - startOf(b))
      .flatMap((span) => [indent + span.name, ...below(span.spanContext().spanId, `${indent}  `)]);
  return below(undefined, '');
}
