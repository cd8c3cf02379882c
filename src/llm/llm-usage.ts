import type { Attributes, Span } from '@opentelemetry/api';
import { arePricesLoaded, costOf, loadPrices } from '../cost/price.js';
import { readResponse, type ResponseFacts } from '../cost/response.js';
import { checkUsage, readUsage, type TokenUsage, type UsageReading } from '../cost/usage.js';
import {
  GEN_AI_RESPONSE_FINISH_REASONS,
  GEN_AI_RESPONSE_ID,
  GEN_AI_RESPONSE_MODEL,
  GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
  GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
  GEN_AI_USAGE_COST,
  GEN_AI_USAGE_INPUT_TOKENS,
  GEN_AI_USAGE_OUTPUT_TOKENS,
  GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
  HOTSPAN_COST_SOURCE,
} from '../semconv.js';
import { addWarnings } from '../instrument/warnings.js';

/** Which model was asked, for its price. */
export interface AskedModel {
  readonly provider: string;
  readonly model: string;
}

/** The user's own function that reads usage. */
export type UsageFunction = (response: unknown) => TokenUsage | undefined;

/** What was read of a response or a stream. */
export interface Reading {
  readonly usage: UsageReading;
  readonly facts: ResponseFacts;
}

const NO_FACTS: ResponseFacts = { model: undefined, id: undefined, finishReasons: [] };

/** Reads a response. Never throws: one with getters that do is not known, with a warning. */
export function readAnswer(response: unknown, own: UsageFunction | undefined): Reading {
  try {
    const facts = readResponse(response);
    const given = own?.(response);
    return { usage: given === undefined ? readUsage(response) : checkUsage(given), facts };
  } catch {
    return { usage: unreadable('an LLM response could not be read'), facts: NO_FACTS };
  }
}

/** No usage, and why. */
export function unreadable(warning: string): UsageReading {
  return { requests: [], usage: {}, warnings: [warning] };
}

/** Does it now when the price table is there, as it mostly is; else as soon as it is. */
export function whenPricesLoaded(work: () => void): Promise<void> | undefined {
  if (!arePricesLoaded()) return loadPrices().then(work);
  work();
  return undefined;
}

/**
 * Writes what was read on a span, with its cost. The prices must be loaded.
 *
 * @param usdInside what the spans of the same call inside this one say that it cost: they say it
 *   alone, unless it was more
 * @returns the cost in USD, if it is known
 */
export function recordAnswer(
  span: Span,
  reading: Reading,
  asked: AskedModel,
  usdInside: number,
): number | undefined {
  const { usage, facts } = reading;
  const cost = costOf(usage.requests, asked.provider, [facts.model, asked.model]);
  // Sums of the same prices may differ in their last digits.
  const isSaid = usdInside > 0 && cost !== undefined && cost.usd <= usdInside * (1 + 1e-9);
  recordFacts(span, facts);
  span.setAttributes({
    ...usageAttributes(usage.usage),
    ...(cost === undefined || isSaid
      ? {}
      : { [GEN_AI_USAGE_COST]: cost.usd, [HOTSPAN_COST_SOURCE]: cost.source }),
  });
  addWarnings(span, usage.warnings);
  return cost?.usd;
}

/** Writes on a span what a response says of itself. */
export function recordFacts(span: Span, { model, id, finishReasons }: ResponseFacts): void {
  span.setAttributes({
    ...(model === undefined ? {} : { [GEN_AI_RESPONSE_MODEL]: model }),
    ...(id === undefined ? {} : { [GEN_AI_RESPONSE_ID]: id }),
    ...(finishReasons.length === 0 ? {} : { [GEN_AI_RESPONSE_FINISH_REASONS]: [...finishReasons] }),
  });
}

function usageAttributes(usage: TokenUsage): Attributes {
  const named: Attributes = {
    [GEN_AI_USAGE_INPUT_TOKENS]: usage.inputTokens,
    [GEN_AI_USAGE_OUTPUT_TOKENS]: usage.outputTokens,
    [GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: usage.cacheReadTokens,
    [GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS]: usage.cacheWriteTokens,
    [GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: usage.reasoningTokens,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
