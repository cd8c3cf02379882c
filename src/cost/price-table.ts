import { diag } from '@opentelemetry/api';
import { RecentMap } from '../bounded.js';
import { fields, isObject, items, pick, text } from '../fields.js';
import {
  anything,
  aPositiveNumber,
  aString,
  aValue,
  checkOptions,
  type Shape,
} from '../options.js';
import type { Summary } from '../summary.js';
import { withoutSecrets } from '../secrets.js';
import { isMatch, type MatchRule } from './match-rule.js';
import { failed, fetchInBackground, fetchTable, fetchText, type Fetching } from './fetch-table.js';
import { modelNames } from './model-name.js';
import { priceIdOf } from './provider-name.js';
import { priceUsage, type ModelEntry, type Priced } from './rates.js';
import { inFull } from './short-list.js';
import type { TokenUsage } from './token-usage.js';

/** The price table in use. */
export interface PriceTable {
  /** `bundled` for the table that hotspan brings, `refreshed` for one from {@link refreshPrices}. */
  readonly source: 'bundled' | 'refreshed';
  /**
   * Of the bundled table, the day on which it was made, such as `2026-11-27`. Of another, the newest day on
   * which one of its prices began: the table is no older.
   */
  readonly date: string;
  /** How many models the table has. */
  readonly models: number;
}

/** Options of {@link refreshPrices}. */
export interface RefreshOptions {
  /**
   * The address of the table, or the path of a file (a `file:` URL as well). Default: the newest table of
   * the genai-prices project on GitHub.
   */
  readonly url?: string | undefined;
  /** The table itself, in the format of that address. If it is given, nothing is fetched. */
  readonly data?: unknown;
  /** The time limit for fetching, in milliseconds. Default 10,000. */
  readonly timeoutMillis?: number | undefined;
  /**
   * Fetches the table again after so many milliseconds, and so on, until the next `refreshPrices`. It does
   * not keep the process alive. A failure goes to OpenTelemetry's `diag` logger, and the present table
   * stays. Default: only once.
   */
  readonly everyMillis?: number | undefined;
}

const GENAI_PRICES =
  'https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json';

const OPTIONS: Shape<RefreshOptions> = {
  url: aString,
  data: anything,
  timeoutMillis: aPositiveNumber,
  // A longer timer would fire at once.
  everyMillis: aValue(
    'a number from 1,000 to 2,147,483,647',
    (value) => typeof value === 'number' && value >= 1_000 && value < 2 ** 31,
  ),
};

/** The models of a provider. */
interface Shelf {
  readonly byName: ReadonlyMap<string, ModelEntry>;
  readonly byRule: readonly (ModelEntry & { readonly match: MatchRule })[];
}

interface ListedProvider {
  readonly id: string;
  readonly models: readonly (ModelEntry & { readonly id: string; readonly match: MatchRule })[];
}

/** Whose models a provider sells at the same price, as far as it has none of its own. */
const SELLS_FOR: Readonly<Record<string, readonly string[]>> = {
  azure: ['openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai'],
  google: ['anthropic'],
};
const NONE: readonly string[] = [];

let shelfOf: ((priceId: string) => Shelf | undefined) | undefined;
let table: PriceTable | undefined;
let loading: Promise<void> | undefined;
let timer: NodeJS.Timeout | undefined;
let found = new RecentMap<{ readonly entry: ModelEntry | undefined }>(1_000);

/**
 * Without a processor, prices wait for the first call of a model, since they take two milliseconds. Never
 * rejects, and needs no network.
 */
export function loadPrices(): Promise<void> {
  return (loading ??= import('./price-list.js').then(useBundled, () => undefined));
}

/** Takes the table that hotspan brings, unless one is in use. */
export function useBundled(list: typeof import('./price-list.js')): void {
  if (table !== undefined) return;
  const shelves = new Map<string, Shelf>();
  use({ source: 'bundled', date: list.LIST_DATE, models: list.LIST_MODELS }, (priceId) => {
    let shelf = shelves.get(priceId);
    const listed = Object.hasOwn(list.PRICE_LIST, priceId) ? list.PRICE_LIST[priceId] : undefined;
    if (shelf === undefined && listed !== undefined) {
      shelf = { byName: namedModels(listed), byRule: [] };
      shelves.set(priceId, shelf);
    }
    return shelf;
  });
}

export function arePricesLoaded(): boolean {
  return shelfOf !== undefined;
}

function use(next: PriceTable, shelves: typeof shelfOf): void {
  table = next;
  shelfOf = shelves;
  found = new RecentMap(1_000);
}

function namedModels(listed: string): Map<string, ModelEntry> {
  const models = JSON.parse(inFull(listed)) as readonly (ModelEntry & { readonly names: string })[];
  return new Map(
    models.flatMap((entry) => entry.names.split(' ').map((name) => [name, entry] as const)),
  );
}

