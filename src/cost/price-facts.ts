import { costOf, type Cost } from './price.js';
import type { TokenUsage } from './usage.js';

/** What a span tells of an LLM call, as far as its price depends on it. */
export interface PricedFacts extends TokenUsage {
  readonly llmCall?:
    | {
        readonly provider?: string | undefined;
        readonly model?: string | undefined;
        readonly requestModel?: string | undefined;
      }
    | undefined;
  readonly costUsd?: number | undefined;
  readonly cacheHit?: object | undefined;
}

/**
 * Prices the LLM call that a span tells of. `undefined` when the span is no call, has its cost already, was
 * answered by a cache, tells no usage, or its model has no known price. Expects loaded prices.
 */
export function priceFacts(facts: PricedFacts): Cost | undefined {
  const { llmCall, costUsd, cacheHit, inputTokens, outputTokens } = facts;
  if (llmCall === undefined || costUsd !== undefined || cacheHit !== undefined) return undefined;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return costOf([facts], llmCall.provider, [llmCall.model, llmCall.requestModel]);
}
