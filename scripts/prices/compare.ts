/** Asks hotspan for the price of each model that at least two lists agree on. */
import { costOf, loadPrices } from '../../src/cost/price.js';
import type { TokenUsage } from '../../src/cost/token-usage.js';
import { ratesAt, type ModelEntry, type Rates } from '../../src/cost/rates.js';
import { DEARER_ON_WEEKDAYS } from './facts.js';
import { ratesOf, type PriceList } from './lists.js';
import { baseOf, consensusOf, entriesOf, isDated, MAIN_PROVIDERS, namesOf } from './table.js';

export interface Verdict {
  readonly provider: string;
  readonly model: string;
  readonly isRight: boolean;
  /** `undefined` where hotspan has no price. */
  readonly usd: number | undefined;
  readonly expectedUsd: number;
  readonly isCached: boolean;
}

const TOKENS = 10_000;

export async function compare(lists: readonly PriceList[]): Promise<Verdict[]> {
  await loadPrices();
  return MAIN_PROVIDERS.flatMap(([provider, , listed]) =>
    namesOf(lists, listed).flatMap((model) => {
      const entries = entriesOf(lists, listed, model);
      const { rates } = consensusOf(entries);
      if (rates === undefined) return [];
      return judged(provider, model, hourly(model, entries) ?? rates);
    }),
  );
}

/** By the prices of a list that the table is not made from. */
export function compareWith(list: PriceList): Verdict[] {
  return MAIN_PROVIDERS.flatMap(([provider, , listed]) =>
    list.names(listed).flatMap((model) => {
      const rates = ratesOf(list.find(listed, model));
      return rates === undefined ? [] : judged(provider, model, rates);
    }),
  );
}

/** The prices of this hour: lists without hours have the highest. */
function hourly(model: string, entries: readonly (ModelEntry | undefined)[]): Rates | undefined {
  if (!DEARER_ON_WEEKDAYS.test(model)) return undefined;
  const hasHours = ({ prices }: ModelEntry) =>
    isDated(prices) && prices.some(({ constraint }) => constraint?.start_time !== undefined);
  const entry = entries.find((each) => each !== undefined && hasHours(each));
  return entry && ratesAt(entry.prices, () => new Date());
}

function judged(provider: string, model: string, rates: Rates): Verdict[] {
  const price = (key: string) => (baseOf(rates[key] ?? 0) * TOKENS) / 1e6;
  const plain = price('input_mtok') + price('output_mtok');
  // An embedding has no output.
  const outputTokens = price('output_mtok') === 0 ? 0 : TOKENS;
  const usage = { inputTokens: TOKENS, outputTokens };
  const verdicts = [judge(provider, model, usage, plain)];
  if (rates.cache_read_mtok !== undefined) {
    const cached = price('cache_read_mtok') + price('output_mtok');
    verdicts.push(judge(provider, model, { ...usage, cacheReadTokens: TOKENS }, cached));
  }
  return verdicts;
}

function judge(provider: string, model: string, usage: TokenUsage, expectedUsd: number): Verdict {
  const cost = costOf([usage], provider, [model]);
  const isRight =
    cost !== undefined &&
    (cost.excludes !== undefined || Math.abs(cost.usd - expectedUsd) <= 0.01 * expectedUsd);
  const isCached = usage.cacheReadTokens !== undefined;
  return { provider, model, isRight, usd: cost?.usd, expectedUsd, isCached };
}
