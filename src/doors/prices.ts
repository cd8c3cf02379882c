/** The prices of models, which both ways of setting hotspan up need. */
export { setPrices, type ModelPrice, type PriceFunction, type Prices } from '../cost/price.js';
export {
  priceTable,
  refreshPrices,
  type PriceTable,
  type RefreshOptions,
} from '../cost/price-table.js';
export type { TokenUsage } from '../cost/token-usage.js';
