import type { Provider } from '@pydantic/genai-prices';
import { fields, isObject, items, pick, text } from '../fields.js';
import { anything, aPositiveNumber, aString, checkOptions, type Shape } from '../options.js';
import type { PriceFunction } from './price.js';
import type { TokenUsage } from './token-usage.js';

/** The price table in use. */
export interface PriceTable {
  /** `bundled` for the table of hotspan's dependency, `refreshed` for one from {@link refreshPrices}. */
  readonly source: 'bundled' | 'refreshed';
  /** The newest day on which one of its prices began, such as `2026-09-22`. The table is no older. */
  readonly date: string;
  /** How many models the table has. */
  readonly models: number;
}

/** Options of {@link refreshPrices}. */
export interface RefreshOptions {
  /** The address of the table. Default: the newest table of the genai-prices project on GitHub. */
  readonly url?: string | undefined;
  /** The table itself, in the format of that address. If it is given, nothing is fetched. */
  readonly data?: unknown;
  /** The time limit for fetching, in milliseconds. Default 10,000. */
  readonly timeoutMillis?: number | undefined;
}

/** The table's ids of providers, with the other names that instrumentations give them. */
const PROVIDER_NAMES = Object.entries({
  aws: ['amazon-bedrock', 'bedrock'],
  azure: ['az', 'azure-openai', 'azure_ai'],
  fireworks: ['fireworks_ai'],
  google: ['gcp', 'gemini', 'google-vertex', 'vertex_ai'],
  mistral: ['mistral_ai', 'mistralai'],
  together: ['togetherai', 'together_ai'],
  'x-ai': ['x', 'x_ai', 'xai'],
});

const OPTIONS: Shape<RefreshOptions> = {
  url: aString,
  data: anything,
  timeoutMillis: aPositiveNumber,
};

let library: typeof import('@pydantic/genai-prices') | undefined;
/** The providers of the table. It would take a gateway with a known name inside its own for one. */
let providers: readonly Provider[] = [];
let loading: Promise<void> | undefined;
let source: PriceTable['source'] = 'bundled';

/** Takes some 40 ms, so it waits for the first call of a model. Never rejects, and needs no network. */
export function loadPrices(): Promise<void> {
  loading ??= import('@pydantic/genai-prices').then(
    async (loaded) => {
      providers = (await loaded.waitForUpdate()) ?? [];
      library = loaded;
    },
    () => undefined,
  );
  return loading;
}

export function arePricesLoaded(): boolean {
  return library !== undefined;
}

/** The prices of input and output of a model, where they are plain numbers. They may change with time. */
const plainPrices = new Map<string, readonly [input: number, output: number]>();
let plainSinceMillis = -Infinity;
const PLAIN_MILLIS = 1_000;
const PLAIN_FIELDS: ReadonlySet<string> = new Set(['inputTokens', 'outputTokens']);

/** Prices a usual call at a tenth of what the table takes. */
function fromPlainPrices(usage: TokenUsage, key: string): number | undefined {
  const now = performance.now();
  if (now - plainSinceMillis > PLAIN_MILLIS || plainPrices.size > 1_000) {
    plainPrices.clear();
    plainSinceMillis = now;
  }
  const prices = plainPrices.get(key);
  if (prices === undefined) return undefined;
  for (const field in usage) if (!PLAIN_FIELDS.has(field)) return undefined;
  const { inputTokens, outputTokens } = usage;
  if (!Number.isSafeInteger(inputTokens) || !Number.isSafeInteger(outputTokens)) return undefined;
  return (prices[0] * inputTokens!) / 1e6 + (prices[1] * outputTokens!) / 1e6;
}

