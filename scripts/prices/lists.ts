/** Fetches public price lists as the packages that hold them, and reads them into one form. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMatch, type MatchRule } from '../../src/cost/match-rule.js';
import {
  ratesAt,
  type Constraint,
  type ModelEntry,
  type Rate,
  type Rates,
} from '../../src/cost/rates.js';

/** What a list says of each model, by the price table's name of the provider and the name of the model. */
export interface PriceList {
  readonly name: string;
  readonly version: string;
  find(provider: string, model: string): ModelEntry | undefined;
  /** The names of a provider's models, as far as the list tells them. */
  names(provider: string): readonly string[];
}

interface GenaiModel extends ModelEntry {
  readonly id: string;
  readonly match: MatchRule;
}
interface GenaiProvider {
  readonly id: string;
  readonly models: readonly GenaiModel[];
  readonly fallback_model_providers?: readonly string[];
}

/** LiteLLM's names of providers, each with the price table's. */
const LITELLM_PROVIDERS: Readonly<Record<string, string>> = {
  ...{ openai: 'openai', 'text-completion-openai': 'openai', anthropic: 'anthropic' },
  ...{ gemini: 'google', bedrock: 'aws', bedrock_converse: 'aws' },
  ...{ azure: 'azure', azure_ai: 'azure', azure_text: 'azure', mistral: 'mistral' },
  ...{ cohere: 'cohere', cohere_chat: 'cohere', groq: 'groq', together_ai: 'together' },
  ...{ fireworks_ai: 'fireworks', 'fireworks_ai-embedding-models': 'fireworks' },
  ...{ deepseek: 'deepseek', xai: 'x-ai', perplexity: 'perplexity', openrouter: 'openrouter' },
  ...{ cerebras: 'cerebras', moonshot: 'moonshotai', voyage: 'voyageai', zai: 'zai' },
};

/** LiteLLM's names of rates in USD for one, each with the price table's name and how many that counts. */
const LITELLM_RATES: readonly (readonly [string, string, number])[] = [
  ['input_cost_per_token', 'input_mtok', 1e6],
  ['output_cost_per_token', 'output_mtok', 1e6],
  ['cache_read_input_token_cost', 'cache_read_mtok', 1e6],
  ['cache_creation_input_token_cost', 'cache_write_mtok', 1e6],
  ['cache_creation_input_token_cost_above_1hr', 'cache_write_1h_mtok', 1e6],
  ['input_cost_per_audio_token', 'input_audio_mtok', 1e6],
  ['output_cost_per_audio_token', 'output_audio_mtok', 1e6],
  ['cache_read_input_audio_token_cost', 'cache_audio_read_mtok', 1e6],
  ['input_cost_per_image_token', 'input_image_mtok', 1e6],
  ['output_cost_per_image_token', 'output_image_mtok', 1e6],
  ['cache_read_input_image_token_cost', 'cache_image_read_mtok', 1e6],
  ['input_cost_per_video_token', 'input_video_mtok', 1e6],
  ['input_cost_per_second', 'input_audio_hours', 3_600],
  ['input_cost_per_query', 'search_units_kcount', 1e3],
];
const LITELLM_VARIANTS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['batches', { processing: 'batch' }],
  ['flex', { service_tier: 'flex' }],
  ['priority', { service_tier: 'priority' }],
];

export function fetchLists(): Promise<PriceList[]> {
  return inFolder((folder) => [genaiPrices(folder), liteLlm(folder), modelsDev(folder)]);
}

/** Gives a folder that is there as long as the work takes. */
export async function inFolder<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'prices-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Unpacks a package of npm, without what it depends on, and returns where it is. */
export function unpack(wanted: string, folder: string): string {
  const packed = run('npm', 'pack', '--silent', '--pack-destination', folder, wanted).trim();
  run('tar', '-xzf', join(folder, packed), '-C', folder);
  return join(folder, 'package');
}

