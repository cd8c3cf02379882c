import { fields, isObject, text, type Fields } from '../fields.js';
import { usableFigure, wordOf } from './figure.js';
import type { TokenUsage } from './token-usage.js';
import { keysOf } from './unknown-object.js';
import type { UsageField, Meaning, Names, Word } from './usage-names.js';

/** No model takes or gives more tokens. */
export const MAX_TOKENS = 1e9;
/** The most entries of a list to read. */
export const MAX_ITEMS = 1_000;
/** What xAI counts cost in. */
const USD_PER_TICK = 1e-10;

/** How a request is sold unless somebody asks for more or less, and where it runs. */
const USUAL =
  /^(?:standard|default|auto|on_demand|unspecified|traffic_type_unspecified|global|not_available)?$/;

const GEMINI = /^(?:.*\/)?gemini/i;

type Part = readonly [parts: readonly UsageField[], whole: UsageField, words: string];

const PARTS: readonly Part[] = [
  [['cacheReadTokens', 'cacheWriteTokens'], 'inputTokens', 'more cached than input tokens'],
  [['cacheWriteOneHourTokens'], 'cacheWriteTokens', 'more tokens cached for an hour than cached'],
  [['reasoningTokens'], 'outputTokens', 'more reasoning than output tokens'],
  [
    ['inputAudioTokens', 'inputImageTokens', 'inputVideoTokens'],
    'inputTokens',
    'more tokens of audio, images and video than input tokens',
  ],
  [
    ['cacheReadAudioTokens', 'cacheReadImageTokens'],
    'cacheReadTokens',
    'more tokens of audio and images from the cache than cached ones',
  ],
  [
    ['outputAudioTokens', 'outputImageTokens'],
    'outputTokens',
    'more tokens of audio and images than output tokens',
  ],
];

type Beside = readonly [beside: Meaning, part: UsageField, whole: 'inputTokens' | 'outputTokens'];

/** Parts that some count beside their whole. */
const BESIDE: readonly Beside[] = [
  ['+cacheReadTokens', 'cacheReadTokens', 'inputTokens'],
  ['+cacheWriteTokens', 'cacheWriteTokens', 'inputTokens'],
  ['+inputAudioTokens', 'inputAudioTokens', 'inputTokens'],
  ['+inputImageTokens', 'inputImageTokens', 'inputTokens'],
  ['+reasoningTokens', 'reasoningTokens', 'outputTokens'],
  ['+outputAudioTokens', 'outputAudioTokens', 'outputTokens'],
];

/** In the order of attributes; the first are told even where they are 0. */
const TOLD: readonly UsageField[] = [
  ...(['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens'] as const),
  ...(['reasoningTokens', 'reportedCostUsd'] as const),
];
const DETAILS: readonly UsageField[] = [
  ...PARTS.flatMap(([parts]) => parts).filter((part) => !TOLD.includes(part)),
  ...(['audioSeconds', 'searchUnits', 'webSearches'] as const),
];
const COMMON: ReadonlySet<Meaning> = new Set([...TOLD, 'promptTokens', 'totalTokens']);
const PARTS_TOLD = PARTS.filter(([parts]) => parts.some((part) => TOLD.includes(part)));
export const USAGE_FIELDS: readonly UsageField[] = [...TOLD, ...DETAILS];
const WORDS: readonly Word[] = ['serviceTier', 'speed', 'inferenceGeo'];
/** The names of {@link TokenUsage} itself. */
export const OWN_NAMES: Names = new Map(
  [...USAGE_FIELDS, ...WORDS].map((means) => [means, { means }]),
);

export type MutableUsage = { -readonly [K in keyof TokenUsage]: TokenUsage[K] };
type Found = Partial<Record<Meaning, number>>;

/** What a report says, figure by figure. Leaves out what cannot be right, with a warning for each. */
export class UsageFigures {
  readonly #found: Found = {};
  readonly #words: Partial<Record<Word, string>> = {};
  /** Most reports have none. */
  #hasDetails = false;
  /** What was left out, in the words of `hotspan.cost.excludes`: what the tokens cost is not known. */
  readonly doubts = new Set<string>();
  /** What else is billed, and has no price. */
  readonly unpriced = new Set<string>();

  constructor(private readonly warnings: string[]) {}

  /** @param path of the object, for warnings */
  gather(from: unknown, names: Names, path: string): void {
    this.#gather(from, names, path, this.#found, Math.max);
  }

