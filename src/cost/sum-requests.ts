import { groupBy } from '../bounded.js';
import type { SummedUsage } from './token-usage.js';
import { sumOfUsages } from './usage.js';

/** Where the price of a request changes with its size, it does so at multiples of this. */
const STEP_TOKENS = 8_000;
const MAX_STEPS = 250;

/** Adds up the requests that are of about one size and were sold alike. */
export function sumRequests(requests: readonly SummedUsage[]): SummedUsage[] {
  return [...groupBy(requests, classOf).values()].map(sumAlike);
}

function classOf(usage: SummedUsage): string {
  const { model, serviceTier, speed, inferenceGeo, inputTokens, reportedCostUsd } = usage;
  const steps = Math.min(MAX_STEPS, Math.ceil(sizeOf(usage) / STEP_TOKENS));
  const isKnown = [inputTokens, usage.outputTokens, reportedCostUsd].map((it) => it !== undefined);
  return [steps, model, serviceTier, speed, inferenceGeo, ...isKnown].join('\n');
}

function sumAlike(alike: readonly SummedUsage[]): SummedUsage {
  const [first] = alike;
  if (alike.length === 1) return first!;
  return { ...first, ...sumOfUsages(alike), largestInputTokens: Math.max(...alike.map(sizeOf)) };
}

function sizeOf({ largestInputTokens, inputTokens = 0 }: SummedUsage): number {
  return largestInputTokens ?? inputTokens;
}
