import type { ModelUsage, Summary } from '../summary.js';

/** One model, and what it cost in each step of the timeline. */
export interface ModelRow {
  readonly usage: ModelUsage;
  readonly name: string;
  /** Of its input tokens, 0 to 1. */
  readonly cachedShare?: number;
  readonly steps?: readonly number[];
}

const nameOf = ({ model, provider }: Pick<ModelUsage, 'model' | 'provider'>) =>
  model ?? provider ?? 'an unnamed model';

/** The models, the dearest first. */
export function modelRows({ models, pictures }: Summary): ModelRow[] {
  const series = pictures?.timeline?.costUsd ?? [];
  return models
    .map((usage): ModelRow => {
      const { model, provider, inputTokens, cachedInputTokens } = usage;
      const own = series.find((it) => it.model === model && it.provider === provider);
      return {
        usage,
        name: nameOf(usage),
        ...(cachedInputTokens !== undefined && inputTokens > 0
          ? { cachedShare: cachedInputTokens / inputTokens }
          : {}),
        ...(own === undefined ? {} : { steps: own.steps }),
      };
    })
    .sort((a, b) => (b.usage.costUsd ?? -1) - (a.usage.costUsd ?? -1));
}

/** The most that one model cost in one step: the one scale of all. */
export function mostInStep(rows: readonly ModelRow[]): number {
  return rows.flatMap(({ steps = [] }) => steps).reduce((most, usd) => Math.max(most, usd), 0);
}

const KINDS: readonly (readonly [keyof ModelUsage, string])[] = [
  ['outputCostUsd', 'answers'],
  ['uncachedInputCostUsd', 'input'],
  ['cachedInputCostUsd', 'cached'],
  ['cacheWriteInputCostUsd', 'cache writes'],
  ['otherCostUsd', 'other'],
];
/** Less than this is a rest of rounding. */
const ROUNDING = 1e-6;

/** A part of what a model cost. */
export interface CostPart {
  readonly name: string;
  readonly usd: number;
  readonly class: string;
  /** What the parts before it cost. */
  readonly from: number;
}

/** What the cost of a model is for; the rest, of which only the whole is known, as a part of its own. */
export function costParts(usage: ModelUsage): CostPart[] {
  let from = 0;
  const part = (name: string, usd: number, at: number) => {
    from += usd;
    return { name, usd, class: `kind${at}`, from: from - usd };
  };
  const { costUsd = 0 } = usage;
  const known = KINDS.map(([field, name], at) => part(name, Number(usage[field] ?? 0), at));
  return [...known, part('not told apart', costUsd - from, KINDS.length)].filter(
    ({ usd }) => usd > ROUNDING * costUsd,
  );
}
