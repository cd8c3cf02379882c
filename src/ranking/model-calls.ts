import { MAX_KINDS, OTHER } from '../bounded.js';
import { addKinds, COST_KINDS, noKinds } from '../cost/cost-kinds.js';
import { plainModelName } from '../cost/plain-model-name.js';
import { HeaviestMap } from '../heaviest-map.js';
import type { ModelUsage, Summary } from '../summary.js';
import { OptionalSum, defined } from '../sums.js';
import type { Used } from '../trace/count-usage.js';
import type { LlmCall, SpanFacts, SpanRecord } from '../trace/span-record.js';

type TokenPart = 'cachedInputTokens' | 'cacheWriteInputTokens' | 'reasoningOutputTokens';
const TOKEN_PARTS: readonly (readonly [
  TokenPart,
  'cacheReadTokens' | 'cacheWriteTokens' | 'reasoningTokens',
])[] = [
  ['cachedInputTokens', 'cacheReadTokens'],
  ['cacheWriteInputTokens', 'cacheWriteTokens'],
  ['reasoningOutputTokens', 'reasoningTokens'],
];

/** The figures of one model while they are collected. */
export class Model {
  calls = 0;
  errors = 0;
  inputTokens = 0;
  outputTokens = 0;
  readonly cost = new OptionalSum();
  unpriced = 0;
  readonly partlyPriced = new OptionalSum();
  /** Parts of the tokens above. */
  readonly parts: Record<TokenPart, OptionalSum> = {
    cachedInputTokens: new OptionalSum(),
    cacheWriteInputTokens: new OptionalSum(),
    reasoningOutputTokens: new OptionalSum(),
  };
  /** What of the cost is known to be for what. */
  readonly costByKind = noKinds();
  /** Of the cost, what failed attempts used. */
  wastedUsd = 0;

  /** The model that has its figures from now on. */
  goneTo: Model | undefined = undefined;

  constructor(
    readonly provider: string | undefined,
    readonly model: string | undefined,
  ) {}

  /** A dollar counts as much as a million tokens. */
  get weight(): number {
    const { calls, inputTokens, outputTokens, cost } = this;
    return calls + inputTokens + outputTokens + (cost.value ?? 0) * 1e6;
  }

  merge(other: Model): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.inputTokens += other.inputTokens;
    this.outputTokens += other.outputTokens;
    this.unpriced += other.unpriced;
    this.cost.add(other.cost.value);
    this.partlyPriced.add(other.partlyPriced.value);
    addKinds(this.costByKind, other.costByKind);
    this.wastedUsd += other.wastedUsd;
    for (const [part] of TOKEN_PARTS) this.parts[part].add(other.parts[part].value);
  }
}

function positive<Name extends string>(
  figures: readonly (readonly [Name, number])[],
): Partial<Record<Name, number>> {
  return Object.fromEntries(figures.filter(([, figure]) => figure > 0)) as Partial<
    Record<Name, number>
  >;
}

/** Counts the LLM calls, by model, and what a cache saved, in bounded memory. */
export class ModelCalls {
  readonly #models = new HeaviestMap<Model>(MAX_KINDS, {
    makeOther: () => new Model(undefined, OTHER),
    weightOf: (model) => model.weight,
    merge: (other, model) => {
      other.merge(model);
      model.goneTo = other;
    },
  });
  readonly #cache = { hits: 0, savedSeconds: 0, savedUsd: new OptionalSum() };
  count = 0;
  unpriced = 0;

  /** Adds a call of a model, or what counts at another span of what calls used. */
  add(record: SpanRecord, operation: SpanRecord, used: Used | undefined, isWasted: boolean): void {
    const isCall = record === operation && record.facts.llmCall !== undefined;
    const { cacheHit } = operation.facts;
    if (cacheHit !== undefined) {
      // No model was asked.
      if (isCall) this.#addHit(cacheHit);
      return;
    }
    const call = used?.call ?? (isCall ? record.facts.llmCall : undefined);
    if (call === undefined) return;
    const model = this.#model(call);
    model.inputTokens += used?.inputTokens ?? 0;
    model.outputTokens += used?.outputTokens ?? 0;
    model.cost.add(used?.costUsd);
    addKinds(model.costByKind, used?.costByKind);
    if (isWasted) model.wastedUsd += used?.costUsd ?? 0;
    if (used !== undefined) for (const [part, of] of TOKEN_PARTS) model.parts[part].add(used[of]);
    if (used?.costExcludes !== undefined) model.partlyPriced.add(1);
    if (!isCall) return;
    this.count += 1;
    model.calls += 1;
    if (record.errorType !== undefined) model.errors += 1;
    else if (used?.costUsd === undefined && used?.isCovered !== true) {
      this.unpriced += 1;
      const hasUsage = (used?.inputTokens ?? used?.outputTokens) !== undefined;
      // A usage that is known in part has no cost, whatever the price.
      if (hasUsage && record.facts.costExcludes === undefined) model.unpriced += 1;
    }
  }

  models(): Model[] {
    return this.#models.values();
  }

  byModel(): ModelUsage[] {
    return this.#models.values().map(({ provider, model, parts, costByKind, ...all }) => ({
      ...defined({ provider, model }),
      ...{ calls: all.calls, errors: all.errors },
      ...{ inputTokens: all.inputTokens, outputTokens: all.outputTokens },
      ...defined({
        cachedInputTokens: parts.cachedInputTokens.value,
        cacheWriteInputTokens: parts.cacheWriteInputTokens.value,
        reasoningOutputTokens: parts.reasoningOutputTokens.value,
      }),
      ...defined({ costUsd: all.cost.value }),
      ...positive(COST_KINDS.map((kind, at) => [kind, costByKind[at]!])),
      ...positive([
        ['wastedCostUsd', all.wastedUsd],
        ['unpricedCalls', all.unpriced],
      ]),
      ...defined({ partlyPricedCalls: all.partlyPriced.value }),
    }));
  }

  cacheFigures(): Pick<Summary['totals'], 'cacheHits' | 'cacheSavedSeconds' | 'cacheSavedUsd'> {
    const { hits: cacheHits, savedSeconds: cacheSavedSeconds, savedUsd } = this.#cache;
    if (cacheHits === 0) return {};
    return { cacheHits, cacheSavedSeconds, ...defined({ cacheSavedUsd: savedUsd.value }) };
  }

  #addHit({ savedSeconds, savedUsd }: NonNullable<SpanFacts['cacheHit']>): void {
    this.#cache.hits += 1;
    this.#cache.savedSeconds += savedSeconds;
    this.#cache.savedUsd.add(savedUsd);
  }

  #model({ provider, model: named }: LlmCall): Model {
    const model = named && plainModelName(named);
    const key = `${provider ?? ''}\n${model ?? ''}`;
    return this.#models.get(key, () => new Model(provider, model));
  }
}
