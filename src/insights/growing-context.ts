import { groupBy } from '../bounded.js';
import { formatCount, formatShare, formatUsd, plural } from '../format.js';
import type { RowOf } from '../trace/row-names.js';
import type { LlmCall } from '../trace/span-record.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { addedUsd, addSpent, Conversation, tokensOf, type Spent } from './conversation.js';
import { ByRow, type InsightRule } from './rule.js';
import { tokenWeights } from './token-weights.js';
import { Shown } from './shown.js';

const MIN_CALLS = 4;
/** Of the steps from one call to the next. */
const MIN_GROWING_SHARE = 0.8;
/** The last input is at least so many times the first. */
const MIN_GROWTH = 1.5;
/** Without the first call, and without the last one. */
const MIN_GROWTH_OF_REST = 1.3;
/** Where no cost is known: the share of all input tokens that came on top of the first call's. */
const MIN_TOKEN_SHARE = 0.1;
/** Of the input: with less from the provider's cache, that is the first thing to try. */
const MIN_CACHED_SHARE = 0.1;

/** Of the traces with as many calls: in others unrelated calls may have grown by chance. */
const MIN_SHARE = 0.5;
/** Of the cost of the calls. */
const MIN_SAVED_SHARE = 0.1;

class Grown extends Shown {
  traces = 0;
  spent: Spent | undefined = undefined;
  call: LlmCall | undefined = undefined;
}

/** Finds conversations that are sent anew: LLM calls of one name whose input grows within a trace. */
export function growingContext(rowOf: RowOf): InsightRule {
  const rows = new ByRow(rowOf, () => new Grown());
  return {
    looksAt: 'calls',
    addTrace({ calls }) {
      if (calls.length < MIN_CALLS) return;
      for (const [first, ...others] of callsByRow(calls, rowOf)) {
        const same = [first, ...others];
        if (same.length < MIN_CALLS) continue;
        const row = rows.of(first.record);
        row.traces += 1;
        if (!isGrowing(same)) continue;
        const conversation = new Conversation();
        for (const call of same) conversation.addTurn([call], call.startNanos);
        row.show(same.at(-1)!);
        row.call ??= first.record.facts.llmCall;
        row.spent = addSpent(row.spent, conversation.spent());
      }
    },
    findings: ({ inputTokens }) =>
      rows.findings('growing-context', ({ traces, spent, call }, name) => {
        if (spent === undefined || spent.conversations < MIN_SHARE * traces) return undefined;
        return sayGrowth(spent, call, name, { one: 'trace', allTokens: inputTokens });
      }),
  };
}

/** Those that tell their input, in the order of their starts. */
export function callsByRow(
  calls: readonly SpanNode[],
  rowOf: RowOf,
): (readonly [SpanNode, ...SpanNode[]])[] {
  const known = calls.filter(({ used }) => used?.inputTokens !== undefined);
  const byRow = groupBy(known, ({ record }) => rowOf(record));
  return [...byRow.values()].map((same) => {
    const [first, ...others] = same.sort((a, b) => a.startNanos - b.startNanos);
    return [first!, ...others];
  });
}

export function sayGrowth(
  spent: Spent,
  call: LlmCall | undefined,
  name: string,
  { one, allTokens }: { readonly one: 'trace' | 'session'; readonly allTokens: number },
) {
  const { conversations, calls, inputTokens, cachedTokens, grownTokens, resentTokens } = spent;
  const growthPerCall = grownTokens / Math.max(1, calls - conversations);
  const resentShare = resentTokens / inputTokens;
  const cachedShare = cachedTokens / inputTokens;
  const within = one === 'trace' ? 'within' : 'from trace to trace of';
  const seen =
    `The input of ${name} grew by ${formatCount(Math.round(growthPerCall))} tokens per call ${within} ` +
    `${plural(conversations, one)}; ${formatShare(resentShare)} of it had been sent before`;
  const cached =
    cachedTokens === 0 ? '' : `, and ${formatShare(cachedShare)} came from the provider's cache`;
  const advice =
    cachedShare < MIN_CACHED_SHARE
      ? 'Let the provider cache it, and shorten or summarize what is old'
      : 'Shorten or summarize what is old';
  const evidence = { [`${one}s`]: conversations, calls, inputTokens, growthPerCall, resentShare };
  const savingUsd = addedUsd(spent, tokenWeights(call));
  if (savingUsd < MIN_SAVED_SHARE * spent.costUsd) return undefined;
  if (savingUsd > 0) {
    const message = `${seen}${cached}. ${advice}: saves up to ${formatUsd(savingUsd)}`;
    return { message, evidence, savingUsd };
  }
  const added = spent.addedTokens + spent.addedCachedTokens;
  const share = allTokens > 0 ? Math.min(1, added / allTokens) : 0;
  const message = `${seen}${cached}. ${advice}`;
  return { message, evidence, atStakeShare: share >= MIN_TOKEN_SHARE ? share : 0 };
}

/** What started before the call before had ended cannot have its answer in it. */
function isGrowing(calls: readonly SpanNode[]): boolean {
  const growing = calls.slice(1).filter((call, index) => {
    const before = calls[index]!;
    return tokensOf(call) > tokensOf(before) && call.startNanos >= before.endNanos;
  });
  const isMostly = growing.length >= MIN_GROWING_SHARE * (calls.length - 1);
  const growth = (from: number, to: number) => tokensOf(calls.at(to)) / tokensOf(calls[from]);
  if (!isMostly || growth(0, -1) < MIN_GROWTH) return false;
  // Another question, before or after, may be of any size.
  return growth(1, -1) >= MIN_GROWTH_OF_REST && growth(0, -2) >= MIN_GROWTH_OF_REST;
}
