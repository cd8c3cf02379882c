/**
 * Real clients of models, each with and without hotspan watching their requests: what they give is the same,
 * and each call is counted once, with its tokens, cost and model. Uses hotspan as it is built.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
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

const instrumentation = new ModelCallInstrumentation();
const bottlenecks = new BottleneckSpanProcessor();
const exporter = new InMemorySpanExporter();
const spanProcessors = [bottlenecks, new SimpleSpanProcessor(exporter)];
new NodeTracerProvider({ spanProcessors }).register();
// Some take `fetch` when they are loaded.
const { CLIENTS } = await import('./clients.js');
const server = await startServer();
// The table takes longer to load than this server to answer.
before(() => priceTable());
after(() => server.close());

async function ask(client, way) {
  const asked = client.make(server.url, server.http2Url);
  try {
    return JSON.parse(JSON.stringify(await asked[way](client.model)));
  } finally {
    asked.close?.();
  }
}

async function askWatched(client, way) {
  bottlenecks.reset();
  exporter.reset();
  instrumentation.enable();
  const found = await segment('ask', () => ask(client, way));
  const { totals, bottlenecks: rows, warnings } = bottlenecks.summary();
  const { operation = 'chat', model } = client;
  const span = exporter.getFinishedSpans().find(({ name }) => name === `${operation} ${model}`);
  return { found, totals, rows: rows.map(({ name }) => name), warnings, span };
}

/** The figures that the name of a test speaks of. */
function figuresOf({ llmCalls, inputTokens, outputTokens, attempts, retries, errors }) {
  return { llmCalls, inputTokens, outputTokens, attempts, retries, errors };
}
const once = { llmCalls: 1, inputTokens: 1_000, outputTokens: 100, errors: 0 };

for (const [name, client] of Object.entries(CLIENTS)) {
  describe(name, () => {
    for (const way of ['whole', 'streamed']) {
      it(`${way}: gives the same, and is counted once`, async () => {
        instrumentation.disable();
        const unwatched = await ask(client, way);
        const { found, totals, rows, warnings, span } = await askWatched(client, way);
        assert.deepEqual(found, unwatched);
        assert.deepEqual(rows.sort(), ['ask', client.row ?? span.name].sort());
        assert.deepEqual(figuresOf(totals), { ...once, attempts: 1, retries: 0 });
        assert.deepEqual(warnings, []);
        const { attributes } = span;
        assert.equal(attributes['gen_ai.request.model'], client.model);
        const finish = client.finish === undefined ? undefined : [client.finish];
        assert.deepEqual(attributes['gen_ai.response.finish_reasons'], finish);
        assert.equal(attributes['gen_ai.usage.cost'] > 0, client.isPriced !== false);
        assert.equal('hotspan.llm.time_to_first_token' in attributes, way === 'streamed');
      });

      if (client.retries === false) continue;
      it(`${way}: a refusal and what follows are two attempts of one call`, async () => {
        server.failures = 1;
        server.refusedWith = client.refusedWith ?? 429;
        const { totals } = await askWatched(client, way);
        assert.deepEqual(figuresOf(totals), { ...once, attempts: 2, retries: 1 });
        assert.ok(totals.wastedSeconds > 0);
      });
    }
  });
}
