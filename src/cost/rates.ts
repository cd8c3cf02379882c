import { COST_KINDS, noKinds, type CostByKind, type CostKind } from './cost-kinds.js';
import type { SummedUsage, TokenUsage } from './token-usage.js';

/** A price, or one that depends on how many input tokens the request has. */
export type Rate =
  | number
  | {
      readonly base: number;
      /** Each is the price of all tokens of a request that has more than `start` input tokens. */
      readonly tiers: readonly { readonly start: number; readonly price: number }[];
    };

/** Prices by what they are for, as the lists of genai-prices name it: `input_mtok` is a million tokens. */
export type Rates = Readonly<Record<string, Rate>>;

/** When prices are in force, by days and times of UTC. */
export interface Constraint {
  readonly start_date?: string;
  readonly start_time?: string;
  readonly end_time?: string;
  /** Not on Saturdays and Sundays. */
  readonly weekdays?: true;
}

/** What a price list says of a model. */
export interface ModelEntry {
  /** Of several the last one in force. */
  readonly prices:
    Rates | readonly { readonly constraint?: Constraint | undefined; readonly prices: Rates }[];
  /** Other prices of requests that were sold in another way: `{ processing: 'batch' }`. */
  readonly price_variants?: readonly {
    readonly when: Readonly<Record<string, string>>;
    readonly prices: Rates;
    readonly constraint?: Constraint | undefined;
  }[];
  /** What the prices of tokens are multiplied by: `{ inference_geo: { us: 1.1 } }`. */
  readonly price_factors?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The shortest audio that is billed. */
  readonly minimum_audio_seconds?: number;
}

export interface Priced {
  readonly usd: number;
  /** They add up to `usd`. Absent where only that is known. */
  readonly byKind?: CostByKind | undefined;
  readonly excludes?: readonly string[];
}

/** What changes the price of a whole request, each with the values that do not. */
const WAYS_OF_SALE = [
  ['service_tier', 'serviceTier'],
  ['speed', 'speed'],
  ['inference_geo', 'inferenceGeo'],
] as const;
const USUAL = new Set(
  'default standard standard_only auto on_demand ondemand normal global none null not_available unspecified'
    .split(' ')
    .concat('', 'service_tier_unspecified', 'traffic_type_unspecified'),
);

const UNUSUAL = [
  ...(['serviceTier', 'speed', 'inferenceGeo', 'webSearches', 'cacheWriteTokens'] as const),
  ...(['inputAudioTokens', 'inputImageTokens', 'inputVideoTokens'] as const),
  ...(['outputAudioTokens', 'outputImageTokens', 'audioSeconds'] as const),
];
const INPUT = 'input_mtok';
const READ = 'cache_read_mtok';
const WRITTEN = 'cache_write_mtok';
const MILLION = 1e6;
/** Of the prices that a list may have for a part; all others are for something else. */
const KINDS: Readonly<Record<string, CostKind>> = {
  output_mtok: 'outputCostUsd',
  output_reasoning_mtok: 'outputCostUsd',
  input_mtok: 'uncachedInputCostUsd',
  cache_read_mtok: 'cachedInputCostUsd',
  cache_image_read_mtok: 'cachedInputCostUsd',
  cache_audio_read_mtok: 'cachedInputCostUsd',
  cache_write_mtok: 'cacheWriteInputCostUsd',
  cache_write_1h_mtok: 'cacheWriteInputCostUsd',
};
const SECONDS_OF_HOUR = 3_600;

/**
 * Prices a request, and says what it could not price. Returns `undefined` if the usage contradicts itself,
 * or if too little of it has a price: all of the input, or all of the output.
 */
export function priceUsage(
  entry: ModelEntry,
  usage: SummedUsage,
  now = () => new Date(),
): Priced | undefined {
  const standard = ratesAt(entry.prices, now);
  if (standard === undefined) return undefined;
  const usual = usualPrice(standard, usage);
  if (usual !== undefined) return usual;
  const bill = new Bill(usage.largestInputTokens ?? usage.inputTokens ?? 0);
  bill.rates = standard;
  bill.sellAs(entry, usage, now);
  const isByTokens =
    usage.inputTokens !== undefined &&
    (standard.input_mtok ?? standard.output_mtok ?? standard.output_image_mtok) !== undefined;
  if (isByTokens && !(bill.addInput(usage) && bill.addOutput(usage))) return undefined;
  const { audioSeconds = 0, searchUnits = 0, inputAudioTokens = 0 } = usage;
  // Mistral's chat bills what was said by time, and the rest by tokens.
  if (inputAudioTokens === 0) {
    const seconds = Math.max(audioSeconds, entry.minimum_audio_seconds ?? 0);
    const perHour = standard.input_audio_hours === undefined ? 'audio_hours' : 'input_audio_hours';
    bill.add(audioSeconds && seconds, perHour, SECONDS_OF_HOUR, 'audio_seconds');
  }
  if (!isByTokens) {
    bill.add(searchUnits, 'search_units_kcount', 1e3, 'search_units');
    if (bill.priced === 0) return undefined;
  }
  // Where each request has a fee for its searches, it depends on how far they look.
  if (standard.requests_kcount !== undefined) bill.exclude('web_search');
  else bill.add(usage.webSearches ?? 0, 'web_searches_kcount', 1e3, 'web_search');
  return bill.total();
}

