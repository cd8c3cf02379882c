import type { TokenUsage } from '../cost/token-usage.js';
import { usageOfRequests } from '../cost/usage.js';
import { fields, isObject, text } from '../fields.js';
import type { Reading } from './read-answer.js';
import { ownValue } from './unwrapped.js';

/** Returns a header of a response by its name in small letters. */
export type HeaderOf = (name: string) => string | null | undefined;

/** What LiteLLM says that a call cost, in USD. It says 0 or `None` where it does not know. */
const COST = 'x-litellm-response-cost';
/** Where gateways say that their own cache answered, for which nobody charges. */
const CACHES = ['cf-aig-cache-status', 'x-portkey-cache-status', 'helicone-cache'];
/** What Bedrock counts, whatever the model itself answers. */
const INPUT = 'x-amzn-bedrock-input-token-count';
const OUTPUT = 'x-amzn-bedrock-output-token-count';

/** Returns what the headers of a response tell of its tokens and its cost. */
export function toldBy(headerOf: HeaderOf): TokenUsage | undefined {
  const figureIn = (name: string) => {
    const figure = Number(text(headerOf(name)));
    return Number.isFinite(figure) && figure >= 0 ? figure : undefined;
  };
  const cost = figureIn(COST);
  if (cost !== undefined && cost > 0) return { reportedCostUsd: cost };
  const isCached = CACHES.some((name) => /\bhit\b/i.test(headerOf(name) ?? ''));
  if (isCached) return { reportedCostUsd: 0 };
  const inputTokens = figureIn(INPUT);
  return inputTokens === undefined
    ? undefined
    : { inputTokens, outputTokens: figureIn(OUTPUT) ?? 0 };
}

/** The same of the response that a client returned beside its data. */
export function toldBeside(value: unknown): TokenUsage | undefined {
  if (!isObject(value)) return undefined;
  for (const from of [value, ownValue(value, 'response'), ownValue(value, 'rawResponse')]) {
    const headers = isObject(from) && 'headers' in from ? from.headers : undefined;
    const { get } = fields(headers);
    if (typeof get !== 'function') continue;
    return toldBy((name) => text(Reflect.apply(get, headers, [name])));
  }
  return undefined;
}

/** Adds it to what the body told: tokens if that told none, the cost unless that told one. */
export function withTold(reading: Reading, told: TokenUsage | undefined): Reading {
  const { usage, facts } = reading;
  const [first, ...others] = usage.requests;
  if (told === undefined || first?.reportedCostUsd !== undefined) return reading;
  const hasTokens = told.inputTokens !== undefined;
  if (hasTokens && first !== undefined) return reading;
  const requests = [{ ...told, ...first }, ...others];
  return { facts, usage: usageOfRequests(requests, hasTokens ? [] : usage.warnings) };
}
