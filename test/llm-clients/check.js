/**
 * Real clients of models, each with and without hotspan watching their requests: what they give is the same,
 * and each call is counted once, with its tokens, cost and model.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { figuresOf, instrumentation, server, watch } from './setup.js';

const { CLIENTS } = await import('./clients.js');
after(() => server.close());

async function ask(client, way) {
  const asked = client.make(server.url, server.http2Url);
  try {
    return JSON.parse(JSON.stringify(await asked[way](client.model)));
  } finally {
    asked.close?.();
  }
}

const once = { llmCalls: 1, inputTokens: 1_000, outputTokens: 100, errors: 0 };

for (const [name, client] of Object.entries(CLIENTS)) {
  describe(name, () => {
    for (const way of ['whole', 'streamed']) {
      it(`${way}: gives the same, and is counted once`, async () => {
        instrumentation.disable();
        const unwatched = await ask(client, way);
        instrumentation.enable();
        const { found, summary, spans } = await watch(() => ask(client, way));
        assert.deepEqual(found, unwatched);
        const { operation = 'chat', model, row = `${operation} ${model}` } = client;
        const rows = summary.bottlenecks.map((each) => each.name);
        // The AI SDK 7 tells of its steps as well.
        assert.ok(rows.includes(row), rows.join());
        assert.deepEqual(figuresOf(summary), { ...once, attempts: 1, retries: 0 });
        assert.deepEqual(summary.warnings, []);
        const { attributes } = spans.find((each) => each.name === `${operation} ${model}`);
        assert.equal(attributes['gen_ai.request.model'], model);
        const finish = client.finish === undefined ? undefined : [client.finish];
        assert.deepEqual(attributes['gen_ai.response.finish_reasons'], finish);
        assert.equal(attributes['gen_ai.usage.cost'] > 0, client.isPriced !== false);
        assert.equal('hotspan.llm.time_to_first_token' in attributes, way === 'streamed');
      });

      if (client.retries === false) continue;
      it(`${way}: a refusal and what follows are two attempts of one call`, async () => {
        server.failures = 1;
        server.refusedWith = client.refusedWith ?? 429;
        const { summary } = await watch(() => ask(client, way));
        assert.deepEqual(figuresOf(summary), { ...once, attempts: 2, retries: 1 });
        assert.ok(summary.totals.wastedSeconds > 0);
      });
    }
  });
}
