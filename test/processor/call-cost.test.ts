import { SpanKind, trace, type Attributes } from '@opentelemetry/api';
import { llmCall, retry, segment } from 'hotspan';
import { setPrices } from 'hotspan/processor';
import { afterEach, describe, expect, it } from 'vitest';
import { startSdk, stopSdkAfterEach, type Sdk } from '../support/sdk.js';

stopSdkAfterEach();
afterEach(() => setPrices(undefined));

/** A span of another instrumentation, which learns of the usage at its end. */
function foreignCall(name: string, atStart: Attributes, atEnd: Attributes = {}): void {
  const span = trace
    .getTracer('other')
    .startSpan(name, { kind: SpanKind.CLIENT, attributes: atStart });
  span.setAttributes(atEnd);
  span.end();
}

const GPT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
const OPENAI = { ...GPT, 'gen_ai.provider.name': 'openai' };
const USAGE = { 'gen_ai.usage.input_tokens': 1_000, 'gen_ai.usage.output_tokens': 100 };
/** 1,000 × $2.50 + 100 × $10 per million, by hand. */
const USD = 0.0035;
const response = { usage: { prompt_tokens: 1_000, completion_tokens: 100 } };

/** The costs that were exported, by the name of the span. */
function costs(sdk: Sdk): Record<string, unknown> {
  const spans = sdk.spans().map(({ name, attributes }) => [name, attributes['gen_ai.usage.cost']]);
  return Object.fromEntries(spans.filter(([, cost]) => cost !== undefined)) as never;
}

const gpt = { provider: 'openai', model: 'gpt-4o' };
const close = (usd: number) => expect.closeTo(usd, 12) as number;

it('is priced at once, if it is the first of its process', () => {
  const sdk = startSdk();
  foreignCall('chat gpt-4o', OPENAI, USAGE);
  expect(sdk.bottlenecks.summary().totals).toMatchObject({ costUsd: close(USD), unpricedCalls: 0 });
});

describe('a call that another instrumentation reports', () => {
  it.each<[string, Attributes, Attributes, number]>([
    ['today’s conventions', OPENAI, USAGE, USD],
    ['the older ones', { ...GPT, 'gen_ai.system': 'openai' }, USAGE, USD],
    [
      'the oldest ones, without an operation',
      { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'gpt-4o' },
      { 'gen_ai.usage.prompt_tokens': 1_000, 'gen_ai.usage.completion_tokens': 100 },
      USD,
    ],
    [
      'OpenLLMetry, cached tokens apart',
      {
        'llm.request.type': 'chat',
        'gen_ai.system': 'Anthropic',
        'gen_ai.request.model': 'claude-sonnet-4-5',
      },
      {
        'gen_ai.usage.prompt_tokens': 100,
        'gen_ai.usage.completion_tokens': 50,
        'gen_ai.usage.cache_read_input_tokens': 400,
        'gen_ai.usage.cache_creation_input_tokens': 200,
      },
      // 100 × $3 + 400 × $0.30 + 200 × $3.75 + 50 × $15 per million.
      0.00192,
    ],
    [
      'the Vercel AI SDK',
      {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.model.provider': 'openai.responses',
        'ai.model.id': 'gpt-4o',
      },
      {
        'ai.usage.inputTokens': 1_000,
        'ai.usage.inputTokenDetails.cacheReadTokens': 400,
        'ai.usage.outputTokens': 100,
      },
      // 600 × $2.50 + 400 × $1.25 + 100 × $10 per million.
      0.003,
    ],
    [
      'embeddings of the Vercel AI SDK',
      {
        'ai.operationId': 'ai.embed.doEmbed',
        'ai.model.provider': 'openai.embedding',
        'ai.model.id': 'text-embedding-3-small',
      },
      { 'ai.usage.tokens': 1_000_000 },
      0.02,
    ],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.provider': 'openai',
        'llm.model_name': 'gpt-4o',
      },
      {
        'llm.token_count.prompt': 1_000,
        'llm.token_count.completion': 100,
        'llm.token_count.prompt_details.cache_read': 400,
      },
      0.003,
    ],
  ])('is priced: %s', (_what, atStart, atEnd, usd) => {
    const sdk = startSdk();
    segment('answer', () => foreignCall('call', atStart, atEnd));
    expect(sdk.span('call').attributes).toMatchObject({
      'gen_ai.usage.cost': close(usd),
      'hotspan.cost.source': 'price_table',
    });
    const { totals, models } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, unpricedCalls: 0, costUsd: close(usd) });
    expect(models).toMatchObject([{ calls: 1, costUsd: close(usd) }]);
    expect(costs(sdk)).toEqual({ call: close(usd) });
  });

  it.each<[string, Attributes]>([
    ['an agent', { 'gen_ai.operation.name': 'invoke_agent', ...USAGE }],
    [
      'the AI SDK’s whole',
      { 'ai.operationId': 'ai.generateText', 'ai.model.id': 'gpt-4o', ...USAGE },
    ],
    ['a chain', { 'openinference.span.kind': 'CHAIN', 'llm.token_count.prompt': 5 }],
    ['a workflow', { 'traceloop.span.kind': 'workflow', 'gen_ai.request.model': 'gpt-4o' }],
  ])('is not %s, which repeats what is inside', (_what, attributes) => {
    const sdk = startSdk();
    trace.getTracer('other').startActiveSpan('whole', { attributes }, (span) => {
      foreignCall('call', OPENAI, USAGE);
      span.end();
    });
    expect(costs(sdk)).toEqual({ call: close(USD) });
    const { totals } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, inputTokens: 1_000, costUsd: close(USD) });
  });

  it.each(['gen_ai.usage.cost', 'llm.cost.total', 'operation.cost'])(
    'keeps the cost that it brings as %s',
    (name) => {
      const sdk = startSdk();
      foreignCall('call', OPENAI, { ...USAGE, [name]: 0.25 });
      expect(sdk.span('call').attributes).not.toHaveProperty('hotspan.cost.source');
      expect(sdk.bottlenecks.summary().totals.costUsd).toBe(0.25);
    },
  );

  it('is priced by the user’s own prices first', () => {
    const sdk = startSdk();
    setPrices({ 'gpt-4o': { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } });
    foreignCall('call', OPENAI, USAGE);
    expect(sdk.span('call').attributes).toMatchObject({
      'gen_ai.usage.cost': close(0.0011),
      'hotspan.cost.source': 'override',
    });
  });

  it('has no cost when its model has no price', () => {
    const sdk = startSdk();
    foreignCall('call', { ...OPENAI, 'gen_ai.request.model': 'unheard-of' }, USAGE);
    expect(costs(sdk)).toEqual({});
    const { totals, models } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, unpricedCalls: 1 });
    expect(models).toMatchObject([{ model: 'unheard-of', unpricedCalls: 1 }]);
  });
});

