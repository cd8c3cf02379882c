import type { Summary } from '../summary.js';
import { defined, sumOf } from '../sums.js';
import type { ModelCalls } from './model-calls.js';
import type { Row } from './row.js';

/** What all rows have together; `ended` local roots ended, `succeeded` of them without an error. */
export function totalsOf(
  rows: readonly Row[],
  calls: ModelCalls,
  succeeded: number,
  ended: number,
): Omit<Summary['totals'], 'wastedSeconds'> {
  const sum = (pick: (row: Row) => number | undefined) => sumOf(rows, pick);
  const costUsd = sum((row) => row.cost.value);
  return {
    llmCalls: calls.count,
    unpricedCalls: calls.unpriced,
    ...defined({ partlyPricedCalls: sum((row) => row.partlyPriced.value) }),
    inputTokens: sum((row) => row.inputTokens.value) ?? 0,
    outputTokens: sum((row) => row.outputTokens.value) ?? 0,
    ...defined({ costUsd }),
    attempts: sum((row) => row.attempts) ?? 0,
    retries: sum((row) => row.retries) ?? 0,
    ...defined({ wastedCostUsd: sum((row) => row.wastedCost.value) }),
    ...calls.cacheFigures(),
    errors: sum((row) => row.errors) ?? 0,
    ...(ended > 0 ? { successRate: succeeded / ended } : {}),
    ...(costUsd !== undefined && succeeded > 0 ? { costPerSuccessUsd: costUsd / succeeded } : {}),
  };
}