function genaiPrices(folder: string): PriceList {
  const target = join(folder, 'genai-prices');
  run('python3', '-m', 'pip', 'install', '--quiet', '--target', target, 'genai-prices');
  const script = fileURLToPath(new URL('genai-prices.py', import.meta.url));
  const providers = JSON.parse(run('python3', script, target)) as GenaiProvider[];
  const byId = new Map(providers.map((provider) => [provider.id, provider]));
  const find = (id: string, model: string): ModelEntry | undefined => {
    const provider = byId.get(id);
    const found = provider?.models.find(({ match }) => isMatch(match, model));
    for (const other of found === undefined ? (provider?.fallback_model_providers ?? []) : []) {
      const elsewhere = byId.get(other)?.models.find(({ match }) => isMatch(match, model));
      if (elsewhere !== undefined) return elsewhere;
    }
    return found;
  };
  const version = readdirSync(target)
    .map((name) => /^genai_prices-(.+)\.dist-info$/.exec(name)?.[1])
    .find((found) => found !== undefined)!;
  const names = (id: string) =>
    (byId.get(id)?.models ?? []).flatMap((model) => [
      // A name of its own for all regions.
      model.id.replace(/^regional\./, ''),
      ...namesIn(model.match).map((name) => name.replace(/^\//, '')),
    ]);
  return { name: 'genai-prices (PyPI)', version, find, names };
}

/** The names of models that a rule tells. */
function namesIn(rule: MatchRule): string[] {
  const { equals, starts_with, ends_with, contains, or, and } = rule;
  const own = [equals, starts_with, ends_with, contains].filter(
    (name) => name !== undefined && /\w$/.test(name),
  ) as string[];
  return [...own, ...[...(or ?? []), ...(and ?? [])].flatMap(namesIn)];
}

function liteLlm(folder: string): PriceList {
  const target = join(folder, 'litellm');
  run('python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', target, 'litellm');
  const [wheel = ''] = readdirSync(target);
  const program =
    'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';
  const path = 'litellm/model_prices_and_context_window_backup.json';
  const text = run('python3', '-c', program, join(target, wheel), path);
  const list = JSON.parse(text) as Record<string, Record<string, unknown>>;
  const models = new Map<string, Map<string, ModelEntry>>();
  for (const [key, listed] of Object.entries(list)) {
    const seller = String(listed.litellm_provider);
    const provider = seller.startsWith('vertex_ai') ? 'vertex' : LITELLM_PROVIDERS[seller];
    if (provider === undefined) continue;
    const short = key.startsWith(`${seller}/`) ? key.slice(seller.length + 1) : key;
    const name = short.replace(/^vertex_ai\/|^fireworks_ai\//, '');
    // Of a region, or of a picture's size.
    if (['aws', 'azure', 'mistral'].includes(provider) && name.includes('/')) continue;
    const own = models.get(provider) ?? new Map<string, ModelEntry>();
    if (!own.has(name.toLowerCase())) own.set(name.toLowerCase(), liteLlmEntry(listed));
    models.set(provider, own);
  }
  return fromMaps('LiteLLM (PyPI)', /-(\d[\d.]*)-/.exec(wheel)![1]!, models);
}

function liteLlmEntry(listed: Record<string, unknown>): ModelEntry {
  const rates = liteLlmRates(listed, '');
  const { search_context_cost_per_query: search, mode } = listed;
  const { search_context_size_medium: perSearch } = (search ?? {}) as Record<string, number>;
  if (perSearch !== undefined) rates.web_searches_kcount = round(perSearch * 1e3);
  // Google's models that hear at the price of text have no rate of their own for it.
  const { litellm_provider, supports_audio_input } = listed;
  const isGoogle = /gemini|vertex/.test(String(litellm_provider));
  if (supports_audio_input === true && isGoogle && !('input_audio_mtok' in rates)) {
    if (rates.input_mtok !== undefined) rates.input_audio_mtok = rates.input_mtok;
  }
  // A speech to text model may have a price by tokens and one by time, of which the first is the real one.
  if (mode !== 'audio_transcription') delete rates.input_audio_hours;
  const variants = LITELLM_VARIANTS.flatMap(([suffix, when]) => {
    const prices = liteLlmRates(listed, `_${suffix}`);
    return Object.keys(prices).length === 0 ? [] : [{ when, prices }];
  });
  const { us } = (listed.provider_specific_entry ?? {}) as Record<string, number>;
  const { fast } = (listed.provider_specific_entry ?? {}) as Record<string, number>;
  return {
    prices: rates,
    ...(variants.length > 0 ? { price_variants: variants } : {}),
    ...((us ?? fast) === undefined
      ? {}
      : {
          price_factors: {
            ...(us === undefined ? {} : { inference_geo: { us } }),
            ...(fast === undefined ? {} : { speed: { fast } }),
          },
        }),
  };
}

function liteLlmRates(listed: Record<string, unknown>, suffix: string): Record<string, Rate> {
  const rates: Record<string, Rate> = {};
  for (const [name, key, count] of LITELLM_RATES) {
    const base = listed[name + suffix];
    if (typeof base !== 'number') continue;
    const tiers = Object.entries(listed).flatMap(([field, price]) => {
      const start = new RegExp(`^${name}_above_(\\d+)k_tokens${suffix}$`).exec(field)?.[1];
      return start === undefined || typeof price !== 'number'
        ? []
        : [{ start: Number(start) * 1e3, price: round(price * count) }];
    });
    const rate = round(base * count);
    tiers.sort((a, b) => a.start - b.start);
    rates[key] = tiers.length > 0 ? { base: rate, tiers } : rate;
  }
  return rates;
}

interface ModelsDevCost {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** The list of models.dev, as the package pi-ai brings it. */
function modelsDev(folder: string): PriceList {
  const root = unpack('@earendil-works/pi-ai@latest', folder);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const data = join(root, 'dist/providers/data');
  const files = {
    ...{ openai: 'openai', anthropic: 'anthropic', google: 'google', vertex: 'google-vertex' },
    ...{ aws: 'amazon-bedrock', azure: 'azure', mistral: 'mistral', groq: 'groq', zai: 'zai' },
    ...{ together: 'together', fireworks: 'fireworks', deepseek: 'deepseek', 'x-ai': 'xai' },
    ...{ openrouter: 'openrouter', cerebras: 'cerebras', moonshotai: 'moonshotai' },
  };
  const models = new Map<string, Map<string, ModelEntry>>();
  for (const [provider, file] of Object.entries(files)) {
    const apis = JSON.parse(readFileSync(join(data, `${file}.json`), 'utf8')) as Record<
      string,
      Record<string, { readonly id: string; readonly type: string; readonly cost?: ModelsDevCost }>
    >;
    const listed = Object.values(apis).flatMap((api) => Object.values(api));
    const priced = listed.flatMap(({ id, type, cost }): [string, ModelEntry][] => {
      // Where it knows no price it has 0.
      if (type !== 'chat' || cost === undefined || cost.input + cost.output === 0) return [];
      const { input: input_mtok, output: output_mtok, cacheRead, cacheWrite } = cost;
      const prices: Record<string, number> = { input_mtok, output_mtok };
      if (cacheRead > 0) prices.cache_read_mtok = cacheRead;
      if (cacheWrite > 0) prices.cache_write_mtok = cacheWrite;
      return [[id.toLowerCase(), { prices }]];
    });
    models.set(provider, new Map(priced));
  }
  return fromMaps('models.dev (in pi-ai, npm)', version, models);
}

export function fromMaps(
  name: string,
  version: string,
  models: ReadonlyMap<string, ReadonlyMap<string, ModelEntry>>,
): PriceList {
  return {
    name,
    version,
    find: (provider, model) => models.get(provider)?.get(model),
    names: (provider) => [...(models.get(provider)?.keys() ?? [])],
  };
}

export function ratesOf(entry: ModelEntry | undefined): Rates | undefined {
  if (entry === undefined) return undefined;
  // The hours in which some models cost more are in the list that has them alone.
  const { prices } = entry;
  const now = () => new Date();
  if (!Array.isArray(prices)) return ratesAt(prices, now);
  const days = (prices as readonly { constraint?: Constraint; prices: Rates }[]).map((each) => ({
    prices: each.prices,
    constraint: { start_date: each.constraint?.start_date ?? '' },
  }));
  return ratesAt(days, now);
}

function round(value: number): number {
  return Number(value.toPrecision(8));
}

function run(command: string, ...words: string[]): string {
  return execFileSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
}
