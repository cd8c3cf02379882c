import { wrongUse } from '../errors.js';
import { isObject } from '../fields.js';
import { anObject, atLeast, checkOptions, required, type Shape } from '../options.js';
import type { CostSource } from '../semconv.js';
import { sumOf } from '../sums.js';
import type { CostByKind } from './cost-kinds.js';
import type { Priced } from './rates.js';
import { fromTable } from './price-table.js';
import type { TokenUsage, UsageDetails } from './token-usage.js';

export { arePricesLoaded, loadPrices } from './price-table.js';

export interface Cost {
  readonly usd: number;
  readonly source: CostSource;
  /** Of one request. Absent where only the whole is known. */
  readonly byKind?: CostByKind | undefined;
  /** What the price table does not price, such as `web_search`. */
  readonly excludes?: readonly string[];
}

/** Your own price of a model, in USD per million tokens. */
export interface ModelPrice {
  /** Price of input tokens. */
  readonly inputUsdPerMillion: number;
  /** Price of output tokens. Default 0, as for embeddings. */
  readonly outputUsdPerMillion?: number | undefined;
  /** Price of input tokens read from the provider's cache. Default: the price of other input. */
  readonly cacheReadUsdPerMillion?: number | undefined;
  /** Price of input tokens written to the provider's cache. Default: the price of other input. */
  readonly cacheWriteUsdPerMillion?: number | undefined;
}

/** Returns the cost of one request in USD, or `undefined` to leave it to the price table. */
export type PriceFunction = (
  usage: TokenUsage,
  call: { readonly provider: string | undefined; readonly model: string },
) => number | undefined;

/** Your own prices: one for each `model` or `provider/model`, or one function for all models. */
export type Prices = Readonly<Record<string, ModelPrice | PriceFunction>> | PriceFunction;

const MODEL_PRICE: Shape<ModelPrice> = {
  inputUsdPerMillion: required(atLeast(0)),
  outputUsdPerMillion: atLeast(0),
  cacheReadUsdPerMillion: atLeast(0),
  cacheWriteUsdPerMillion: atLeast(0),
};

let ownPrices: Prices | undefined;

/**
 * Sets your own prices for this process: for models that the price table does not know, or for a
 * contract. A cost that the provider reports comes first, then your prices, then the price table.
 *
 * A key is the name of a model, as it was asked for or as the response has it. A price function that
 * throws counts as one that returned `undefined`.
 *
 * ```ts
 * import { setPrices } from 'hotspan/processor';
 *
 * setPrices({
 *   'llama-3.3-on-our-gpus': { inputUsdPerMillion: 0.2, outputUsdPerMillion: 0.6 },
 *   'openai/gpt-4o': ({ inputTokens = 0, outputTokens = 0 }) => inputTokens * 2e-6 + outputTokens * 8e-6,
 * });
 * ```
 *
 * @param prices replace all prices that were set before; `undefined` removes them
 * @throws TypeError when a price is neither a function nor an object with prices of at least 0
 */
export function setPrices(prices: Prices | undefined): void {
  if (typeof prices !== 'function') {
    checkOptions('setPrices', { prices }, { prices: anObject });
    for (const [model, price] of Object.entries(prices ?? {})) {
      if (typeof price === 'function') continue;
      const where = `setPrices, "${model}"`;
      if (!isObject(price)) throw wrongUse(where, 'the price to be an object or a function', price);
      checkOptions(where, price, MODEL_PRICE);
    }
  }
  ownPrices = prices;
}

/**
 * Prices each request by itself, since a price may depend on the size.
 *
 * @param answered the model of the response, which decides: an alias, or a deployment, may be any model
 * @param asked the model that was asked for. It decides if it says more of the same one, such as Bedrock's
 *   region in `global.anthropic.claude-…` or OpenRouter's `:free`, and where the other has no price.
 */
export function costOf(
  requests: readonly TokenUsage[],
  provider: string | undefined,
  [answered, asked]: readonly [answered: string | undefined, asked?: string | undefined],
): Cost | undefined {
  const saysMore = answered !== undefined && asked?.includes(answered) === true;
  const models = saysMore ? [asked, answered] : [answered, asked];
  const namesOf = ({ model }: TokenUsage) =>
    model === undefined || model === answered ? models : [model];
  const cost = (usage: TokenUsage) => costOfRequest(usage, provider, namesOf(usage));
  const [request, ...others] = requests;
  if (request === undefined) return undefined;
  const first = cost(request);
  return others.length === 0 ? first : sumOfCosts([first, ...others.map(cost)]);
}

/** A sum is known if each of its costs is. */
export function sumOfCosts(costs: readonly (Cost | undefined)[]): Cost | undefined {
  const [first] = costs;
  if (first === undefined || costs.includes(undefined)) return undefined;
  const usd = sumOf(costs, (cost) => cost?.usd) ?? 0;
  const excludes = [...new Set(costs.flatMap((cost) => cost?.excludes ?? []))];
  return { usd, source: first.source, ...(excludes.length > 0 ? { excludes } : {}) };
}

