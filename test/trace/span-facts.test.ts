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
      inputTokens: 10,
      outputTokens: 3,
      costUsd: 0.25,
    });
  });

  it('takes operations that the conventions do not know for model calls', () => {
    const attributes = { 'gen_ai.operation.name': 'responses', 'gen_ai.usage.input_tokens': 3 };
    expect(readSpanFacts('client', attributes)).toMatchObject({ llmCall: {}, inputTokens: 3 });
  });

  it('does not count usage of spans that only contain model calls', () => {
    const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.cost': 1 };
    expect(readSpanFacts('internal', attributes)).toEqual({});
  });

  it('leaves out figures that are none, with a warning each, and keeps the others', () => {
    const facts = readSpanFacts('client', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': Number.NaN,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.usage.cost': '0.25',
      'hotspan.warning': ['said on the span', 5],
    });
    expect(facts).toEqual({
      llmCall: { provider: undefined, model: undefined },
      outputTokens: 7,
      warnings: [
        'said on the span',
        'gen_ai.usage.input_tokens was not a number of at least 0 and was left out',
        'gen_ai.usage.cost was not a number of at least 0 and was left out',
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
