import { formatCount, formatShare, formatUsd, plural } from '../format.js';
import type { RowName, RowOf } from '../trace/row-names.js';
import type { SpanNode } from '../trace/trace-tree.js';
import { BySegment, quoted, type Finding, type InsightSource, type Totals } from './finding.js';

const MIN_CALLS = 4;
/** Of the steps from one call to the next. */
const MIN_GROWING_SHARE = 0.8;
/** The last input is at least so many times the first. */
const MIN_GROWTH = 1.5;
/** Where no cost is known: the share of all input tokens that came on top of the first call's. */
const MIN_TOKEN_SHARE = 0.1;

class Conversations {
  count = 0;
  calls = 0;
  inputTokens = 0;
  /** Those of the call before, as far as they fit in. */
  resentTokens = 0;
  /** Beyond the first call's. */
  addedTokens = 0;
  addedUsd = 0;
  /** From the first call to the last. */
  grownTokens = 0;
}

/** LLM calls of one name in one trace whose input grows from call to call: a conversation, sent anew each time. */
export class GrowingContext implements InsightSource {
  readonly #rowOf: RowOf;
  readonly #segments: BySegment<Conversations>;

  constructor(rowOf: RowOf) {
    this.#rowOf = rowOf;
    this.#segments = new BySegment(rowOf, () => new Conversations());
  }

  /** Adds the LLM calls of one trace. */
  addTrace(calls: readonly SpanNode[]): void {
    if (calls.length < MIN_CALLS) return;
    const byRow = new Map<RowName, SpanNode[]>();
    for (const call of calls) {
      if (call.record.facts.inputTokens === undefined) continue;
      const row = this.#rowOf(call.record);
      const same = byRow.get(row);
      if (same === undefined) byRow.set(row, [call]);
      else same.push(call);
    }
    for (const same of byRow.values()) {
      if (same.length < MIN_CALLS) continue;
      same.sort((a, b) => a.startNanos - b.startNanos);
      if (isGrowing(same)) this.#add(same);
    }
  }

  /** One for each segment with enough to tell of. */
  findings({ inputTokens: all }: Totals): Finding[] {
    return this.#segments
      .list()
      .filter(({ state }) => state.count > 0)
      .map(({ segment, service, state }): Finding => {
        const perCall = state.grownTokens / (state.calls - state.count);
        const resent = state.resentTokens / state.inputTokens;
        const share = all > 0 ? Math.min(1, state.addedTokens / all) : 0;
        const isPriced = state.addedUsd > 0;
        return {
          kind: 'growing-context',
          segment,
          service,
          message:
            `The input of ${quoted(segment)} grew by ${formatCount(Math.round(perCall))} tokens from ` +
            `call to call in ${plural(state.count, 'trace')}: ${formatShare(resent)} of it had been ` +
            `sent before; ` +
            (isPriced
              ? `had it stayed as small as at first, it would have cost ${formatUsd(state.addedUsd)} less at most`
              : `it might be summarized, or cut`),
          evidence: {
            traces: state.count,
            calls: state.calls,
            inputTokens: state.inputTokens,
            growthPerCall: perCall,
            resentShare: resent,
          },
          ...(isPriced
            ? { savingUsd: state.addedUsd }
            : { atStakeShare: share >= MIN_TOKEN_SHARE ? share : 0 }),
        };
      });
  }

  #add(calls: readonly SpanNode[]): void {
    const conversations = this.#segments.of(calls[0]!.record);
    const first = tokensOf(calls[0]!);
    let before = 0;
    conversations.count += 1;
    conversations.calls += calls.length;
    conversations.grownTokens += tokensOf(calls.at(-1)!) - first;
    for (const call of calls) {
      const tokens = tokensOf(call);
      const { costUsd = 0, outputTokens = 0 } = call.record.facts;
      const added = Math.max(0, tokens - first);
      conversations.inputTokens += tokens;
      conversations.resentTokens += Math.min(tokens, before);
      conversations.addedTokens += added;
      // As dear as a token of output at most: so this is not too little.
      if (added > 0) conversations.addedUsd += (costUsd * added) / (tokens + outputTokens);
      before = tokens;
    }
  }
}

function tokensOf({ record }: SpanNode): number {
  return record.facts.inputTokens ?? 0;
}

/** What started before the call before had ended cannot have its answer in it. */
function isGrowing(calls: readonly SpanNode[]): boolean {
  const growing = calls.filter((call, index) => {
    const before = calls[index - 1];
    if (before === undefined) return false;
    return tokensOf(call) > tokensOf(before) && call.startNanos >= before.endNanos;
  });
  const isMostly = growing.length >= MIN_GROWING_SHARE * (calls.length - 1);
  return isMostly && tokensOf(calls.at(-1)!) >= MIN_GROWTH * tokensOf(calls[0]!);
}
