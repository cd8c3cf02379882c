import type { Ranking } from '../ranking/ranking.js';
import type { SpanRecord } from '../trace/span-record.js';
import { arePricesLoaded, loadPrices, priceFacts } from '../cost/price.js';
import { operationOf, type LiveSpan } from './live-span.js';

/** The most calls that may wait for the price table, which takes some 40 ms once. */
const MAX_UNPRICED = 1_000;

/**
 * Prices the calls that end before the price table is there, which loads with the first call of a model.
 * Their cost is ranked, but not exported.
 */
export class LatePrices {
  readonly #onError: () => void;
  #waiting = 0;

  /** @param onError is called when a call could not be priced */
  constructor(onError: () => void) {
    this.#onError = onError;
  }

  /** Prices a call that has ended, unless it has a cost or the table is there. */
  add(live: LiveSpan, record: SpanRecord, ranking: Ranking): void {
    const { costUsd, cacheHit, inputTokens } = record.facts;
    if (arePricesLoaded() || costUsd !== undefined || cacheHit !== undefined) return;
    if (inputTokens === undefined || this.#waiting >= MAX_UNPRICED) return;
    if (operationOf(live) !== record) return;
    this.#waiting += 1;
    const price = () => {
      this.#waiting -= 1;
      const cost = priceFacts(record.facts);
      if (cost === undefined) return;
      // Its trace counts when it ends, or has been counted without it.
      const isCounted = live.buffer.closed !== undefined || live.index < 0;
      if (isCounted) ranking.addLateCost(record, cost.usd);
      else live.end({ ...record, facts: { ...record.facts, costUsd: cost.usd } });
    };
    void loadPrices()
      .then(price)
      .catch(() => this.#onError());
  }
}
