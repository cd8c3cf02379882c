import { describe, expect, it } from 'vitest';
import { CALL_ATTRIBUTES } from '../../src/call-attributes.js';
import * as semconv from '../../src/semconv.js';
import { readSpanFacts } from '../../src/trace/span-facts.js';
import type { SpanFacts } from '../../src/trace/span-record.js';

type Attributes = Readonly<Record<string, unknown>>;
type Row = readonly [title: string, attributes: Attributes, facts: object, scope?: string];

const json = JSON.stringify;
const chat = (provider: string, model: string, input: number, output: number) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': provider,
  'gen_ai.request.model': model,
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
});
const claude = (input: number, output: number) => {
  return chat('anthropic', 'claude-sonnet-4-5', input, output);
};
/** What Anthropic reports: the cached tokens are beside the others. */
const ANTHROPIC_USAGE = {
  input_tokens: 100,
  cache_read_input_tokens: 2_000,
  cache_creation_input_tokens: 3_000,
  cache_creation: { ephemeral_5m_input_tokens: 2_000, ephemeral_1h_input_tokens: 1_000 },
  output_tokens: 50,
};
const CACHED = { inputTokens: 5_100, cacheReadTokens: 2_000, cacheWriteTokens: 3_000 };
const aiSdk = (provider: string, model: string, input: number, output: number) => ({
  'ai.operationId': 'ai.generateText.doGenerate',
  'ai.model.provider': provider,
  'gen_ai.request.model': model,
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
});

