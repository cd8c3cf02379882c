import type { SpanNode } from '../trace/trace-tree.js';
import type { TokenWeights } from './token-weights.js';

/** Where no price is known: most providers sell cached input for a tenth, and output for no less than input. */
const USUAL: TokenWeights = { cached: 0.1, output: 1 };
/** Inputs that differ by less are about as long. */
const ALIKE = 1.1;

const NOTHING = {
  conversations: 0,
  calls: 0,
  /** With cached ones. */
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  /** From the first call to the last. */
  grownTokens: 0,
  /** What an earlier call had sent. */
  resentTokens: 0,
  /** The part of it beyond the first call's input: at its full price, and from the provider's cache. */
  addedTokens: 0,
  addedCachedTokens: 0,
};

/** What the calls of some conversations used. */
export type Spent = Readonly<typeof NOTHING>;

export function addSpent(one: Spent = NOTHING, other: Spent): Spent {
  const sum = { ...one };
  for (const key of Object.keys(sum) as (keyof Spent)[]) sum[key] += other[key];
  return sum;
}

/** Returns the cost of what was sent again, as far as it came on top of the first call's input. */
export function addedUsd(spent: Spent, { cached, output }: TokenWeights = USUAL): number {
  const added = spent.addedTokens + cached * spent.addedCachedTokens;
  const input = spent.inputTokens - (1 - cached) * spent.cachedTokens;
  const all = input + output * spent.outputTokens;
  return all > 0 ? (spent.costUsd * added) / all : 0;
}

/** The calls of one conversation, turn by turn, in any order. */
export class Conversation {
  readonly #all = { ...NOTHING, conversations: 1 };
  readonly #first = { nanos: Infinity, tokens: 0 };
  readonly #last = { nanos: -Infinity, tokens: 0 };
  /** Calls of which the cache had a part: always the beginning. */
  #hits = 0;
  #fewest = Infinity;
  #most = 0;
  turns = 0;

  /** @param calls of one turn, the first of which started at `nanos` */
  addTurn(calls: readonly SpanNode[], nanos: number): void {
    const all = this.#all;
    for (const { used, record } of calls) {
      const { inputTokens = 0, outputTokens = 0, costUsd = 0 } = used ?? {};
      all.calls += 1;
      all.inputTokens += inputTokens;
      const cached = Math.min(inputTokens, record.facts.cacheReadTokens ?? 0);
      all.cachedTokens += cached;
      if (cached > 0) this.#hits += 1;
      all.outputTokens += outputTokens;
      all.costUsd += costUsd;
    }
    const tokens = tokensOf(calls[0]);
    const [first, last] = [this.#first, this.#last];
    this.turns += 1;
    this.#fewest = Math.min(this.#fewest, tokens);
    this.#most = Math.max(this.#most, tokens);
    // Of turns that start together the smaller one is first, in whatever order they come.
    if (nanos < first.nanos || (nanos === first.nanos && tokens < first.tokens)) {
      Object.assign(first, { nanos, tokens });
    }
    if (nanos > last.nanos || (nanos === last.nanos && tokens > last.tokens)) {
      Object.assign(last, { nanos, tokens });
    }
  }

  /** `true` if no turn's input was much smaller than the first one's, or much larger than the last one's. */
  hasGrown(minGrowth: number): boolean {
    const { tokens: first } = this.#first;
    const { tokens: last } = this.#last;
    return first <= ALIKE * this.#fewest && ALIKE * last >= this.#most && last >= minGrowth * first;
  }

  spent(): Spent {
    const { calls, inputTokens, cachedTokens } = this.#all;
    const { tokens: first } = this.#first;
    const { tokens: last } = this.#last;
    const added = Math.max(0, inputTokens - calls * first);
    const addedCachedTokens = Math.min(added, Math.max(0, cachedTokens - this.#hits * first));
    return {
      ...this.#all,
      grownTokens: last - first,
      resentTokens: inputTokens - last,
      // What is new has to be sent once.
      addedTokens: Math.max(0, added - addedCachedTokens - Math.max(0, last - first)),
      addedCachedTokens,
    };
  }
}

export function tokensOf(call: SpanNode | undefined): number {
  return call?.used?.inputTokens ?? 0;
}
