import { costOf, type Cost } from './price.js';
import type { TokenUsage } from './usage.js';

/** The facts of a span that the price of its LLM call depends on. */
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
 * Prices the LLM call of a span. Returns `undefined` when the span is no call, has a cost already, was
 * answered by a cache, has no usage, or its model has no known price. The prices must be loaded.
 */
export function priceFacts(facts: PricedFacts): Cost | undefined {
  const { llmCall, costUsd, cacheHit, inputTokens, outputTokens } = facts;
  if (llmCall === undefined || costUsd !== undefined || cacheHit !== undefined) return undefined;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return costOf([facts], llmCall.provider, [llmCall.model, llmCall.requestModel]);
}
