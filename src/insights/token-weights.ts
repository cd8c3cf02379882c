import { costOf } from '../cost/price.js';
import type { LlmCall } from '../trace/span-record.js';

/** What tokens cost of what one of input costs that the provider's cache does not have. */
export interface TokenWeights {
  readonly cached: number;
  readonly output: number;
}

const TOKENS = 1_000;

/** Returns `undefined` for a model whose price is not known. */
export function tokenWeights(call: LlmCall | undefined): TokenWeights | undefined {
  const models = [call?.model, call?.requestModel] as const;
  // What another sells a model for tells the same shares.
  for (const provider of [call?.provider, undefined]) {
    const usd = (inputTokens: number, outputTokens: number, cacheReadTokens: number) =>
      costOf([{ inputTokens, outputTokens, cacheReadTokens }], provider, models)?.usd ?? 0;
    const input = usd(TOKENS, 0, 0);
    if (input > 0) {
      return { cached: usd(TOKENS, 0, TOKENS) / input, output: usd(0, TOKENS, 0) / input };
    }
  }
  return undefined;
}