/** Most requests are of text, and sold in the usual way. This takes a fifth of the time of a bill. */
function usualPrice(rates: Rates, usage: TokenUsage): Priced | undefined {
  const { inputTokens, outputTokens = 0, cacheReadTokens = 0 } = usage;
  const { input_mtok: input, output_mtok: output, cache_read_mtok: read = input } = rates;
  if (typeof input !== 'number' || typeof output !== 'number' || typeof read !== 'number') {
    return undefined;
  }
  if (inputTokens === undefined || cacheReadTokens > inputTokens) return undefined;
  for (const field of UNUSUAL) if (usage[field] !== undefined) return undefined;
  if ((rates.requests_kcount ?? rates.output_reasoning_mtok) !== undefined) return undefined;
  const written = (outputTokens * output) / MILLION;
  const uncached = ((inputTokens - cacheReadTokens) * input) / MILLION;
  const cached = (cacheReadTokens * read) / MILLION;
  return { usd: uncached + written + cached, byKind: [written, uncached, cached, 0, 0] };
}

/** Returns the prices in force. */
export function ratesAt(prices: ModelEntry['prices'], now: () => Date): Rates | undefined {
  if (!Array.isArray(prices)) return prices as Rates;
  const listed = prices as Exclude<ModelEntry['prices'], Rates>;
  return listed.findLast(({ constraint }) => isInForce(constraint, now))?.prices;
}

function isInForce(constraint: Constraint | undefined, now: () => Date): boolean {
  if (constraint === undefined) return true;
  const { start_date, start_time, end_time, weekdays } = constraint;
  const present = now();
  const [day = '', time = ''] = present.toISOString().split('T');
  if (start_date !== undefined) return start_date <= day;
  if (start_time === undefined || end_time === undefined) return true;
  if (weekdays === true && present.getUTCDay() % 6 === 0) return false;
  return end_time < start_time
    ? time >= start_time || time < end_time
    : time >= start_time && time < end_time;
}

class Bill {
  rates: Rates = {};
  /** How much has been priced, of any kind. */
  priced = 0;
  #usd = 0;
  readonly #byKind = noKinds();
  #factor = 1;
  #excludes: string[] | undefined;

  constructor(private readonly inputTokens: number) {}

  /** Takes the rates of the service tier, the speed and the place, or says that they are not known. */
  sellAs(entry: ModelEntry, usage: TokenUsage, now: () => Date): void {
    let isVaried = false;
    for (const [dimension, field] of WAYS_OF_SALE) {
      const given = usage[field];
      if (given === undefined) continue;
      // Vertex AI: `ON_DEMAND_FLEX`.
      const value = given.toLowerCase().replace(/^on_demand_(?=.)/, '');
      if (USUAL.has(value)) continue;
      const factor = entry.price_factors?.[dimension]?.[value];
      const variants = (entry.price_variants ?? []).filter(({ when, constraint }) => {
        const [key = '', ...more] = Object.keys(when);
        const isAsked = key === dimension || (key === 'processing' && dimension === 'service_tier');
        return isAsked && more.length === 0 && when[key] === value && isInForce(constraint, now);
      });
      if (factor !== undefined) {
        this.#factor *= factor;
      } else if (variants.length > 0 && !isVaried) {
        isVaried = true;
        for (const { prices } of variants.reverse()) this.rates = { ...this.rates, ...prices };
      } else {
        this.exclude(`${dimension} ${value}`);
      }
    }
  }