describe('a call that is seen twice', () => {
  it.each([true, false])('costs once, on the span of llmCall (rows folded: %s)', async (fold) => {
    const sdk = startSdk({ bottlenecks: { fold } });
    await segment('answer', () =>
      llmCall(gpt, () => {
        foreignCall('inner', OPENAI, USAGE);
        return response;
      }),
    );
    expect(costs(sdk)).toEqual({ 'chat gpt-4o': close(USD) });
    const { totals, models } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({
      llmCalls: 1,
      inputTokens: 1_000,
      outputTokens: 100,
      costUsd: close(USD),
    });
    expect(models).toMatchObject([{ calls: 1, inputTokens: 1_000, costUsd: close(USD) }]);
  });

  it('gives llmCall the usage that its response did not have', async () => {
    const sdk = startSdk();
    await llmCall(gpt, () => {
      foreignCall('inner', OPENAI, { ...USAGE, 'gen_ai.usage.cache_read.input_tokens': 400 });
      return 'only the text';
    });
    expect(sdk.span('chat gpt-4o').attributes).toMatchObject({
      ...USAGE,
      'gen_ai.usage.cache_read.input_tokens': 400,
      'gen_ai.usage.cost': close(0.003),
      'hotspan.cost.source': 'price_table',
      'hotspan.warning': [],
    });
    expect(costs(sdk)).toEqual({ 'chat gpt-4o': close(0.003) });
    const { totals, warnings } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ unpricedCalls: 0, inputTokens: 1_000, costUsd: close(0.003) });
    expect(warnings).toEqual([]);
  });

  it('leaves the cost where an inner span brings it', async () => {
    const sdk = startSdk();
    await llmCall(gpt, () => {
      foreignCall('inner', OPENAI, { ...USAGE, 'gen_ai.usage.cost': 0.25 });
      return 'only the text';
    });
    expect(costs(sdk)).toEqual({ inner: 0.25 });
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      costUsd: 0.25,
      unpricedCalls: 0,
      inputTokens: 1_000,
    });
  });

  it('leaves the cost where a span deeper inside brings it', () => {
    const sdk = startSdk();
    const tracer = trace.getTracer('other');
    tracer.startActiveSpan('outer', { attributes: OPENAI }, (outer) => {
      tracer.startActiveSpan('middle', { attributes: OPENAI }, (middle) => {
        foreignCall('inner', OPENAI, { ...USAGE, 'gen_ai.usage.cost': 0.25 });
        middle.setAttributes(USAGE);
        middle.end();
      });
      outer.setAttributes(USAGE);
      outer.end();
    });
    expect(costs(sdk)).toEqual({ inner: 0.25 });
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      llmCalls: 1,
      unpricedCalls: 0,
      costUsd: 0.25,
    });
  });

  it.each([2, 3])('costs once when llmCall is wrapped around it: %i of them', async (depth) => {
    const sdk = startSdk();
    const nested = (level: number): Promise<unknown> =>
      llmCall(gpt, () => (level === depth ? response : nested(level + 1)));
    await segment('answer', () => nested(1));
    const priced = sdk.spans().filter(({ attributes }) => 'gen_ai.usage.cost' in attributes);
    expect(priced.map(({ attributes }) => attributes['gen_ai.usage.cost'])).toEqual([close(USD)]);
    // The innermost, which ends first.
    expect(priced[0]).toBe(sdk.spans().find(({ name }) => name === 'chat gpt-4o'));
    const { totals, models, bottlenecks } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ llmCalls: 1, unpricedCalls: 0, costUsd: close(USD) });
    expect(models).toMatchObject([{ calls: 1, inputTokens: 1_000, costUsd: close(USD) }]);
    expect(bottlenecks.find(({ name }) => name === 'answer')?.totalCostUsd).toEqual(close(USD));
  });

  it('has its cost on the outer span where only that tells of all of it', async () => {
    const sdk = startSdk();
    await llmCall(gpt, async () => {
      await llmCall(gpt, () => response);
      return { ...response, usage: { prompt_tokens: 2_000, completion_tokens: 200 } };
    });
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      llmCalls: 1,
      inputTokens: 2_000,
      costUsd: close(2 * USD),
    });
  });

  it('puts what a failed attempt used on that attempt, and into the waste', async () => {
    const sdk = startSdk();
    await llmCall({ ...gpt, maxAttempts: 2, backoffMillis: 0 }, ({ attempt }) => {
      foreignCall('inner', OPENAI, USAGE);
      if (attempt === 1) throw new Error('not JSON');
      return response;
    });
    const [failed] = sdk.spans().filter(({ name }) => name === 'chat gpt-4o attempt');
    expect(failed?.attributes).toMatchObject({ ...USAGE, 'gen_ai.usage.cost': close(USD) });
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      llmCalls: 1,
      inputTokens: 2_000,
      costUsd: close(2 * USD),
      wastedCostUsd: close(USD),
    });
  });

  it('is one call also when three instrumentations see it', () => {
    const sdk = startSdk();
    const tracer = trace.getTracer('other');
    tracer.startActiveSpan('outer', { attributes: OPENAI }, (outer) => {
      tracer.startActiveSpan('middle', { attributes: OPENAI }, (middle) => {
        foreignCall('inner', OPENAI, USAGE);
        middle.setAttributes(USAGE);
        middle.end();
      });
      outer.end();
    });
    expect(costs(sdk)).toEqual({ outer: close(USD) });
    expect(sdk.bottlenecks.summary().totals).toMatchObject({
      llmCalls: 1,
      inputTokens: 1_000,
      costUsd: close(USD),
    });
  });

  it('is two calls when the models are two', async () => {
    const sdk = startSdk();
    await llmCall(gpt, () => {
      foreignCall('judge', { ...OPENAI, 'gen_ai.request.model': 'gpt-4o-mini' }, USAGE);
      return response;
    });
    expect(Object.keys(costs(sdk)).sort()).toEqual(['chat gpt-4o', 'judge']);
    expect(sdk.bottlenecks.summary().totals).toMatchObject({ llmCalls: 2, inputTokens: 2_000 });
  });
});

