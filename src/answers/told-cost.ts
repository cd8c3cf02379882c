import { fields, isObject, text } from '../fields.js';
import { usageOfRequests } from '../cost/usage.js';
import type { Reading } from './read-answer.js';
import { ownValue } from './unwrapped.js';

/** Returns a header of a response by its name in small letters. */
export type HeaderOf = (name: string) => string | null | undefined;

/** What LiteLLM says that a call cost, in USD. It says 0 or `None` where it does not know. */
const COST = 'x-litellm-response-cost';
/** Where gateways say that their own cache answered, for which nobody charges. */
const CACHES = ['cf-aig-cache-status', 'x-portkey-cache-status', 'helicone-cache'];

/** Returns what the headers of a response tell of its cost in USD. */
export function toldCostUsd(headerOf: HeaderOf): number | undefined {
  const cost = Number(headerOf(COST) ?? undefined);
  if (cost > 0 && Number.isFinite(cost)) return cost;
  return CACHES.some((name) => /\bhit\b/i.test(headerOf(name) ?? '')) ? 0 : undefined;
}

/** Returns what the response tells that a client returned beside its data. */
export function costToldBeside(value: unknown): number | undefined {
  if (!isObject(value)) return undefined;
  for (const from of [value, ownValue(value, 'response'), ownValue(value, 'rawResponse')]) {
    const headers = isObject(from) && 'headers' in from ? from.headers : undefined;
    const { get } = fields(headers);
    if (typeof get !== 'function') continue;
    return toldCostUsd((name) => text(Reflect.apply(get, headers, [name])));
  }
  return undefined;
}

/** Adds it to what the body told, unless that told a cost itself. */
export function withCost(reading: Reading, costUsd: number | undefined): Reading {
  const { usage, facts } = reading;
  const [first, ...others] = usage.requests;
  if (costUsd === undefined || first?.reportedCostUsd !== undefined) return reading;
  const told = { ...first, reportedCostUsd: costUsd };
  return { facts, usage: usageOfRequests([told, ...others], usage.warnings) };
}