const ROWS: readonly Row[] = [
  [
    'the conventions: with cached tokens',
    {
      ...claude(5_100, 50),
      'gen_ai.usage.cache_read.input_tokens': 2_000,
      'gen_ai.usage.cache_creation.input_tokens': 3_000,
    },
    CACHED,
  ],
  [
    'OpenLLMetry in JavaScript: without, also where more were not cached',
    { ...claude(3_100, 50), 'gen_ai.usage.cache_read.input_tokens': 2_000 },
    { inputTokens: 5_100, cacheReadTokens: 2_000 },
    '@traceloop/instrumentation-anthropic',
  ],
  [
    'OpenLLMetry in Python: with',
    { ...claude(5_100, 50), 'gen_ai.usage.cache_read_input_tokens': 2_000 },
    { inputTokens: 5_100, cacheReadTokens: 2_000 },
    'opentelemetry.instrumentation.anthropic',
  ],
  [
    'a total that shows that they are beside',
    {
      ...claude(3_100, 50),
      'gen_ai.usage.cache_read_input_tokens': 2_000,
      'llm.usage.total_tokens': '5150',
    },
    { inputTokens: 5_100, outputTokens: 50 },
  ],
  [
    'AI SDK 5 and Anthropic: what the provider reported',
    {
      ...aiSdk('anthropic.messages', 'claude-sonnet-4-5', 100, 50),
      'ai.usage.cachedInputTokens': 2_000,
      'ai.response.providerMetadata': json({ anthropic: { usage: ANTHROPIC_USAGE } }),
    },
    { ...CACHED, usageDetails: { cacheWriteOneHourTokens: 1_000 } },
  ],
  [
    'AI SDK 4 and Anthropic: written tokens alone in the metadata',
    {
      ...aiSdk('anthropic.messages', 'claude-sonnet-4-5', 4_100, 50),
      'ai.response.providerMetadata': json({ anthropic: { cacheCreationInputTokens: 1_000 } }),
    },
    { inputTokens: 5_100, cacheWriteTokens: 1_000 },
  ],
  [
    'AI SDK 6: alike for all providers',
    {
      ...aiSdk('anthropic.messages', 'claude-sonnet-4-5', 5_100, 50),
      'ai.usage.inputTokenDetails.noCacheTokens': 3_100,
      'ai.usage.inputTokenDetails.cacheReadTokens': 2_000,
    },
    { inputTokens: 5_100, cacheReadTokens: 2_000 },
  ],
  [
    'AI SDK 5 and Google: thoughts beside the output',
    {
      ...aiSdk('google.generative-ai', 'gemini-2.5-flash', 1_000, 80),
      'ai.usage.reasoningTokens': 20,
      'ai.usage.totalTokens': 1_100,
    },
    { inputTokens: 1_000, outputTokens: 100, reasoningTokens: 20 },
  ],
  [
    'a total of Google that alone tells of thoughts',
    { ...chat('Google', 'gemini-2.5-pro', 1_000, 80), 'gen_ai.usage.total_tokens': 1_100 },
    { outputTokens: 100 },
  ],
  [
    'the gateway of the AI SDK tells a cost',
    {
      ...aiSdk('gateway', 'openai/gpt-4o', 1_000, 100),
      'ai.response.providerMetadata': json({ gateway: { cost: '0.035' } }),
    },
    { costUsd: 0.035 },
  ],
  [
    'Logfire',
    {
      ...claude(5_100, 50),
      'gen_ai.usage.details.cache_read_tokens': 2_000,
      'gen_ai.usage.details.cache_write_tokens': 3_000,
      'operation.cost': 0.01,
    },
    { ...CACHED, costUsd: 0.01 },
  ],
  [
    'Sentry',
    {
      ...chat('openai', 'gpt-4o', 1_000, 100),
      'gen_ai.operation.name': 'generate_text',
      'gen_ai.usage.input_tokens.cached': 400,
      'gen_ai.usage.output_tokens.reasoning': 20,
      'gen_ai.cost.total_tokens': '0.02',
    },
    { cacheReadTokens: 400, reasoningTokens: 20, costUsd: 0.02 },
  ],
  [
    'LangSmith, whose details are JSON or what Python prints',
    {
      ...claude(5_100, 50),
      'langsmith.span.kind': 'llm',
      'gen_ai.usage.input_token_details':
        "{'cache_read': 2000, 'cache_creation': 0, 'ephemeral_5m_input_tokens': 2000, 'ephemeral_1h_input_tokens': 1000}",
    },
    { ...CACHED, usageDetails: { cacheWriteOneHourTokens: 1_000 } },
  ],
  [
    'MLflow, whose values are JSON',
    {
      'mlflow.spanType': '"CHAT_MODEL"',
      'mlflow.llm.model': '"gpt-4o"',
      'mlflow.chat.tokenUsage': json({
        input_tokens: 1_000,
        output_tokens: 100,
        cache_read_input_tokens: 400,
      }),
      'mlflow.llm.cost': json({ input_cost: 0.01, output_cost: 0.02 }),
    },
    { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 400, costUsd: 0.03 },
  ],
  [
    'Langfuse, whose parts are beside each other',
    {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': json({
        input: 100,
        cache_read_input_tokens: 2_000,
        input_cache_creation: 3_000,
        output: 30,
        output_reasoning_tokens: 20,
      }),
      'langfuse.observation.cost_details': json({ input: '0.01', output: 0.02 }),
    },
    { ...CACHED, outputTokens: 50, reasoningTokens: 20, costUsd: 0.03 },
  ],
  [
    'Braintrust',
    {
      'braintrust.span_attributes': json({ name: 'answer', type: 'llm' }),
      'braintrust.metadata': json({ model: 'gpt-4o' }),
      'braintrust.metrics': json({ prompt_tokens: 1_000, completion_tokens: 100, tokens: 1_100 }),
    },
    { llmCall: { model: 'gpt-4o' }, inputTokens: 1_000, outputTokens: 100 },
  ],
  [
    'Genkit, whose answers hold what the provider reported',
    {
      'genkit:metadata:subtype': 'model',
      'genkit:name': 'anthropic/claude-sonnet-4-5',
      'genkit:output': json({ usage: { inputTokens: 100 }, raw: { usage: ANTHROPIC_USAGE } }),
    },
    { ...CACHED, outputTokens: 50 },
  ],
  [
    'OpenInference, with audio',
    {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'gpt-4o-audio-preview',
      'llm.token_count.prompt': 1_000,
      'llm.token_count.completion': 100,
      'llm.token_count.prompt_details.audio': 600,
      'llm.cost.prompt': 0.01,
      'llm.cost.completion': 0.02,
    },
    { usageDetails: { inputAudioTokens: 600 }, costUsd: 0.03 },
  ],
  [
    'how a request was sold',
    {
      ...chat('openai', 'gpt-4o', 1_000, 100),
      'openai.request.service_tier': 'auto',
      'openai.response.service_tier': 'flex',
    },
    { usageDetails: { serviceTier: 'flex' } },
  ],
  [
    'what is not in a cost of hotspan',
    {
      ...chat('openai', 'gpt-4o', 1_000, 100),
      'gen_ai.usage.cost': 0.02,
      'hotspan.cost.source': 'price_table',
      'hotspan.cost.excludes': ['web_search'],
    },
    { costUsd: 0.02, isCostComputed: true, costExcludes: ['web_search'] },
  ],
  [
    'Bedrock below OpenInference: what only the total tells, without a price',
    {
      'openinference.span.kind': 'LLM',
      'llm.provider': 'aws',
      'llm.model_name': 'anthropic.claude-sonnet-4-5-v1:0',
      'llm.token_count.prompt': 100,
      'llm.token_count.completion': 50,
      'llm.token_count.total': 5_150,
    },
    {
      inputTokens: 5_100,
      costExcludes: ['cache_read'],
      warnings: ['a call had 5000 tokens that only the total tells, so that its cost is unknown'],
    },
  ],
];

