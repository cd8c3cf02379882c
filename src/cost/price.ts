import {
  requireFunction,
  requireNumber,
  requireObject,
  requireOptions,
  wrongUse,
} from '../errors.js';
import type { CostSource } from '../semconv.js';
import { fromTable, isTableLoaded, loadTable } from './price-table.js';
import type { TokenUsage } from './usage.js';

/** What a call cost, and who says so. */
export interface Cost {
  readonly usd: number;
  readonly source: CostSource;
}

/** A price of the user's own, in USD per million tokens. */
export interface ModelPrice {
  readonly inputUsdPerMillion: number;
  /** Default 0, as for embeddings. */
  readonly outputUsdPerMillion?: number | undefined;
  /** Default: as other input. */
  readonly cacheReadUsdPerMillion?: number | undefined;
  /** Default: as other input. */
  readonly cacheWriteUsdPerMillion?: number | undefined;
}

/** Gives the cost of one request in USD; undefined when it does not know. */
export type PriceFunction = (
  usage: TokenUsage,
  call: { readonly provider: string | undefined; readonly model: string },
) => number | undefined;

/** The user's own prices: by model, as `model` or `provider/model`, or a function for all. */
export type Prices = Readonly<Record<string, ModelPrice | PriceFunction>> | PriceFunction;

let ownPrices: Prices | undefined;

/**
 * Sets prices of one's own, for this process: for models that the price table does not know, and for
 * contracts. They come before the table; a cost that the provider reports comes before them. The keys
 * are models, as they are asked for or as they answer. What they do not know is looked up in the table.
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
 * @param prices replace those that were set before; `undefined` takes them away
 * @throws TypeError when a price is not a function and has no number of at least 0
 */
export function setPrices(prices: Prices | undefined): void {
  if (prices !== undefined && typeof prices !== 'function') {
    requireObject('setPrices', '`prices`', prices);
    for (const [model, price] of Object.entries(prices)) checkPrice(model, price);
  }
  ownPrices = prices;
}

const PRICE_FIELDS = [
  'inputUsdPerMillion',
  'outputUsdPerMillion',
  'cacheReadUsdPerMillion',
  'cacheWriteUsdPerMillion',
] as const;

function checkPrice(model: string, price: ModelPrice | PriceFunction): void {
  if (typeof price === 'function') return;
  const where = `setPrices, "${model}"`;
  if (typeof price !== 'object') requireFunction(where, 'the price', price);
  requireOptions(where, price, PRICE_FIELDS);
  for (const field of PRICE_FIELDS) requireNumber(where, `\`${field}\``, price[field], 0);
  if (!('inputUsdPerMillion' in price)) {
    throw wrongUse(where, '`inputUsdPerMillion` to be a number of at least 0', undefined);
  }
}

/** Resolves when {@link costOf} knows the price table. Never rejects. */
export function loadPrices(): Promise<void> {
  return loadTable();
}

/** Whether {@link costOf} knows the price table already. */
export function arePricesLoaded(): boolean {
  return isTableLoaded();
}

/**
 * The cost of a call by the order of trust: what the provider reports, the user's own price, the
 * price table. Undefined when one of its requests has no known price. Never throws.
 *
 * @param requests what was billed, each by itself because of prices that depend on its size
 * @param models names of the model, the most telling first
 */
export function costOf(
  requests: readonly TokenUsage[],
  provider: string | undefined,
  models: readonly (string | undefined)[],
): Cost | undefined {
  let usd = 0;
  let source: CostSource | undefined;
  const names = [...new Set(models)].filter((model) => model !== undefined);
  for (const usage of requests) {
    const cost = costOfRequest(usage, provider, names);
    if (cost === undefined) return undefined;
    usd += cost.usd;
    source ??= cost.source;
  }
  return source === undefined ? undefined : { usd, source };
}

function costOfRequest(
  usage: TokenUsage,
  provider: string | undefined,
  models: readonly string[],
): Cost | undefined {
  if (usage.reportedCostUsd !== undefined)
    return { usd: usage.reportedCostUsd, source: 'provider' };
  const own = firstKnown(models, (model) => ownCost(usage, provider, model));
  if (own !== undefined) return { usd: own, source: 'override' };
  const usd = firstKnown(models, (model) => fromTable(usage, provider, model));
  return usd === undefined ? undefined : { usd, source: 'price_table' };
}

function firstKnown(
  models: readonly string[],
  priceOf: (model: string) => number | undefined,
): number | undefined {
  for (const model of models) {
    const usd = priceOf(model);
    if (usd !== undefined && Number.isFinite(usd) && usd >= 0) return usd;
  }
  return undefined;
}

function ownCost(
  usage: TokenUsage,
  provider: string | undefined,
  model: string,
): number | undefined {
  if (ownPrices === undefined) return undefined;
  const byName = (name: string) =>
    typeof ownPrices === 'object' && Object.hasOwn(ownPrices, name) ? ownPrices[name] : undefined;
  const price =
    typeof ownPrices === 'function'
      ? ownPrices
      : (byName(`${provider ?? ''}/${model}`) ?? byName(model));
  try {
    return typeof price === 'function' ? price(usage, { provider, model }) : byTokens(price, usage);
  } catch {
    // A function of the user's that throws knows no price.
    return undefined;
  }
}

function byTokens(price: ModelPrice | undefined, usage: TokenUsage): number | undefined {
  if (
    price === undefined ||
    (usage.inputTokens === undefined && usage.outputTokens === undefined)
  ) {
    return undefined;
  }
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  const input = price.inputUsdPerMillion;
  const sum =
    (inputTokens - cacheReadTokens - cacheWriteTokens) * input +
    cacheReadTokens * (price.cacheReadUsdPerMillion ?? input) +
    cacheWriteTokens * (price.cacheWriteUsdPerMillion ?? input) +
    outputTokens * (price.outputUsdPerMillion ?? 0);
  return sum / 1e6;
}