interface PricedFacts extends TokenUsage {
  readonly llmCall?:
    | Partial<Readonly<Record<'provider' | 'model' | 'requestModel', string | undefined>>>
    | undefined;
  readonly usageDetails?: UsageDetails | undefined;
  readonly costUsd?: number | undefined;
  readonly costExcludes?: readonly string[] | undefined;
  readonly cacheHit?: object | undefined;
}

/** Prices the LLM call of a span, unless it has a cost already, or a cache answered. */
export function priceFacts(facts: PricedFacts): Cost | undefined {
  const { llmCall, costUsd, cacheHit, inputTokens, outputTokens, usageDetails } = facts;
  if (llmCall === undefined || costUsd !== undefined || cacheHit !== undefined) return undefined;
  // Whoever made the span knows of tokens without which a cost would be wrong.
  if (facts.costExcludes !== undefined) return undefined;
  const { audioSeconds, searchUnits } = usageDetails ?? {};
  if ((inputTokens ?? outputTokens ?? audioSeconds ?? searchUnits) === undefined) return undefined;
  return costOf([usageOf(facts)], llmCall.provider, [llmCall.model, llmCall.requestModel]);
}

function usageOf(facts: Omit<PricedFacts, 'llmCall'>): TokenUsage {
  const { usageDetails } = facts;
  return usageDetails === undefined ? facts : { ...facts, ...usageDetails };
}

/** Costs of one call that differ by less are the same: sums are added up in some order. */
const TOLERANCE = 1e-6;

/**
 * Says what a cost that a span tells is for: its tokens are priced again. Returns `undefined` where they do not come to
 * the same, since the prices were others then.
 */
export function kindsOfCost(
  costUsd: number,
  facts: Omit<PricedFacts, 'llmCall'>,
  { provider, model, requestModel }: NonNullable<PricedFacts['llmCall']>,
): CostByKind | undefined {
  const usage = usageOf(facts);
  const isSame = ({ usd }: Priced) => Math.abs(usd - costUsd) <= TOLERANCE * costUsd;
  for (const name of model === requestModel ? [model] : [model, requestModel]) {
    if (name === undefined) continue;
    const own = ownPriceOf({ provider, model: name });
    const byOwn = typeof own === 'object' ? byTokens(own, usage) : undefined;
    if (byOwn !== undefined && isSame(byOwn)) return byOwn.byKind;
    const byTable = fromTable(usage, provider, name);
    if (byTable !== undefined && isSame(byTable)) return byTable.byKind;
  }
  return undefined;
}

function costOfRequest(
  usage: TokenUsage,
  provider: string | undefined,
  models: readonly (string | undefined)[],
): Cost | undefined {
  const { reportedCostUsd } = usage;
  if (reportedCostUsd !== undefined) return { usd: reportedCostUsd, source: 'provider' };
  for (const model of ownPrices === undefined ? [] : models) {
    const own = model === undefined ? undefined : ownCost(usage, { provider, model });
    if (own !== undefined && isCost(own.usd)) {
      return { usd: own.usd, source: 'override', byKind: own.byKind };
    }
  }
  for (const model of models) {
    const priced = model === undefined ? undefined : fromTable(usage, provider, model);
    if (priced === undefined || !isCost(priced.usd)) continue;
    const { usd, byKind, excludes } = priced;
    return excludes === undefined
      ? { usd, source: 'price_table', byKind }
      : { usd, source: 'price_table', byKind, excludes };
  }
  return undefined;
}

function isCost(usd: number | undefined): usd is number {
  return usd !== undefined && Number.isFinite(usd) && usd >= 0;
}

interface Asked {
  readonly provider: string | undefined;
  readonly model: string;
}

function ownPriceOf({ provider, model }: Asked): ModelPrice | PriceFunction | undefined {
  if (typeof ownPrices !== 'object') return ownPrices;
  const prices = ownPrices;
  const name = [`${provider ?? ''}/${model}`, model].find((key) => Object.hasOwn(prices, key));
  return name === undefined ? undefined : prices[name];
}

function ownCost(
  usage: TokenUsage,
  call: Asked,
): { readonly usd: number | undefined; readonly byKind?: CostByKind | undefined } | undefined {
  try {
    const price = ownPriceOf(call);
    return typeof price === 'function' ? { usd: price(usage, call) } : byTokens(price, usage);
  } catch {
    return undefined;
  }
}

function byTokens(price: ModelPrice | undefined, usage: TokenUsage): Priced | undefined {
  if (price === undefined) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const input = price.inputUsdPerMillion;
  const uncached = (inputTokens ?? 0) - cacheReadTokens - cacheWriteTokens;
  const { cacheReadUsdPerMillion = input, cacheWriteUsdPerMillion = input } = price;
  const byKind = [
    ((outputTokens ?? 0) * (price.outputUsdPerMillion ?? 0)) / 1e6,
    (uncached * input) / 1e6,
    (cacheReadTokens * cacheReadUsdPerMillion) / 1e6,
    (cacheWriteTokens * cacheWriteUsdPerMillion) / 1e6,
    0,
  ];
  const usd = byKind.reduce((sum, part) => sum + part);
  // More can hardly be cached than there is: what each part cost is not known.
  return uncached < 0 ? { usd } : { usd, byKind };
}