describe('what a call used and cost', () => {
  const rows = ROWS.map(([title, attributes, facts, scope]) => ({
    title,
    attributes,
    facts,
    scope,
  }));

  it.each(rows)('$title', ({ attributes, facts, scope }) => {
    const read = readSpanFacts('client', attributes, 'call', scope);
    expect(read.llmCall).toBeDefined();
    expect(read).toMatchObject(facts);
  });

  it.each([
    ['gen_ai.usage.cost'],
    ['gen_ai.usage.cost.amount'],
    ['gen_ai.usage.cost.usd'],
    ['gen_ai.usage.total_cost'],
    ['llm.usage.total_cost'],
    ['llm.cost.total'],
    ['litellm.cost.total'],
  ])('a cost may be %s', (name) => {
    const attributes = { ...chat('my-provider', 'mine', 10, 1), [name]: 0.5 };
    expect(readSpanFacts('client', attributes).costUsd).toBe(0.5);
  });

  it('is no cost in another currency', () => {
    const { costUsd, warnings } = readSpanFacts('client', {
      ...chat('my-provider', 'mine', 10, 1),
      'gen_ai.usage.cost.amount': 0.5,
      'gen_ai.usage.cost.currency': 'EUR',
    });
    expect(costUsd).toBeUndefined();
    expect(warnings).toEqual(['a cost in EUR was left out, since costs are in USD']);
  });
});

describe("hotspan's own spans", () => {
  it('are read by the names that they are written with, before all others', () => {
    const own = [...semconv.TOKEN_ATTRIBUTES, ...semconv.DETAIL_ATTRIBUTES];
    for (const [field, name] of own) expect(CALL_ATTRIBUTES[field][0]).toBe(name);
  });
});

describe('figures that cannot be right', () => {
  const tokensOf = ({ inputTokens, outputTokens }: SpanFacts) => [inputTokens, outputTokens];
  const odd = [-1, NaN, Infinity, 1e12, 'many', {}, [5], true, 'x'.repeat(100_000)];

  it.each(odd.map((value) => [value]))('%s: no tokens, and a warning with the name', (value) => {
    const name = 'gen_ai.usage.cache_read.input_tokens';
    const facts = readSpanFacts('client', { ...chat('openai', 'gpt-4o', 10, 1), [name]: value });
    expect(tokensOf(facts)).toEqual([undefined, undefined]);
    expect(facts.warnings).toEqual([expect.stringContaining(name)]);
  });

  it('has more cached than input tokens, at a provider that counts them in', () => {
    const cached = { 'gen_ai.usage.cache_read.input_tokens': 9_000 };
    const facts = readSpanFacts('client', { ...chat('openai', 'gpt-4o', 10, 1), ...cached });
    expect(tokensOf(facts)).toEqual([undefined, undefined]);
    expect(facts.warnings).toEqual([
      'a call had more cacheReadTokens than inputTokens, so that its tokens were left out',
    ]);
  });
});

describe('a call that is certain', () => {
  it.each([
    [{ 'openinference.span.kind': 'RERANKER' }, true],
    [{ 'langfuse.observation.type': 'embedding' }, true],
    [{ 'lmnr.span.type': 'LLM' }, true],
    [{ 'llm.request.type': 'chat' }, true],
    [{ 'langsmith.span.kind': 'prompt', 'gen_ai.operation.name': 'chat' }, false],
    [{ 'gen_ai.operation.name': 'workflow_step' }, false],
    [{ 'gen_ai.operation.name': 'model_chunk', 'openinference.span.kind': 'LLM' }, true],
    [{ 'gen_ai.operation.name': 'invoke_agent', 'openinference.span.kind': 'LLM' }, false],
    [{ 'traceloop.span.kind': 'workflow', 'llm.request.type': 'chat' }, false],
    [{ 'mlflow.spanType': '"CHAIN"' }, false],
    [{ 'gen_ai.request.model': 'gpt-4o' }, false],
  ])('%j: %s', (attributes, isCall) => {
    expect(readSpanFacts('internal', attributes).llmCall !== undefined).toBe(isCall);
  });

  it('is one that OpenLLMetry’s Bedrock tells no more of than the model', () => {
    const attributes = { 'gen_ai.request.model': 'claude-3-5-sonnet-20240620-v1:0' };
    const scope = '@traceloop/instrumentation-bedrock';
    expect(readSpanFacts('client', attributes, 'bedrock.completion', scope)).toMatchObject({
      rowName: expect.stringMatching(/^chat claude-3-5-sonnet/) as string,
      llmCall: { reporter: scope },
    });
    expect(readSpanFacts('client', attributes, 'call', 'others').llmCall).toBeUndefined();
  });
});

it.each<[string, Attributes, number]>([
  ['the conventions', { 'gen_ai.response.time_to_first_chunk': 0.25 }, 0.25],
  ['the AI SDK', { 'ai.response.msToFirstChunk': 250 }, 0.25],
  ['the AI SDK, formerly', { 'ai.stream.msToFirstChunk': 250 }, 0.25],
  ['ours', { [semconv.HOTSPAN_LLM_TIME_TO_FIRST_TOKEN]: 0.25 }, 0.25],
  [
    'the conventions beside the AI SDK',
    { 'ai.response.msToFirstChunk': 900, 'gen_ai.response.time_to_first_chunk': 0.25 },
    0.25,
  ],
])('reads the time to the first token as %s tell it', (_, told, seconds) => {
  const attributes = { ...chat('openai', 'gpt-4o', 100, 10), ...told };
  expect(readSpanFacts('client', attributes).firstTokenSeconds).toBe(seconds);
});
