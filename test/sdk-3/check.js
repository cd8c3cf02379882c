// hotspan in a host on OpenTelemetry SDK 3.x, which needs a newer Node than hotspan does: the npm
// package `node` brings one. `npm run test:sdk-3` installs both here and runs this file with it.
import assert from 'node:assert/strict';
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

// The built hotspan is a host's dependency here: it must use the host's API, as npm would have it.
const here = createRequire(import.meta.url);
const api = pathToFileURL(here.resolve('@opentelemetry/api')).href;
registerHooks({
  resolve: (name, context, next) =>
    name === '@opentelemetry/api' ? { url: api, shortCircuit: true } : next(name, context),
});

const { context, trace } = await import('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } =
  await import('@opentelemetry/sdk-trace');
const { llmCall, segment } = await import('../../dist/doors/hotspan.js');
const { BottleneckSpanProcessor } = await import('../../dist/doors/processor.js');

const bottlenecks = new BottleneckSpanProcessor();
const exporter = new InMemorySpanExporter();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(
  new TracerProvider({
    spanProcessors: [bottlenecks, new SimpleSpanProcessor({ exporter })],
  }),
);

await segment('answer', async () => {
  await Promise.all([segment('search', () => Promise.resolve(1)), segment('search', () => 2)]);
  await llmCall(
    { provider: 'openai', model: 'gpt-4o', maxAttempts: 2, backoffMillis: 1 },
    ({ attempt }) => {
      if (attempt === 1) throw new Error('again');
      return { usage: { prompt_tokens: 1000, completion_tokens: 100 } };
    },
  );
});

const summary = bottlenecks.summary();
const calls = Object.fromEntries(summary.bottlenecks.map((row) => [row.name, row.calls]));
assert.deepEqual(calls, { 'chat gpt-4o': 1, answer: 1, search: 2 });
assert.deepEqual(summary.spans, { analyzed: 6, late: 0, dropped: 0 });
assert.equal(summary.totals.costUsd, 0.0035);
assert.equal(summary.totals.retries, 1);
const critical = summary.bottlenecks.reduce((sum, row) => sum + row.criticalSeconds, 0);
assert.ok(Math.abs(critical - summary.latency.totalSeconds) < 1e-9);
assert.deepEqual(summary.warnings, []);

const spans = new Map(exporter.getFinishedSpans().map((span) => [span.name, span]));
const parent = spans.get('chat gpt-4o').parentSpanContext.spanId;
assert.equal(parent, spans.get('answer').spanContext().spanId);

// A call that another instrumentation reports gets its cost before it is exported.
const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
const other = trace.getTracer('other').startSpan('other', { attributes });
other.setAttributes({ 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.output_tokens': 100 });
other.end();
const exported = exporter.getFinishedSpans().at(-1);
assert.equal(exported.attributes['gen_ai.usage.cost'], 0.0035);
assert.equal(bottlenecks.summary().totals.costUsd, 0.007);
console.log(`hotspan ranks what SDK 3 records, on Node ${process.versions.node}`);