  /**
   * @param isChat a total alone is no input, as it is for embeddings
   * @param model the one that answered
   */
  usage(isChat: boolean, model = ''): MutableUsage {
    const usage: MutableUsage = {};
    this.#findWholes(isChat, model);
    // Pictures are billed by their tokens, if those are told.
    if (this.#found.inputImageTokens !== undefined) this.unpriced.delete('input_image');
    for (const field of TOLD) {
      const figure = this.#found[field];
      if (figure !== undefined) usage[field] = figure;
    }
    for (const field of this.#hasDetails ? DETAILS : []) {
      const figure = this.#found[field] ?? 0;
      if (figure > 0) usage[field] = figure;
    }
    this.#dropParts(usage);
    return Object.assign(usage, this.#words);
  }

  /** A figure under two names is the larger of both; the entries of a list add up. Returns whether there was any. */
  #gather(from: unknown, names: Names, path: string, found: Found, join: Join): boolean {
    let isKnown = false;
    for (const key of this.#keysOf(from, path)) {
      const name = names.get(key);
      if (name === undefined) continue;
      const value = this.#read(from, key, path);
      if (value === undefined || value === null) continue;
      isKnown = true;
      const { means, inside } = name;
      const isNested = isObject(value) && inside !== undefined;
      if (isNested && this.#gatherNested(value, inside, `${path}${key}.`, found, join)) continue;
      if (means !== undefined) this.#add(means, value, path + key, found, join);
    }
    return isKnown;
  }

  #gatherNested(value: object, names: Names, path: string, found: Found, join: Join): boolean {
    if (!Array.isArray(value)) return this.#gather(value, names, path, found, join);
    const sums: Found = {};
    for (const item of value.slice(0, MAX_ITEMS)) this.#gatherItem(item, names, path, sums);
    for (const [means, sum] of Object.entries(sums) as [Meaning, number][]) {
      found[means] = found[means] === undefined ? sum : join(found[means], sum);
    }
    return true;
  }

  /** An entry of a list says in a word what it counts, or has names of its own. */
  #gatherItem(item: unknown, names: Names, path: string, sums: Found): void {
    if (!isObject(item)) return;
    const read = (key: string) => this.#read(item, key, path);
    const type = read('type');
    const word = text(read('modality'), read('ttl'), type)?.toLowerCase() ?? '';
    const means = names.get(word)?.means;
    if (means === undefined) {
      this.#gather(item, names, path, sums, add);
      return;
    }
    const count = COUNTS.map(read).find((value) => value !== undefined && value !== null);
    // To open a page of what was found is no search.
    const isCall = type !== undefined && text(fields(read('action')).type, 'search') === 'search';
    this.#add(means, count ?? Number(isCall), path + word, sums, add);
  }

