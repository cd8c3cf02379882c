import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamReader } from '../../src/cost/response.js';
import { checkUsage, readUsage, type UsageReading } from '../../src/cost/usage.js';

const NOT_A_NUMBER = 'of an LLM response was not a number of at least 0 and was left out';

function throws(): never {
  throw new Error('no');
}

/** What counts if one figure of an answer is bad: it is named, the rest is read, and nothing is priced. */
describe('a figure that cannot be right', () => {
  it.each<[string, unknown, string]>([
    ['less than nothing', -1, NOT_A_NUMBER],
    ['not a number', NaN, NOT_A_NUMBER],
    ['endless', Infinity, NOT_A_NUMBER],
    ['a word', 'many', NOT_A_NUMBER],
    ['a list', [1], NOT_A_NUMBER],
    ['more than any model gives', 1e12, 'of an LLM response was more than any model takes'],
  ])('is named when it is %s', (_, figure, warning) => {
    const reading = readUsage({ usage: { prompt_tokens: 5, completion_tokens: figure } });
    expect(reading.usage).toEqual({ inputTokens: 5 });
    expect(reading.requests).toEqual([]);
    expect(reading.excludes).toEqual(['output']);
    expect(reading.warnings).toHaveLength(1);
    expect(reading.warnings[0]).toContain(`usage.completion_tokens ${warning}`);
  });

  it('is named when it is deep inside', () => {
    const prompt_tokens_details = { cached_tokens: -5 };
    const reading = readUsage({ usage: { prompt_tokens: 5, prompt_tokens_details } });
    expect(reading.excludes).toEqual(['cache_read']);
    expect(reading.warnings).toEqual([`usage.prompt_tokens_details.cached_tokens ${NOT_A_NUMBER}`]);
  });

  it('is no cost even where only one of several requests has it', () => {
    const steps = [{ usage: { inputTokens: 1, outputTokens: 2 } }, { usage: { inputTokens: -1 } }];
    expect(readUsage({ steps })).toMatchObject({ requests: [], usage: { inputTokens: 1 } });
  });

  it('leaves the cost that the provider tells', () => {
    const usage = { prompt_tokens: 5, completion_tokens: -1, cost: 0.1 };
    expect(readUsage({ usage }).requests).toEqual([{ inputTokens: 5, reportedCostUsd: 0.1 }]);
  });

  it('is left out of what a user’s own function tells, too', () => {
    expect(checkUsage({ inputTokens: 1, outputTokens: NaN })).toEqual({
      requests: [],
      usage: { inputTokens: 1 },
      warnings: [`usage.outputTokens ${NOT_A_NUMBER}`],
      excludes: ['output'],
    });
  });
});

it('reads a number in a text', () => {
  const usage = { prompt_tokens: '12', completion_tokens: '5' };
  expect(readUsage({ usage }).usage).toEqual({ inputTokens: 12, outputTokens: 5 });
});

it.each<[string, object, string, string]>([
  [
    'more cached than there are',
    { prompt_tokens: 5, prompt_tokens_details: { cached_tokens: 9 } },
    'cache_read',
    'more cached than input tokens',
  ],
  [
    'more audio than there are',
    { prompt_tokens: 5, prompt_tokens_details: { audio_tokens: 9 } },
    'input_audio',
    'more tokens of audio, images and video than input tokens',
  ],
  [
    'more reasoning than output',
    { prompt_tokens: 5, completion_tokens: 1, completion_tokens_details: { reasoning_tokens: 2 } },
    'reasoning',
    'more reasoning than output tokens',
  ],
])('does not price %s', (_, usage, excluded, words) => {
  const reading = readUsage({ usage });
  expect(reading).toMatchObject({ requests: [], usage: { inputTokens: 5 }, excludes: [excluded] });
  expect(reading.warnings).toEqual([`an LLM response reported ${words}; the former were left out`]);
});

