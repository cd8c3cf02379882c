/** Joins the price lists into the table that hotspan brings. */
import { modelNames } from '../../src/cost/model-name.js';
import type { ModelEntry, Rate, Rates } from '../../src/cost/rates.js';
import { DEARER_ON_WEEKDAYS, FACTS } from './facts.js';
import { ratesOf, type PriceList } from './lists.js';

/** The providers that several lists have, and how each is asked for. Vertex AI has the models of Google. */
export const MAIN_PROVIDERS: readonly (readonly [name: string, shelf: string, listed: string])[] = [
  ['openai', 'openai', 'openai'],
  ['anthropic', 'anthropic', 'anthropic'],
  ['gcp.gemini', 'google', 'google'],
  ['gcp.vertex_ai', 'google', 'vertex'],
  ['aws.bedrock', 'aws', 'aws'],
  ['azure.ai.openai', 'azure', 'azure'],
  ['mistral_ai', 'mistral', 'mistral'],
  ['cohere', 'cohere', 'cohere'],
  ['groq', 'groq', 'groq'],
  ['together', 'together', 'together'],
  ['fireworks', 'fireworks', 'fireworks'],
  ['deepseek', 'deepseek', 'deepseek'],
  ['x_ai', 'x-ai', 'x-ai'],
  ['perplexity', 'perplexity', 'perplexity'],
  ['openrouter', 'openrouter', 'openrouter'],
  ['cerebras', 'cerebras', 'cerebras'],
  ['moonshot_ai', 'moonshotai', 'moonshotai'],
];
/** Those that genai-prices alone has, or nearly so. */
const FURTHER_PROVIDERS = [
  'zai',
  'minimax',
  'voyageai',
  'novita',
  'baseten',
  'cloudflare',
  'ovhcloud',
];

export interface Consensus {
  /** What at least two lists say; `undefined` if no two agree. */
  readonly rates: Rates | undefined;
  /** The entries of the lists that agree, in the order of the lists. */
  readonly agreeing: readonly ModelEntry[];
}

/** Two lists agree if input and output cost the same, within 1 %. */
export function consensusOf(entries: readonly (ModelEntry | undefined)[]): Consensus {
  const known = entries.filter((entry) => entry !== undefined && isByTokens(ratesOf(entry)));
  for (const entry of known) {
    const agreeing = known.filter((other) => isSamePrice(ratesOf(entry)!, ratesOf(other)!));
    if (agreeing.length < 2) continue;
    const reads = agreeing.map((each) => ratesOf(each)!.cache_read_mtok);
    const read = reads.find(
      (rate, index) =>
        rate !== undefined && reads.some((other, at) => at !== index && isClose(rate, other)),
    );
    const { input_mtok, output_mtok = 0 } = ratesOf(entry)!;
    const rates = { input_mtok: input_mtok!, output_mtok };
    return {
      rates: read === undefined ? rates : { ...rates, cache_read_mtok: read },
      agreeing: agreeing as ModelEntry[],
    };
  }
  return { rates: undefined, agreeing: [] };
}

export function entriesOf(lists: readonly PriceList[], listed: string, name: string) {
  return lists.map((list, index) => {
    // genai-prices has Vertex AI among Google.
    const provider = index === 0 && listed === 'vertex' ? 'google' : listed;
    return list.find(provider, name);
  });
}

function isByTokens(rates: Rates | undefined): boolean {
  return rates?.input_mtok !== undefined && rates.input_mtok !== 0;
}

function isSamePrice(a: Rates, b: Rates): boolean {
  return isClose(a.input_mtok, b.input_mtok) && isClose(a.output_mtok ?? 0, b.output_mtok ?? 0);
}

export function isClose(a: Rate | undefined, b: Rate | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return Math.abs(baseOf(a) - baseOf(b)) <= 0.01 * Math.max(baseOf(a), baseOf(b));
}

export function baseOf(rate: Rate): number {
  return typeof rate === 'number' ? rate : rate.base;
}

