import type { CostSource } from '../semconv.js';
import type { TokenUsage } from './usage.js';

/** What a call cost, and who says so. */
export interface Cost {
  readonly usd: number;
  readonly source: CostSource;
}

/** Gives the cost of a usage; undefined when the price is not known. Never throws. */
export type Pricer = (usage: TokenUsage, provider: string, model: string) => Cost | undefined;

/** The conventions' names of providers that the price table knows by another. */
const PROVIDER_IDS: Readonly<Record<string, string>> = {
  'azure.ai.inference': 'azure',
  'gcp.gen_ai': 'google',
  x_ai: 'x-ai',
};

let loading: Promise<Pricer> | undefined;

/**
 * Loads the price table (once; no network). It takes some 40 ms and is not needed before the first
 * answer of a model, so it is not part of the start-up. Never rejects: without the table only the
 * provider's own figures are known.
 */
export function loadPricer(): Promise<Pricer> {
  loading ??= import('@pydantic/genai-prices').then(
    ({ calcPrice }) => {
      const fromTable: Pricer = (usage, provider, model) => {
        if (usage.inputTokens === undefined) return undefined;
        const priced = calcPrice(
          {
            input_tokens: usage.inputTokens,
            output_tokens: usage.outputTokens,
            cache_read_tokens: usage.cacheReadTokens,
            cache_write_tokens: usage.cacheWriteTokens,
          },
          model,
          { providerId: PROVIDER_IDS[provider] ?? provider },
        );
        return priced === null ? undefined : { usd: priced.total_price, source: 'price_table' };
      };
      return (usage, provider, model) => {
        if (usage.reportedCostUsd !== undefined) {
          return { usd: usage.reportedCostUsd, source: 'provider' };
        }
        try {
          return fromTable(usage, provider, model);
        } catch {
          // The table throws on usage that it finds inconsistent.
          return undefined;
        }
      };
    },
    () => reportedOnly,
  );
  return loading;
}

const reportedOnly: Pricer = ({ reportedCostUsd: usd }) =>
  usd === undefined ? undefined : { usd, source: 'provider' };
