import { groupBy } from '../bounded.js';
import { formatCount, formatShare, formatUsd, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { ByRow, type InsightRule } from './rule.js';

const MIN_CALLS = 4;
/** Of the steps from one call to the next. */
const MIN_GROWING_SHARE = 0.8;
/** The last input is at least so many times the first. */
const MIN_GROWTH = 1.5;
/** Where no cost is known: the share of all input tokens that came on top of the first call's. */
const MIN_TOKEN_SHARE = 0.1;

/** What a token that is read from the provider's cache costs of one that is not. */
const CACHED_WEIGHT = 0.1;

class Conversations {
  traces = 0;
  calls = 0;
  inputTokens = 0;
  /** Those of the call before, as far as they fit in. */
  resentTokens = 0;
  /** Beyond the first call's; cached ones by their weight. */
  addedTokens = 0;
  addedUsd = 0;
  /** From the first call to the last. */
  grownTokens = 0;
}

/** Finds conversations that are sent anew: LLM calls of one name whose input grows within a trace. */
export function growingContext(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Conversations());
  return {
    addTrace({ calls: all }) {
      if (all.length < MIN_CALLS) return;
      const calls = all.filter(({ used }) => used?.inputTokens !== undefined);
      for (const same of groupBy(calls, ({ record }) => rowOf(record)).values()) {
        if (same.length < MIN_CALLS) continue;
        same.sort((a, b) => a.startNanos - b.startNanos);
        if (isGrowing(same)) addConversation(rows.of(same[0]!.record), same);
      }
    },
    findings: ({ inputTokens: all }) =>
      rows.findings('growing-context', (found, name) => {
        const { traces, calls, inputTokens, addedTokens, addedUsd } = found;
        if (traces === 0) return undefined;
        const growthPerCall = found.grownTokens / (calls - traces);
        const resentShare = found.resentTokens / inputTokens;
        const share = all > 0 ? Math.min(1, addedTokens / all) : 0;
        const seen =
          `The input of ${name} grew by ${formatCount(Math.round(growthPerCall))} tokens per call ` +
          `in ${plural(traces, 'trace')}; ${formatShare(resentShare)} of it had been sent before. `;
        const evidence = { traces, calls, inputTokens, growthPerCall, resentShare };
        if (addedUsd > 0) {
          const message = `${seen}Keeping it as small as in the first call saves up to ${formatUsd(addedUsd)}`;
          return { message, evidence, savingUsd: addedUsd };
        }
        const message = `${seen}Summarizing it, or cutting it, may help`;
        return { message, evidence, atStakeShare: share >= MIN_TOKEN_SHARE ? share : 0 };
      }),
  };
}

function addConversation(found: Conversations, calls: readonly SpanNode[]): void {
  const first = tokensOf(calls[0]!);
  let before = 0;
  found.traces += 1;
  found.calls += calls.length;
  found.grownTokens += tokensOf(calls.at(-1)!) - first;
  for (const call of calls) {
    const tokens = tokensOf(call);
    const { costUsd = 0, outputTokens = 0 } = call.used ?? {};
    const cached = Math.min(tokens, call.record.facts.cacheReadTokens ?? 0);
    // With a cache, what is new has to be sent at its full price, and the rest is cheap.
    const added =
      cached === 0
        ? Math.max(0, tokens - first)
        : CACHED_WEIGHT * Math.max(0, cached - first) +
          Math.max(0, Math.min(before, tokens) - Math.max(first, cached));
    found.inputTokens += tokens;
    found.resentTokens += Math.min(tokens, before);
    found.addedTokens += added;
    // Input costs no more than output, so this is an upper limit.
    const all = tokens - (1 - CACHED_WEIGHT) * cached + outputTokens;
    if (added > 0) found.addedUsd += (costUsd * added) / all;
    before = tokens;
  }
}

function tokensOf({ used }: SpanNode): number {
  return used?.inputTokens ?? 0;
}

/** What started before the call before had ended cannot have its answer in it. */
function isGrowing(calls: readonly SpanNode[]): boolean {
  const growing = calls.slice(1).filter((call, index) => {
    const before = calls[index]!;
    return tokensOf(call) > tokensOf(before) && call.startNanos >= before.endNanos;
  });
  const isMostly = growing.length >= MIN_GROWING_SHARE * (calls.length - 1);
  return isMostly && tokensOf(calls.at(-1)!) >= MIN_GROWTH * tokensOf(calls[0]!);
}
