import type { ModelPrice, Provider } from '@pydantic/genai-prices';
import { requireObject, requireOptions, requirePositive } from '../errors.js';
import { fields, text } from '../fields.js';
import { tableProviderOf } from './provider.js';
import type { TokenUsage } from './usage.js';

type Library = typeof import('@pydantic/genai-prices');

/** What the price table is that costs are taken from now. */
export interface PriceTable {
  /** Whether it came with hotspan's dependency, or from {@link refreshPrices}. */
  readonly source: 'bundled' | 'refreshed';
  /** The newest day, as `2026-09-22`, from which one of its prices is known to hold. It is no older. */
  readonly date: string;
  readonly models: number;
}

/** Where {@link refreshPrices} gets a table. */
export interface RefreshOptions {
  /** Default: the newest table of the genai-prices project on GitHub. */
  readonly url?: string | undefined;
  /** The table itself, as that address gives it; nothing is fetched then. */
  readonly data?: unknown;
  /** Default 10,000. */
  readonly timeoutMillis?: number | undefined;
}

let library: Library | undefined;
/** The table takes any provider with a known word in its name for that one: a gateway is none. */
let providerIds: ReadonlySet<string> = new Set();
let loading: Promise<void> | undefined;
let source: PriceTable['source'] = 'bundled';

/**
 * Loads the price table (once; no network). It takes some 40 ms and is not needed before the first
 * answer of a model, so it is not part of the start-up. Never rejects: without the table no price is
 * known.
 */
export function loadTable(): Promise<void> {
  loading ??= import('@pydantic/genai-prices').then(
    async (loaded) => {
      use((await loaded.waitForUpdate()) ?? []);
      library = loaded;
    },
    () => undefined,
  );
  return loading;
}

function use(providers: readonly Provider[]): void {
  providerIds = new Set(providers.map(({ id }) => id));
}

/** Whether {@link fromTable} has a table, so that nobody need wait for it. */
export function isTableLoaded(): boolean {
  return library !== undefined;
}

/** The cost in USD by the price table; undefined when it is not known. Never throws. */
export function fromTable(
  usage: TokenUsage,
  provider: string | undefined,
  model: string,
): number | undefined {
  if (library === undefined || usage.inputTokens === undefined) return undefined;
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
  const providerId = provider === undefined ? undefined : tableProviderOf(provider);
  if (providerId !== undefined && !providerIds.has(providerId)) return undefined;
  const options = providerId === undefined ? {} : { providerId };
  // `models/gemini-2.5-pro`, `openai/gpt-4o`: where the table does not have it so, it has the rest.
  const names = [model, model.slice(model.lastIndexOf('/') + 1)];
  try {
    for (const name of new Set(names)) {
      const priced = library.calcPrice(tokens, name, options);
      if (priced !== null) return isByTokens(priced.model_price) ? priced.total_price : undefined;
    }
  } catch {
    // The table throws on usage that it finds inconsistent.
  }
  return undefined;
}

/** What is sold by the hour or the page has no price for tokens, and is not free for that. */
function isByTokens(price: ModelPrice): boolean {
  return price.input_mtok !== undefined || price.output_mtok !== undefined;
}

/** Tells which price table is in use, and how old it is. */
export async function priceTable(): Promise<PriceTable> {
  await loadTable();
  const providers = (await library?.waitForUpdate()) ?? [];
  const models = providers.flatMap((provider) => provider.models);
  const today = new Date().toISOString().slice(0, 10);
  const dates = models
    .flatMap(({ prices }) => (Array.isArray(prices) ? prices : []))
    .map(({ constraint }) => text(fields(constraint).start_date) ?? '')
    .filter((date) => date <= today);
  return { source, date: dates.sort().at(-1) ?? '', models: models.length };
}

/**
 * Fetches the newest price table and uses it from now on, in this process. hotspan never does that by
 * itself: it has no network access of its own but the export of spans.
 *
 * ```ts
 * import { priceTable, refreshPrices } from 'hotspan/processor';
 *
 * console.log((await priceTable()).date);
 * // At the start of a service, or once a day:
 * const refresh = () => refreshPrices().catch((error: Error) => console.error(error.message));
 * ```
 *
 * @returns what the new table is
 * @throws TypeError when an option is wrong
 * @throws Error in one line when the table cannot be had or is none; the present one stays then
 */
export async function refreshPrices(options: RefreshOptions = {}): Promise<PriceTable> {
  const where = 'refreshPrices';
  requireObject(where, 'the options', options);
  requireOptions(where, options, ['url', 'data', 'timeoutMillis']);
  requirePositive(where, '`timeoutMillis`', options.timeoutMillis);
  await loadTable();
  if (library === undefined) throw new Error(`${where}: the package of the table is not there`);
  const { REMOTE_DATA_JSON_URL, updatePrices } = library;
  const url = options.url ?? REMOTE_DATA_JSON_URL;
  const data = options.data ?? (await fetchTable(url, options.timeoutMillis ?? 10_000));
  const from = options.data === undefined ? url : 'the data';
  if (!isTable(data))
    throw new Error(`${where}: expected a list of providers with models in ${from}`);
  try {
    updatePrices(({ setProviderData }: { setProviderData: (table: Provider[]) => void }) =>
      setProviderData(data),
    );
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
  use(data);
  source = 'refreshed';
  return priceTable();
}

async function fetchTable(url: string, timeoutMillis: number): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMillis) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new Error(`refreshPrices: no price table from ${url}: ${reason}`, { cause: error });
  }
}

/** Enough to tell it from anything else, and from one that would leave every call without a price. */
function isTable(data: unknown): data is Provider[] {
  const isObject = (value: unknown) => fields(value) === value;
  const isModel = (model: unknown) => {
    const { id, match, prices } = fields(model);
    return text(id) !== undefined && isObject(match) && isObject(prices);
  };
  const isProvider = (provider: unknown): provider is Provider => {
    const { id, models } = fields(provider);
    return text(id) !== undefined && Array.isArray(models) && models.every(isModel);
  };
  return (
    Array.isArray(data) && data.every(isProvider) && data.some(({ models }) => models.length > 0)
  );
}
