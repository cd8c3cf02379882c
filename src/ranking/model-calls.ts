import { BoundedMap, MAX_KINDS, OTHER } from '../bounded.js';
import type { ModelUsage, Summary } from '../summary.js';
import { OptionalSum, defined } from '../sums.js';
import type { SpanFacts, SpanRecord } from '../trace/span-record.js';
import type { TraceTree } from '../trace/trace-tree.js';

class Model {
  calls = 0;
  errors = 0;
  inputTokens = 0;
  outputTokens = 0;
  readonly cost = new OptionalSum();
  unpriced = 0;

  constructor(
    readonly provider: string | undefined,
    readonly model: string | undefined,
  ) {}
}

export type Used = Record<'inputTokens' | 'outputTokens' | 'costUsd', number | undefined>;

/** Counts the LLM calls, by model, and what a cache saved, in bounded memory. */
export class ModelCalls {
  readonly #models = new BoundedMap(MAX_KINDS, () => new Model(undefined, OTHER));
  readonly #cache = { hits: 0, savedSeconds: 0, savedUsd: new OptionalSum() };
  count = 0;
  unpriced = 0;

  /** Adds a span that is an LLM call, or a part of one; the call itself is the `operation`. */
  add(record: SpanRecord, operation: SpanRecord, used: Used): void {
    const { cacheHit, llmCall } = operation.facts;
    if (cacheHit !== undefined) {
      // No model was asked.
      if (record !== operation) return;
      this.#cache.hits += 1;
      this.#cache.savedSeconds += cacheHit.savedSeconds;
      this.#cache.savedUsd.add(cacheHit.savedUsd);
      return;
    }
    const model = this.#model(llmCall);
    model.inputTokens += used.inputTokens ?? 0;
    model.outputTokens += used.outputTokens ?? 0;
    model.cost.add(used.costUsd);
    if (record !== operation) return;
    this.count += 1;
    model.calls += 1;
    if (record.errorType !== undefined) model.errors += 1;
    else if (isUnpriced(record)) this.#addUnpriced(record, 1);
  }

  addLateCost(record: SpanRecord, usd: number): void {
    this.#model(record.facts.llmCall).cost.add(usd);
    if (isUnpriced(record)) this.#addUnpriced(record, -1);
  }

  /** Corrects the count of unpriced calls by those whose cost only a span inside them knows. */
  findPricedByPart({ nodes }: TraceTree): void {
    const priced = new Set<SpanRecord>();
    for (const { record, operation, stillRunning } of nodes) {
      if (record === operation || stillRunning) continue;
      const { llmCall, costUsd } = record.facts;
      if (llmCall !== undefined && costUsd !== undefined) priced.add(operation);
    }
    if (priced.size === 0) return;
    for (const { record } of nodes) {
      if (priced.has(record) && isUnpriced(record)) this.#addUnpriced(record, -1);
    }
  }

  byModel(): ModelUsage[] {
    return this.#models.values().map(({ provider, model, cost, unpriced, ...counts }) => ({
      ...defined({ provider, model }),
      ...counts,
      ...defined({ costUsd: cost.value }),
      ...(unpriced > 0 ? { unpricedCalls: unpriced } : {}),
    }));
  }

  cacheFigures(): Pick<Summary['totals'], 'cacheHits' | 'cacheSavedSeconds' | 'cacheSavedUsd'> {
    const { hits: cacheHits, savedSeconds: cacheSavedSeconds, savedUsd } = this.#cache;
    if (cacheHits === 0) return {};
    return { cacheHits, cacheSavedSeconds, ...defined({ cacheSavedUsd: savedUsd.value }) };
  }

  #addUnpriced({ facts }: SpanRecord, count: 1 | -1): void {
    this.unpriced += count;
    const { inputTokens, outputTokens } = facts;
    const hasUsage = inputTokens !== undefined || outputTokens !== undefined;
    if (hasUsage) this.#model(facts.llmCall).unpriced += count;
  }

  #model(call: SpanFacts['llmCall']): Model {
    const { provider, model } = call ?? {};
    const key = `${provider ?? ''}\n${model ?? ''}`;
    return this.#models.get(key, () => new Model(provider, model));
  }
}

function isUnpriced({ facts, errorType }: SpanRecord): boolean {
  const { llmCall, costUsd, cacheHit } = facts;
  const isCall = llmCall !== undefined && cacheHit === undefined;
  return isCall && errorType === undefined && costUsd === undefined;
}