describe('an object that throws', () => {
  it.each<[string, unknown, string]>([
    [
      'at its usage',
      {
        get usage() {
          return throws();
        },
      },
      'usage of an LLM response could not be read',
    ],
    [
      'at a figure',
      {
        usage: {
          prompt_tokens: 5,
          get completion_tokens() {
            return throws();
          },
        },
      },
      'usage.completion_tokens of an LLM response could not be read',
    ],
    [
      'at everything',
      new Proxy({}, { ownKeys: throws, get: throws, getPrototypeOf: throws }),
      'a field of an LLM response could not be read',
    ],
    [
      'at everything in its usage',
      { usage: new Proxy({}, { ownKeys: throws, get: throws }) },
      'usage of an LLM response could not be read',
    ],
  ])('%s is named, and has no cost', (_, response, warning) => {
    expect(readUsage(response)).toMatchObject({ requests: [], warnings: [warning] });
  });
});

describe('mangled answers', () => {
  const HOSTILE = 'hostile';
  const KEYS = [
    ...['prompt_tokens', 'completion_tokens', 'input_tokens', 'output_tokens', 'total_tokens'],
    ...['inputTokens', 'outputTokens', 'cachedInputTokens', 'reasoningTokens', 'promptTokens'],
    ...['cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_creation', 'iterations'],
    ...['promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount', 'promptTokensDetails'],
    ...['prompt_tokens_details', 'output_tokens_details', 'input_token_details', 'cacheDetails'],
    ...['cached_tokens', 'audio_tokens', 'reasoning_tokens', 'ephemeral_1h_input_tokens', 'cost'],
    ...['usage', 'usageMetadata', 'usage_metadata', 'steps', 'response', 'data', 'body', 'delta'],
    ...['providerMetadata', 'anthropic', 'billed_units', 'raw', 'choices', 'type', 'modality'],
    ...['service_tier', 'metadata', 'output', 'candidates', 'model', 'id', 'message', 'chunk'],
  ];
  const figure = fc.oneof(
    fc.nat(1_000),
    fc.constantFrom(-1, NaN, 1e12, '12', 'x', null, undefined, true, 'AUDIO', 'message_start'),
    fc.constant(HOSTILE),
  );
  const { answer } = fc.letrec<{ answer: unknown }>((tie) => ({
    answer: fc.oneof(
      { maxDepth: 5, depthSize: 'large' },
      figure,
      fc.dictionary(fc.constantFrom(...KEYS), tie('answer'), { maxKeys: 8 }),
      fc.array(tie('answer'), { maxLength: 3 }),
    ),
  }));

  /** fast-check could not print what throws. */
  function armed(value: unknown): unknown {
    if (value === HOSTILE) return new Proxy({}, { ownKeys: throws, get: throws });
    if (Array.isArray(value)) return value.map(armed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, armed(inner)]));
  }

  function expectSound({ usage, requests, excludes, warnings }: UsageReading): void {
    for (const value of Object.values(usage) as unknown[]) {
      if (typeof value === 'number') {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1e10);
      } else expect(value).toEqual(expect.any(String));
    }
    const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
    expect(cacheReadTokens + cacheWriteTokens).toBeLessThanOrEqual(inputTokens);
    expect(usage.reasoningTokens ?? 0).toBeLessThanOrEqual(outputTokens);
    expect(usage.inputAudioTokens ?? 0).toBeLessThanOrEqual(inputTokens);
    // What is not known is said.
    if (requests.length === 0) expect([...warnings, ...(excludes ?? [])]).not.toEqual([]);
  }

  it('never throw, and give no figure that cannot be right', () => {
    fc.assert(
      fc.property(fc.oneof(answer, fc.record({ usage: answer })), (given) => {
        expectSound(readUsage(armed(given)));
        expectSound(checkUsage(armed(given)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('nor do they in a stream', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 5 }), (items) => {
        const reader = new StreamReader();
        for (const item of items) reader.see(armed(item));
        expectSound(reader.usage());
        expect(reader.usage()).toEqual(reader.usage());
        reader.facts();
      }),
      { numRuns: 2_000 },
    );
  });
});
