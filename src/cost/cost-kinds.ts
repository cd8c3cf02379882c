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

/** A cost by what it is for, in the order of {@link COST_KINDS}. Each call has one: a list takes little memory. */
export type CostByKind = readonly number[];

/** Adds what a part of a cost, or all of it, is for. */
export function addKinds(to: number[], byKind: CostByKind | undefined, factor = 1): number[] {
  if (byKind !== undefined)
    for (let at = 0; at < to.length; at += 1) to[at]! += factor * byKind[at]!;
  return to;
}

export function noKinds(): number[] {
  return COST_KINDS.map(() => 0);
}