/** All names under which lists have models of a provider, in small letters. */
export function namesOf(lists: readonly PriceList[], listed: string): string[] {
  const names = lists.flatMap((list, index) =>
    list.names(index === 0 && listed === 'vertex' ? 'google' : listed),
  );
  return [...new Set(names.map((name) => name.toLowerCase()))]
    .filter((name) => /^[^\s]+$/.test(name) && !name.startsWith('regional.'))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

type Shelves = Map<string, Map<string, ModelEntry>>;

export function makeTable(lists: readonly PriceList[]): Readonly<Record<string, string>> {
  const shelves: Shelves = new Map();
  const further = FURTHER_PROVIDERS.map((id) => ['', id, id] as const);
  for (const [, shelf, listed] of [...MAIN_PROVIDERS, ...further]) {
    const models = shelves.get(shelf) ?? new Map<string, ModelEntry>();
    shelves.set(shelf, models);
    for (const name of namesOf(lists, listed)) {
      const entry = joined(entriesOf(lists, listed, name));
      // Where nothing has a price the list knows none. OpenRouter has models for free.
      const isPriced = shelf === 'openrouter' || /[1-9]/.test(JSON.stringify(entry?.prices));
      if (entry !== undefined && isPriced && !models.has(name)) models.set(name, entry);
    }
  }
  for (const [shelf, name, more] of FACTS) {
    const models = shelves.get(shelf)!;
    for (const [model, entry] of models) {
      if (!name.test(model)) continue;
      models.set(model, {
        ...entry,
        ...more,
        prices: more.prices === undefined ? entry.prices : { ...ratesOf(entry), ...more.prices },
        price_factors: { ...entry.price_factors, ...more.price_factors },
      });
    }
  }
  const ofDeepSeek = shelves.get('deepseek')!;
  for (const [model, entry] of ofDeepSeek) {
    if (!DEARER_ON_WEEKDAYS.test(model) || !isDated(entry.prices)) continue;
    const prices = entry.prices.map((each) =>
      each.constraint?.start_time === undefined
        ? each
        : { ...each, constraint: { ...each.constraint, weekdays: true as const } },
    );
    ofDeepSeek.set(model, { ...entry, prices });
  }
  return Object.fromEntries(
    [...shelves].map(([shelf, models]) => [shelf, JSON.stringify(packed(shelf, models, shelves))]),
  );
}

export function isDated(
  prices: ModelEntry['prices'],
): prices is Exclude<ModelEntry['prices'], Rates> {
  return Array.isArray(prices);
}

/** What two lists say, or the one that is made by hand, with what LiteLLM knows besides. */
function joined(entries: readonly (ModelEntry | undefined)[]): ModelEntry | undefined {
  const [genaiPrices, liteLlm] = entries;
  const { rates, agreeing } = consensusOf(entries);
  const [chosen = genaiPrices ?? liteLlm] = agreeing;
  if (chosen === undefined) return undefined;
  if (Array.isArray(chosen.prices)) {
    // What has its hours, or will change, stays as it is.
    const today = new Date().toISOString().slice(0, 10);
    const isTimed = chosen.prices.some(
      ({ constraint: { start_time, start_date = '' } = {} }) =>
        start_time !== undefined || start_date > today,
    );
    if (isTimed) return { prices: chosen.prices };
  }
  const own = ratesOf(chosen)!;
  const isLiteLlmOfSameMind =
    liteLlm !== undefined &&
    (chosen === liteLlm || agreeing.includes(liteLlm) || isPartOf(own, ratesOf(liteLlm)!));
  const more = isLiteLlmOfSameMind ? liteLlm : undefined;
  const prices = { ...ratesOf(more), ...own };
  if (
    rates?.cache_read_mtok !== undefined &&
    !isClose(prices.cache_read_mtok, rates.cache_read_mtok)
  ) {
    prices.cache_read_mtok = rates.cache_read_mtok;
  }
  for (const [key, rate] of Object.entries(prices)) {
    if (rate === 0 && !/^(?:input|output)_mtok$/.test(key)) Reflect.deleteProperty(prices, key);
  }
  // Where every token out is of a picture, the list has its price alone.
  if (prices.output_mtok === undefined && prices.output_image_mtok !== undefined) {
    prices.output_mtok = prices.output_image_mtok;
  }
  return withVariants(prices, chosen, more);
}

function isPartOf(own: Rates, other: Rates): boolean {
  const shared = Object.keys(own).filter((key) => key in other);
  return shared.length > 0 && shared.every((key) => isClose(own[key], other[key]));
}

function withVariants(
  prices: Record<string, Rate>,
  chosen: ModelEntry,
  more: ModelEntry | undefined,
): ModelEntry {
  const factors: Record<string, Record<string, number>> = {};
  for (const [dimension, values] of Object.entries(more?.price_factors ?? {})) {
    factors[dimension] = { ...values };
  }
  const variants: NonNullable<ModelEntry['price_variants']>[number][] = [];
  const seen = new Set<string>();
  for (const variant of [...(chosen.price_variants ?? []), ...(more?.price_variants ?? [])]) {
    const [[dimension, value] = ['', ''], ...others] = Object.entries(variant.when);
    const isKnown = ['processing', 'service_tier', 'speed'].includes(dimension);
    const isBegun = (variant.constraint?.start_date ?? '') <= new Date().toISOString().slice(0, 10);
    if (!isKnown || others.length > 0 || value === 'default' || !isBegun) continue;
    const key = `${dimension} ${value}`;
    if (seen.has(key) || Object.keys(variant.prices).length === 0) continue;
    seen.add(key);
    const way = dimension === 'processing' ? 'service_tier' : dimension;
    const factor = factorOf(prices, variant.prices);
    if (factor === undefined) {
      if (factors[way] !== undefined) Reflect.deleteProperty(factors[way], value);
      variants.push({ when: variant.when, prices: variant.prices });
    } else {
      (factors[way] ??= {})[value] = factor;
    }
  }
  const known = Object.entries(factors).filter(([, values]) => Object.keys(values).length > 0);
  return {
    prices,
    ...(variants.length > 0 ? { price_variants: variants } : {}),
    ...(known.length > 0 ? { price_factors: Object.fromEntries(known) } : {}),
  };
}

/** By how much all prices of tokens are multiplied, if they all are by the same. */
function factorOf(prices: Rates, varied: Rates): number | undefined {
  const keys = Object.keys(prices).filter((key) => key.endsWith('_mtok') && prices[key] !== 0);
  const [first, ...others] = keys.map((key) => {
    const [rate, other] = [prices[key]!, varied[key]];
    if (typeof other !== typeof rate) return Number.NaN;
    const [a, b] = [stepsOf(rate), stepsOf(other!)];
    const ratios = a.map((price, step) => (b[step] ?? Number.NaN) / price);
    return ratios.every((ratio) => Math.abs(ratio - ratios[0]!) < 1e-4) ? ratios[0]! : Number.NaN;
  });
  if (first === undefined || !(first > 0)) return undefined;
  return others.every((ratio) => Math.abs(ratio - first) < 1e-4)
    ? Number(first.toFixed(4))
    : undefined;
}

function stepsOf(rate: Rate): number[] {
  return typeof rate === 'number' ? [rate] : [rate.base, ...rate.tiers.map(({ price }) => price)];
}

/** One entry for all names of the same price, without the names that are found by another. */
function packed(shelf: string, models: ReadonlyMap<string, ModelEntry>, shelves: Shelves) {
  const texts = new Map([...models].map(([name, entry]) => [name, JSON.stringify(entry)]));
  const elsewhere = shelf === 'azure' ? shelves.get('openai') : undefined;
  const kept = new Map<string, string>();
  const found = (name: string) => {
    const other = modelNames(name, shelf).find((each) => kept.has(each));
    return other === undefined ? JSON.stringify(elsewhere?.get(name)) : kept.get(other);
  };
  // What one name is found by may be kept later than it was asked for.
  for (let before = -1; before < kept.size;) {
    before = kept.size;
    for (const [name, text] of texts) if (found(name) !== text) kept.set(name, text);
  }
  const groups = new Map<string, string[]>();
  for (const [name, text] of kept) groups.set(text, [...(groups.get(text) ?? []), name]);
  return [...groups].map(([text, names]) => ({
    names: names.join(' '),
    ...(JSON.parse(text) as ModelEntry),
  }));
}
