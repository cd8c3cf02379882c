/**
 * What a cost is for, under the names that the summary has them by: text that was written, with reasoning; input that
 * no cache had; input from the provider's cache, and what was written to it; and audio, images, video, searches and
 * whatever else is sold in units of its own.
 */
export const COST_KINDS = [
  'outputCostUsd',
  'uncachedInputCostUsd',
  'cachedInputCostUsd',
  'cacheWriteInputCostUsd',
  'otherCostUsd',
] as const;

export type CostKind = (typeof COST_KINDS)[number];

/** A cost by what it is for. What is absent cost nothing. */
export type CostByKind = Readonly<Partial<Record<CostKind, number>>>;
