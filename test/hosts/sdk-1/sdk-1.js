import { context, propagation, trace } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  NodeTracerProvider,
} from '@opentelemetry/sdk-trace-node';
import { BottleneckSpanProcessor } from 'hotspan/processor';
import * as hotspan from 'hotspan';
import { tell } from '../tell.js';
import { work } from '../work.js';

const bottlenecks = new BottleneckSpanProcessor();
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({
  spanProcessors: [bottlenecks, new BatchSpanProcessor(exporter)],
});
provider.register();

await work(hotspan);
// What another service began: its span is the parent of a local root here.
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const from = propagation.extract(context.active(), { traceparent });
await context.with(from, () => work(hotspan));
// Two that start under the ids of a parent, without the parent itself.
const parent = trace.getTracer('own').startSpan('job');
const ids = trace.setSpanContext(context.active(), parent.spanContext());
await context.with(ids, () => Promise.all([work(hotspan), work(hotspan)]));
parent.end();
await provider.forceFlush();
tell(bottlenecks.summary(), { spans: exporter.getFinishedSpans().map(({ name }) => name) });
