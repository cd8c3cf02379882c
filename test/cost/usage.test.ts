import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUsage } from '../../src/cost/usage.js';

describe('readUsage', () => {
  it('reads OpenAI’s responses, whose input includes the cached tokens', () => {
    const usage = {
      input_tokens: 100,
      output_tokens: 50,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens_details: { reasoning_tokens: 30 },
    };
    expect(readUsage({ object: 'response', usage })).toEqual({
      usage: { inputTokens: 100, outputTokens: 50, cacheReadTokens: 40, reasoningTokens: 30 },
      warnings: [],
    });
  });

  it('reads figures that are not properties of the object itself', () => {
    class Usage {
      get prompt_tokens() {
        return Number('3');
      }
    }
    expect(readUsage({ usage: new Usage() }).usage).toEqual({ inputTokens: 3 });
  });

  it('takes null for absent, as clients have it', () => {
    const usage = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: null };
    expect(readUsage({ usage })).toEqual({
      usage: { inputTokens: 1, outputTokens: 2 },
      warnings: [],
    });
  });

  it('never throws, and never gives a figure that cannot be right', () => {
    const figure = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constant(null), fc.object());
    const keys = [
      'prompt_tokens',
      'completion_tokens',
      'input_tokens',
      'output_tokens',
      'cache_read_input_tokens',
      'cache_creation_input_tokens',
      'cost',
    ];
    const details = fc.dictionary(fc.constantFrom('cached_tokens', 'reasoning_tokens'), figure);
    const usage = fc.dictionary(
      fc.constantFrom(...keys, 'prompt_tokens_details', 'output_tokens_details'),
      fc.oneof(figure, details),
    );
    fc.assert(
      fc.property(fc.oneof(fc.record({ usage }), fc.anything()), (response) => {
        const read = readUsage(response).usage;
        for (const value of Object.values(read) as number[]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(Infinity);
        }
        const { cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = read;
        expect(cacheReadTokens + cacheWriteTokens).toBeLessThanOrEqual(read.inputTokens ?? 0);
        expect(reasoningTokens).toBeLessThanOrEqual(read.outputTokens ?? 0);
      }),
      { numRuns: 1_000 },
    );
  });
});
