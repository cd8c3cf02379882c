import { formatCount, formatUsd } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { LlmCall } from '../trace/span-record.js';
import { ByRow, type InsightRule } from './rule.js';
import { tokenWeights } from './token-weights.js';
import { Shown } from './shown.js';

const MIN_CALLS = 10;
/** Providers cache no beginning that is much shorter. */
const MIN_TOKENS = 2_048;
/** The shortest input has at least this share of the mean: then most of each may be the same. */
const MIN_ALIKE = 0.8;
/** Of the cost of the calls. */
const MIN_SAVED_SHARE = 0.1;

class Inputs extends Shown {
  calls = 0;
  cached = 0;
  inputTokens = 0;
  outputTokens = 0;
  fewestTokens = Infinity;
  costUsd = 0;
  call: LlmCall | undefined = undefined;
}

/** Finds LLM calls whose inputs are long and alike, and of which the provider's cache never had a part. */
export function unusedPromptCache(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Inputs());
  return {
    looksAt: 'calls',
    addTrace({ calls }) {
      for (const call of calls) {
        const { record, used } = call;
        const { inputTokens, outputTokens = 0, costUsd } = used ?? {};
        if (inputTokens === undefined || costUsd === undefined) continue;
        const { llmCall, cacheReadTokens = 0, cacheWriteTokens = 0 } = record.facts;
        const row = rows.of(record);
        row.call ??= llmCall;
        row.calls += 1;
        row.show(call);
        row.cached += cacheReadTokens + cacheWriteTokens;
        row.inputTokens += inputTokens;
        row.outputTokens += outputTokens;
        row.fewestTokens = Math.min(row.fewestTokens, inputTokens);
        row.costUsd += costUsd;
      }
    },
    findings: () =>
      rows.findings('unused-prompt-cache', (row, name) => {
        const { calls, cached, inputTokens, fewestTokens, costUsd } = row;
        if (calls < MIN_CALLS || cached > 0 || fewestTokens < MIN_TOKENS) return undefined;
        if (fewestTokens < (MIN_ALIKE * inputTokens) / calls) return undefined;
        const share = savedShare(row);
        if (share < MIN_SAVED_SHARE) return undefined;
        // The first call fills the cache.
        const savingUsd = (costUsd * share * (calls - 1)) / calls;
        return {
          message:
            `${formatCount(calls)} calls of ${name} sent at least ${formatCount(fewestTokens)} input tokens ` +
            `each, and none came from the provider's cache. If they begin alike, put what changes last and ` +
            `cache the beginning: saves up to ${formatUsd(savingUsd)}`,
          evidence: { calls, inputTokens, fewestTokens },
          savingUsd,
        };
      }),
  };
}

/** The part of a usual call's price that would be gone if as much as the shortest input were cached; 0 where nobody knows. */
function savedShare({ calls, inputTokens, outputTokens, fewestTokens, call }: Inputs): number {
  const weights = tokenWeights(call);
  if (weights === undefined) return 0;
  const all = (inputTokens + weights.output * outputTokens) / calls;
  return Math.max(0, ((1 - weights.cached) * fewestTokens) / all);
}