export const fromTable: PriceFunction = (usage, { provider, model }) => {
  if (library === undefined || usage.inputTokens === undefined) return undefined;
  const key = `${provider ?? ''}\n${model}`;
  const plain = fromPlainPrices(usage, key);
  if (plain !== undefined) return plain;
  const tokens = {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    output_reasoning_tokens: usage.reasoningTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    cache_write_1h_tokens: usage.cacheWriteOneHourTokens,
    input_audio_tokens: usage.inputAudioTokens,
    output_audio_tokens: usage.outputAudioTokens,
  };
  const providerId = provider === undefined ? undefined : providerIdOf(provider);
  const isKnown = providerId === undefined || providers.some(({ id }) => id === providerId);
  if (!isKnown) return undefined;
  const options = providerId === undefined ? {} : { providerId };
  // The table may know `models/gemini-2.5-pro` and `openai/gpt-4o` without their prefix.
  const names = [model, model.slice(model.lastIndexOf('/') + 1)];
  try {
    for (const name of new Set(names)) {
      const priced = library.calcPrice(tokens, name, options);
      if (priced === null) continue;
      const { input_mtok, output_mtok } = priced.model_price;
      const isPlain = Object.keys(priced.model_price).every((unit) => unit !== 'requests_kcount');
      if (isPlain && typeof input_mtok === 'number' && typeof output_mtok === 'number') {
        plainPrices.set(key, [input_mtok, output_mtok]);
      }
      // A model that is sold by the hour or the page has no price for tokens; it is not free.
      return (input_mtok ?? output_mtok) === undefined ? undefined : priced.total_price;
    }
  } catch {
    // The table throws on inconsistent usage.
  }
  return undefined;
};

/** After the first dot comes a service, which does not change the price: `openai.responses`. */
function providerIdOf(provider: string): string {
  const [first = ''] = provider.trim().toLowerCase().split('.', 1);
  return PROVIDER_NAMES.find(([, names]) => names.includes(first))?.[0] ?? first;
}

/** Returns which price table is in use, how old it is and how many models it has. */
export async function priceTable(): Promise<PriceTable> {
  await loadPrices();
  providers = (await library?.waitForUpdate()) ?? [];
  const models = providers.flatMap((provider) => provider.models);
  const today = new Date().toISOString().slice(0, 10);
  const dates = models
    .flatMap(({ prices }) => items(prices))
    .map((price) => text(pick(price, ['constraint', 'start_date'])) ?? '')
    .filter((date) => date <= today);
  return { source, date: dates.sort().at(-1) ?? '', models: models.length };
}

/**
 * Fetches the newest price table and uses it in this process from then on. hotspan never fetches prices
 * unless you call this.
 *
 * ```ts
 * import { priceTable, refreshPrices } from 'hotspan/processor';
 *
 * console.log((await priceTable()).date);
 * // At the start of a service, or once a day:
 * const refresh = () => refreshPrices().catch((error: Error) => console.error(error.message));
 * ```
 *
 * @returns the new table
 * @throws TypeError when an option is wrong
 * @throws Error with one line of text when the table cannot be fetched or read; the present one stays
 */
export async function refreshPrices(options: RefreshOptions = {}): Promise<PriceTable> {
  checkOptions('refreshPrices', options, OPTIONS);
  const { data, timeoutMillis = 10_000 } = options;
  await loadPrices();
  if (library === undefined) throw failed('the package @pydantic/genai-prices is missing');
  const { REMOTE_DATA_JSON_URL, updatePrices } = library;
  const { url = REMOTE_DATA_JSON_URL } = options;
  const table = data ?? (await fetchTable(url, timeoutMillis));
  if (!isTable(table)) {
    const where = data === undefined ? url : 'the data';
    throw failed(`expected a list of providers with models in ${where}`);
  }
  try {
    updatePrices(({ setProviderData }: { setProviderData: (table: Provider[]) => void }) =>
      setProviderData(table),
    );
  } catch (error) {
    throw failed((error as Error).message, error);
  }
  providers = table;
  plainPrices.clear();
  source = 'refreshed';
  return priceTable();
}

function failed(reason: string, cause?: unknown): Error {
  return new Error(`refreshPrices: ${reason}`, { cause });
}

async function fetchTable(url: string, timeoutMillis: number): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMillis) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw failed(`no price table from ${url}: ${reason}`, error);
  }
}

/** Checks enough to tell a table from other data, and from one that would leave every call unpriced. */
function isTable(data: unknown): data is Provider[] {
  const isModel = (model: unknown) => {
    const { id, match, prices } = fields(model);
    return text(id) !== undefined && isObject(match) && isObject(prices);
  };
  const isProvider = (provider: unknown) => {
    const { id, models } = fields(provider);
    return text(id) !== undefined && Array.isArray(models) && models.every(isModel);
  };
  const hasModels = (provider: unknown) => items(fields(provider).models).length > 0;
  return Array.isArray(data) && data.every(isProvider) && data.some(hasModels);
}