  #add(means: Meaning, value: unknown, path: string, found: Found, join: Join): void {
    if (WORDS.includes(means as Word)) {
      const word = text(value)
        ?.toLowerCase()
        .replace(/^on_demand_/, '');
      if (word !== undefined && !USUAL.test(word)) this.#words[means as Word] ??= word.slice(0, 50);
      return;
    }
    const counted = means === 'isByok' ? Number(value === true) : usableFigure(value, means);
    if (counted === undefined)
      this.#doubt(means, path, 'was not a number of at least 0 and was left out');
    else if (counted > MAX_TOKENS && means !== 'costTicks') {
      this.#doubt(means, path, 'was more than any model takes and was left out');
    } else {
      found[means] = found[means] === undefined ? counted : join(found[means], counted);
      this.#hasDetails ||= counted > 0 && !COMMON.has(means);
      if (counted > 0 && means.startsWith('!')) this.unpriced.add(wordOf(means));
    }
  }

  #keysOf(from: unknown, path: string): readonly string[] {
    try {
      return keysOf(from);
    } catch {
      this.#doubt('usage', path.slice(0, -1) || 'a field', CLOSED);
      return [];
    }
  }

  #read(from: unknown, key: string, path: string): unknown {
    try {
      return (from as Fields)[key];
    } catch {
      this.#doubt('usage', path + key, CLOSED);
      return undefined;
    }
  }

  #doubt(means: Meaning | 'usage', path: string, why: string): void {
    this.doubts.add(wordOf(means));
    this.warnings.push(`${path} of an LLM response ${why}`);
  }

  /** Finds input and output of which everything else is a part. */
  #findWholes(isChat: boolean, model: string): void {
    const found = this.#found;
    const isTotalAlone =
      (found.promptTokens ?? found.inputTokens ?? found.outputTokens) === undefined;
    if (isTotalAlone && !isChat && found.totalTokens !== undefined) {
      found.inputTokens = found.totalTokens;
    }
    const { promptTokens, flatReasoningTokens: reasoning } = found;
    const { cacheWriteFiveMinuteTokens: short = 0, cacheWriteOneHourTokens: long = 0 } = found;
    // LangChain in Python tells the whole as 0 where it knows the parts.
    if (found.cacheWriteTokens === 0) found.cacheWriteTokens = short + long;
    if (promptTokens !== undefined) found.inputTokens = promptTokens;
    // Who tells citations (Perplexity) tells them and the reasoning beside the rest.
    if (reasoning !== undefined) {
      found[found.citationTokens === undefined ? 'reasoningTokens' : '+reasoningTokens'] ??=
        reasoning;
    }
    const { totalTokens: total, inputTokens = 0, outputTokens = 0 } = found;
    const isWhole = total === inputTokens + outputTokens && found.citationTokens === undefined;
    for (const [name, part, whole] of BESIDE) {
      const beside = found[name];
      if (beside === undefined) continue;
      found[part] = Math.max(found[part] ?? 0, beside);
      const isIn = whole === 'inputTokens' ? promptTokens !== undefined : isWhole;
      if (!isIn) found[whole] = (found[whole] ?? 0) + beside;
    }
    const { '+toolTokens': tool = 0 } = found;
    if (tool > 0 && !isWhole) found.inputTokens = (found.inputTokens ?? 0) + tool;
    this.#trustTotal(model);
    this.#findCost();
    if (found.billedSearches !== undefined) found.webSearches = found.billedSearches;
  }

  /** The total shows which parts are beside their whole: reasoning at xAI, and in Google's by the AI SDK 5. */
  #trustTotal(model: string): void {
    const found = this.#found;
    const { totalTokens: total, inputTokens, outputTokens } = found;
    const { cacheReadTokens: cached = 0, reasoningTokens: reasoning = 0 } = found;
    if (total === undefined || inputTokens === undefined || outputTokens === undefined) return;
    const sum = inputTokens + outputTokens;
    if (total <= sum) return;
    if (total === sum + reasoning || total === sum + reasoning + cached) {
      found.outputTokens = outputTokens + reasoning;
    }
    if (total === sum + cached || total === sum + reasoning + cached) {
      found.inputTokens = inputTokens + cached;
    }
    // Where Gemini's thoughts are not told, as in OpenAI's form, only the total has them.
    const isRead = found.inputTokens !== inputTokens || found.outputTokens !== outputTokens;
    if (!isRead && GEMINI.test(model)) found.outputTokens = total - inputTokens;
  }

  #findCost(): void {
    const found = this.#found;
    if (found.costTicks !== undefined) found.reportedCostUsd ??= found.costTicks * USD_PER_TICK;
    if (found.isByok !== 1) return;
    // With a key of the caller's own, `cost` is OpenRouter's fee alone; the provider charges the rest.
    const { reportedCostUsd = 0, upstreamCostUsd } = found;
    if (upstreamCostUsd === undefined) delete found.reportedCostUsd;
    else found.reportedCostUsd = reportedCostUsd + upstreamCostUsd;
  }

  /** Leaves out parts that exceed their whole, or have none. */
  #dropParts(usage: MutableUsage): void {
    for (const [parts, whole, words] of this.#hasDetails ? PARTS : PARTS_TOLD) {
      let sum: number | undefined;
      for (const part of parts) if (usage[part] !== undefined) sum = (sum ?? 0) + usage[part];
      if (sum === undefined || sum <= (usage[whole] ?? 0)) continue;
      const isKnown = usage[whole] !== undefined;
      for (const part of parts) {
        if (isKnown && part in usage) this.doubts.add(wordOf(part));
        Reflect.deleteProperty(usage, part);
      }
      if (!isKnown) continue;
      this.warnings.push(`an LLM response reported ${words}; the former were left out`);
    }
  }
}

type Join = (a: number, b: number) => number;
const add: Join = (a, b) => a + b;

/** Where an entry of a list has its number. */
const COUNTS = ['tokenCount', 'token_count', 'tokens', 'count', 'inputTokens', 'input_tokens'];
const CLOSED = 'could not be read';