  /** Returns `false` if the parts are more than the whole, or nothing has a price. */
  addInput(usage: TokenUsage): boolean {
    const { inputTokens = 0, cacheReadTokens: read = 0, cacheWriteTokens: written = 0 } = usage;
    const { inputAudioTokens: audio = 0, inputImageTokens: images = 0 } = usage;
    const { cacheReadAudioTokens: readAudio = 0, cacheReadImageTokens: readImages = 0 } = usage;
    const { inputVideoTokens: video = 0, cacheWriteOneHourTokens: writtenLong = 0 } = usage;
    const before = this.priced;
    const newAudio = audio - readAudio;
    const newImages = images - readImages;
    const isConsistent =
      this.#addText(inputTokens - read - written - newAudio - newImages - video, 'input_mtok') &&
      this.#addPart(read - readAudio - readImages, [READ, INPUT]) &&
      this.#addPart(written - writtenLong, [WRITTEN, INPUT]) &&
      this.#addPart(video, ['input_video_mtok', INPUT]) &&
      // The tokens of pictures cost what those of text do, unless the list has another price.
      this.#addPart(newImages, ['input_image_mtok', INPUT]) &&
      this.#addPart(newAudio, ['input_audio_mtok'], 'input_audio') &&
      this.#addPart(
        readImages,
        ['cache_image_read_mtok', ...this.#ifSame('input_image_mtok', [READ, INPUT], true)],
        'input_image',
      ) &&
      this.#addPart(
        readAudio,
        ['cache_audio_read_mtok', ...this.#ifSame('input_audio_mtok', [READ, INPUT], false)],
        'input_audio',
      ) &&
      this.#addPart(
        writtenLong,
        ['cache_write_1h_mtok', ...this.#ifSame(WRITTEN, [WRITTEN, INPUT], true)],
        'cache_write_1h',
      );
    return isConsistent && (this.priced > before || inputTokens === 0);
  }

  /** The same for the output. */
  addOutput(usage: TokenUsage): boolean {
    const { outputTokens = 0, outputAudioTokens: audio = 0, outputImageTokens: images = 0 } = usage;
    const hasOwn = this.rates.output_reasoning_mtok !== undefined;
    const reasoning = hasOwn ? (usage.reasoningTokens ?? 0) : 0;
    const before = this.priced;
    const isConsistent =
      this.#addText(outputTokens - audio - images - reasoning, 'output_mtok') &&
      this.#addPart(reasoning, ['output_reasoning_mtok']) &&
      this.#addPart(audio, ['output_audio_mtok'], 'output_audio') &&
      this.#addPart(images, ['output_image_mtok'], 'output_image');
    return isConsistent && (this.priced > before || outputTokens === 0);
  }

  #addText(tokens: number, key: string): boolean {
    if (tokens === 0) return true;
    if (this.rates[key] === undefined) return false;
    this.add(tokens, key, MILLION, key);
    return tokens > 0;
  }

  /** Prices a part by the first of these rates that is known. */
  #addPart(tokens: number, keys: readonly string[], word = ''): boolean {
    if (tokens === 0) return true;
    const key = keys.find((name) => this.rates[name] !== undefined) ?? '';
    this.add(tokens, key, MILLION, word, keys[0]);
    return tokens > 0;
  }

  /** A part of what costs as much as text costs as much as that part of text. */
  #ifSame(whole: string, keys: readonly string[], otherwise: boolean): readonly string[] {
    const { [whole]: rate, input_mtok } = this.rates;
    const isSame = rate === undefined ? otherwise : rate === input_mtok;
    return isSame ? keys : [];
  }

  /** @param part the price that the part would have, where it has that of another */
  add(amount: number, key: string, per: number, word: string, part = key): void {
    if (amount === 0) return;
    const rate = this.rates[key];
    if (rate === undefined) {
      this.exclude(word);
      return;
    }
    this.priced += amount;
    // Searches and seconds cost the same however the tokens were sold.
    const factor = per === MILLION ? this.#factor : 1;
    const usd = (factor * amount * priceIn(rate, this.inputTokens)) / per;
    this.#usd += usd;
    this.#byKind[COST_KINDS.indexOf(KINDS[part] ?? 'otherCostUsd')]! += usd;
  }

  exclude(word: string): void {
    this.#excludes ??= [];
    if (!this.#excludes.includes(word)) this.#excludes.push(word);
  }

  total(): Priced {
    const priced = { usd: this.#usd, byKind: this.#byKind };
    return this.#excludes === undefined ? priced : { ...priced, excludes: this.#excludes };
  }
}

function priceIn(rate: Rate, inputTokens: number): number {
  if (typeof rate === 'number') return rate;
  return rate.tiers.findLast(({ start }) => inputTokens > start)?.price ?? rate.base;
}