/** Prices a request by the table. */
export function fromTable(
  usage: TokenUsage,
  provider: string | undefined,
  model: string,
): Priced | undefined {
  if (shelfOf === undefined) return undefined;
  const key = `${provider ?? ''}\n${model}`;
  try {
    let known = found.get(key);
    if (known === undefined) found.set(key, (known = { entry: findModel(provider, model) }));
    return known.entry === undefined ? undefined : priceUsage(known.entry, usage);
  } catch {
    // A table of the user's may hold what is no price, or no regular expression.
    return undefined;
  }
}

function findModel(provider: string | undefined, model: string): ModelEntry | undefined {
  const priceId = priceIdOf(provider, model);
  if (priceId === undefined) return undefined;
  for (const id of [priceId, ...(SELLS_FOR[priceId] ?? NONE)]) {
    const shelf = shelfOf?.(id);
    if (shelf === undefined) continue;
    for (const name of modelNames(model, id)) {
      const entry =
        shelf.byName.get(name) ?? shelf.byRule.find(({ match }) => isMatch(match, name));
      if (entry !== undefined) return entry;
    }
  }
  return undefined;
}

/** An older table is told of, since prices change. */
const OLD_MILLIS = 90 * 24 * 3_600_000;

/** Returns the date of the table, if the summary is to tell it. */
export function pricesInUse({ models, totals }: Summary): Pick<Summary, 'prices'> {
  const { date = '' } = table ?? {};
  const isAsked = models.some(({ unpricedCalls = 0 }) => unpricedCalls > 0);
  const isOld = totals.costUsd !== undefined && Date.now() - Date.parse(date) > OLD_MILLIS;
  return date !== '' && (isAsked || isOld) ? { prices: { date } } : {};
}

/** Returns which price table is in use, how old it is and how many models it has. */
export async function priceTable(): Promise<PriceTable> {
  await loadPrices();
  return table ?? { source: 'bundled', date: '', models: 0 };
}

/**
 * Fetches the newest price table and uses it in this process from then on. hotspan never fetches prices
 * unless you call this, or name a table in the environment variable `HOTSPAN_PRICES`.
 *
 * ```ts
 * import { priceTable, refreshPrices } from 'hotspan/processor';
 *
 * console.log((await priceTable()).date);
 * // At the start of a service, and then once a day:
 * const refresh = () =>
 *   refreshPrices({ everyMillis: 86_400_000 }).catch((error: Error) => console.error(error.message));
 * ```
 *
 * @returns the new table
 * @throws TypeError when an option is wrong
 * @throws Error with one line of text when the table cannot be fetched or read; the present one stays
 */
export async function refreshPrices(options: RefreshOptions = {}): Promise<PriceTable> {
  checkOptions('refreshPrices', options, OPTIONS);
  clearInterval(timer);
  const { everyMillis } = options;
  if (everyMillis !== undefined) {
    const again = () =>
      void refreshInBackground(options).catch((error: unknown) =>
        diag.warn((error as Error).message),
      );
    timer = setInterval(again, everyMillis).unref();
  }
  return refreshOnce(options, fetchText);
}

/** The same once, without a check of the options. It does not keep the process alive. */
export function refreshInBackground(options: RefreshOptions): Promise<PriceTable> {
  return refreshOnce(options, fetchInBackground);
}

async function refreshOnce(options: RefreshOptions, fetching: Fetching): Promise<PriceTable> {
  const { data, url = GENAI_PRICES, timeoutMillis = 10_000 } = options;
  await loadPrices();
  const listed = data ?? (await fetchTable(url, timeoutMillis, fetching));
  if (!isTable(listed)) {
    const where = data === undefined ? withoutSecrets(url) : 'the data';
    throw failed(`expected a list of providers with models in ${where}`);
  }
  const models = listed.flatMap((provider) => provider.models);
  const shelves = new Map(
    listed.map(({ id, models: byRule }) => [id, { byName: new Map(), byRule }]),
  );
  const next = { source: 'refreshed', date: dateOf(models), models: models.length } as const;
  use(next, (priceId) => shelves.get(priceId));
  return next;
}

function dateOf(models: readonly ModelEntry[]): string {
  const today = new Date().toISOString().slice(0, 10);
  const dates = models
    .flatMap(({ prices }) => items(prices))
    .map((price) => text(pick(price, ['constraint', 'start_date'])) ?? '')
    .filter((date) => date <= today);
  return dates.sort().at(-1) ?? '';
}

const CONSTRAINTS = ['start_date', 'start_time', 'end_time', 'type'];

/** Checks enough to tell a table from other data, and from one that would leave every call unpriced. */
function isTable(data: unknown): data is readonly ListedProvider[] {
  const isCondition = (price: unknown) =>
    Object.keys(fields(fields(price).constraint)).every((name) => CONSTRAINTS.includes(name));
  const isModel = (model: unknown) => {
    const { id, match, prices } = fields(model);
    return (
      text(id) !== undefined &&
      isObject(match) &&
      isObject(prices) &&
      items(prices).every(isCondition)
    );
  };
  const isProvider = (provider: unknown) => {
    const { id, models } = fields(provider);
    return text(id) !== undefined && Array.isArray(models) && models.every(isModel);
  };
  const hasModels = (provider: unknown) => items(fields(provider).models).length > 0;
  return Array.isArray(data) && data.every(isProvider) && data.some(hasModels);
}
