import { describe, expect, it } from 'vitest';
import { readSpanFacts } from '../../src/trace/span-facts.js';

describe('readSpanFacts', () => {
  it('reads an LLM call, the model that answered before the one that was asked', () => {
    expect(
      readSpanFacts('client', {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.response.model': 'gpt-4o-2024-08-06',
        'gen_ai.usage.input_tokens': 10,
        'gen_ai.usage.output_tokens': 3,
        'gen_ai.usage.cost': 0.25,
      }),
    ).toEqual({
      llmCall: { provider: 'openai', model: 'gpt-4o-2024-08-06', requestModel: 'gpt-4o' },
      rowName: 'chat gpt-4o',
      inputTokens: 10,
      outputTokens: 3,
      costUsd: 0.25,
    });
  });

  it('knows operations that are written and are not in the conventions', () => {
    const attributes = { 'gen_ai.operation.name': 'responses', 'gen_ai.usage.input_tokens': 3 };
    expect(readSpanFacts('client', attributes)).toMatchObject({ llmCall: {}, inputTokens: 3 });
  });

  it('keeps apart what a span of any other operation tells of calls that may be inside it', () => {
    const attributes = { 'gen_ai.operation.name': 'workflow_step', 'gen_ai.usage.input_tokens': 3 };
    expect(readSpanFacts('internal', attributes).ifAlone).toBeUndefined();
    const named = { ...attributes, 'gen_ai.request.model': 'gpt-4o' };
    const facts = readSpanFacts('internal', named);
    expect(facts.llmCall).toBeUndefined();
    expect(facts.ifAlone).toMatchObject({ llmCall: { model: 'gpt-4o' }, inputTokens: 3 });
  });

  it('reads the model calls of Langfuse, whose usage and cost are JSON', () => {
    const facts = readSpanFacts('internal', {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.model.name': 'gpt-4o',
      'langfuse.observation.usage_details':
        '{"input":600,"input_cache_read":400,"output":80,"output_reasoning":20,"total":1100}',
      'langfuse.observation.cost_details': '{"input":0.002,"output":0.001}',
    });
    expect(facts).toMatchObject({
      llmCall: { model: 'gpt-4o' },
      inputTokens: 1_000,
      cacheReadTokens: 400,
      outputTokens: 100,
      reasoningTokens: 20,
      costUsd: 0.003,
    });
    const agent = { 'langfuse.observation.type': 'agent' };
    expect(readSpanFacts('internal', agent).llmCall).toBeUndefined();
    const tool = { 'langfuse.observation.type': 'tool' };
    expect(readSpanFacts('internal', tool)).toMatchObject({ isToolCall: true });
  });

  it.each(['{', '[]', 'null', '{"input":"many"}', `{"input":${'1'.repeat(20_000)}}`])(
    'reads no usage where Langfuse has %s',
    (usage) => {
      const { llmCall, inputTokens } = readSpanFacts('internal', {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.usage_details': usage,
      });
      expect(llmCall).toBeDefined();
      expect(inputTokens).toBeUndefined();
    },
  );

  it('reads the cached tokens of LangSmith, which are JSON', () => {
    const facts = readSpanFacts('internal', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 1_000,
      'gen_ai.usage.input_token_details': '{"cache_read":200}',
      'gen_ai.usage.output_token_details': '{}',
    });
    expect(facts).toMatchObject({ inputTokens: 1_000, cacheReadTokens: 200 });
  });

  it('does not count usage of spans that only contain model calls', () => {
    const attributes = { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.usage.cost': 1 };
    expect(readSpanFacts('internal', attributes)).toEqual({ ifAlone: { costUsd: 1 } });
    const agent = { ...attributes, 'gen_ai.operation.name': 'invoke_agent' };
    expect(readSpanFacts('internal', agent)).toEqual({
      callWrapper: { model: undefined },
      ifAlone: { costUsd: 1 },
    });
  });

  it('tells no tokens of a call where one figure is none, with a warning, and reads figures written as text', () => {
    const facts = readSpanFacts('client', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': Number.NaN,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.usage.cost': '0.25',
      'hotspan.warning': ['said on the span', 5],
    });
    expect(facts).toEqual({
      llmCall: { provider: undefined, model: undefined },
      costUsd: 0.25,
      warnings: [
        'said on the span',
        'gen_ai.usage.input_tokens was not a number from 0 to 1,000,000,000 and was left out',
      ],
    });
  });

  it('reads an attempt, and tolerates an outcome it does not know', () => {
    expect(
      readSpanFacts('internal', {
        'hotspan.attempt.number': 2,
        'hotspan.attempt.backoff': 0.5,
        'hotspan.attempt.outcome': 'perhaps',
      }),
    ).toEqual({ attempt: { number: 2, outcome: undefined, backoffSeconds: 0.5 } });
  });

  it.each(['http.request.method', 'http.method'])('knows an HTTP client by %s', (attribute) => {
    expect(readSpanFacts('client', { [attribute]: 'POST' })).toEqual({ isHttpClient: true });
    expect(readSpanFacts('server', { [attribute]: 'POST' })).toEqual({});
  });
});

it('reads the session where the request tells it, and not only the call of a model', () => {
  const facts = readSpanFacts('server', { 'session.id': 's1' }, 'POST /chat');
  expect(facts.sessionId).toBe('s1');
  expect(facts.llmCall).toBeUndefined();
});
