import type { ModelUsage, Summary } from '../summary.js';

/** One model, and what it cost in each step of the timeline. */
export interface ModelRow {
  readonly usage: ModelUsage;
  readonly name: string;
  /** Of all cost, 0 to 1. */
  readonly share?: number;
  /** Of its input tokens, 0 to 1. */
  readonly cachedShare?: number;
  readonly steps?: readonly number[];
}

const nameOf = ({ model, provider }: Pick<ModelUsage, 'model' | 'provider'>) =>
  model ?? provider ?? 'an unnamed model';

/** The models, the dearest first. */
export function modelRows({ models, totals, pictures }: Summary): ModelRow[] {
  const series = pictures?.timeline?.costUsd ?? [];
  return models
    .map((usage): ModelRow => {
      const { model, provider, costUsd, inputTokens, cachedInputTokens } = usage;
      const own = series.find((it) => it.model === model && it.provider === provider);
      return {
        usage,
        name: nameOf(usage),
        ...(costUsd !== undefined && (totals.costUsd ?? 0) > 0
          ? { share: costUsd / totals.costUsd! }
          : {}),
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