describe('what calls cost inside', () => {
  it('is the waste of the failed attempt around them', async () => {
    const sdk = startSdk();
    await retry('answer', { maxAttempts: 2, backoffMillis: 0 }, async ({ attempt }) => {
      await llmCall(gpt, () => response);
      if (attempt === 1) throw new Error('not good enough');
    });
    const { totals, bottlenecks } = sdk.bottlenecks.summary();
    expect(totals).toMatchObject({ costUsd: close(2 * USD), wastedCostUsd: close(USD) });
    expect(bottlenecks.find(({ name }) => name === 'answer')?.wastedCostUsd).toEqual(close(USD));
    expect(bottlenecks.find(({ name }) => name === 'chat gpt-4o')).not.toHaveProperty(
      'wastedCostUsd',
    );
  });

  it('is the total cost of the agents that made them', async () => {
    const sdk = startSdk();
    await segment('conductor', async () => {
      for (const agent of ['one', 'two']) {
        await segment(`invoke_agent ${agent}`, async () => {
          await llmCall(gpt, () => response);
          if (agent === 'two') await segment('tool', () => llmCall(gpt, () => response));
        });
      }
    });
    const rows = sdk.bottlenecks.summary().bottlenecks;
    const total = Object.fromEntries(rows.map(({ name, totalCostUsd }) => [name, totalCostUsd]));
    expect(total).toEqual({
      conductor: close(3 * USD),
      'invoke_agent one': close(USD),
      'invoke_agent two': close(2 * USD),
      tool: close(USD),
      'chat gpt-4o': close(3 * USD),
    });
    expect(rows.find(({ name }) => name === 'conductor')).not.toHaveProperty('costUsd');
  });
});
