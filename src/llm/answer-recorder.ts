import type { Reading } from '../answers/read-answer.js';
import { withTold } from '../answers/told-usage.js';
import type { Attributes, Span } from '@opentelemetry/api';
import { arePricesLoaded, costOf, loadPrices } from '../cost/price.js';
import type { ResponseFacts } from '../cost/response.js';
import { joined, NO_USAGE, type UsageReading } from '../cost/usage.js';
import { addWarnings, quietly } from '../instrument/in-span.js';
import { currentSpending } from '../instrument/limits.js';
import * as semconv from '../semconv.js';
import { CallsInside } from './calls-inside.js';
import type { LlmCallOptions } from './llm-call.js';

/** Records the answers of one call: on spans, in the spending of the run, and for a call around it. */
export class AnswerRecorder {
  readonly #spending = currentSpending();
  #inside: CallsInside | undefined;
  costUsd: number | undefined;

  constructor(
    private readonly span: Span,
    private readonly asked: Pick<LlmCallOptions, 'cache'> &
      Readonly<Record<'provider' | 'model', string | undefined>>,
    private readonly around: CallsInside | undefined,
  ) {}

  runAttempt<T>(attempt: () => T): T {
    this.#inside = new CallsInside(this.asked.model);
    return this.#inside.run(attempt);
  }

  /** `true` if a request of the call itself was seen on the wire. */
  get hasRequest(): boolean {
    return this.#inside?.hasRequest === true;
  }

  /** Records now if the price table is loaded, as it mostly is; nothing if nobody wants to know. */
  record(span: Span, read: () => Reading): Promise<void> | undefined {
    const isWanted =
      span.isRecording() || this.#spending !== undefined || this.asked.cache !== undefined;
    if (!isWanted) return undefined;
    const work = () => quietly(() => this.#record(span, read()));
    if (!arePricesLoaded()) return loadPrices().then(work);
    work();
    return undefined;
  }

  /** The same, and without a price if the table is still loading. */
  recordNow(span: Span, read: () => Reading): void {
    quietly(() => this.#record(span, read()));
  }

  recordFailed(attemptSpan: Span, read: () => Reading): Promise<void> | undefined {
    return this.record(attemptSpan, () => this.#failed(read()));
  }

  recordFailedNow(attemptSpan: Span, read: () => Reading): void {
    this.recordNow(attemptSpan, () => this.#failed(read()));
  }

  #failed({ usage, facts }: Reading): Reading {
    this.span.setAttributes(attributesOf(facts));
    return { usage: withoutNoUsage(usage), facts };
  }

  #record(span: Span, told: Reading): void {
    const { usage, facts } = this.#completed(told);
    const { provider, model: askedModel } = this.asked;
    const model = facts.model ?? askedModel ?? '';
    const inside = this.#inside?.usdOf(model) ?? 0;
    const cost = costOf(usage.requests, provider, [facts.model, askedModel]);
    const attributes = attributesOf(facts);
    for (const [field, name] of semconv.TOKEN_ATTRIBUTES) {
      if (usage.usage[field] !== undefined) attributes[name] = usage.usage[field];
    }
    // So that a file of the span can be priced as the response was.
    for (const [field, name] of semconv.DETAIL_ATTRIBUTES) {
      if (usage.usage[field]) attributes[name] = usage.usage[field];
    }
    // Spans of the same call inside this one record the cost, unless it was more than theirs; sums of
    // the same prices may differ in their last digits.
    const isInside = inside > 0 && cost !== undefined && cost.usd <= inside * (1 + 1e-9);
    if (cost !== undefined && !isInside) {
      attributes[semconv.GEN_AI_USAGE_COST] = cost.usd;
      attributes[semconv.HOTSPAN_COST_SOURCE] = cost.source;
    }
    const excludes = [...(cost?.excludes ?? []), ...(usage.excludes ?? [])];
    if (excludes.length > 0) attributes[semconv.HOTSPAN_COST_EXCLUDES] = [...new Set(excludes)];
    span.setAttributes(attributes);
    addWarnings(span, usage.warnings);
    if (cost !== undefined) this.#spending?.addCost(Math.max(0, cost.usd - inside));
    // The usage of a call around includes no failed attempt.
    if (span !== this.span) return;
    this.around?.add(model, Math.max(cost?.usd ?? 0, inside));
    this.costUsd = cost?.usd;
  }

  /** Completes an answer that tells no usage, or no cost, by what was seen of it on the wire. */
  #completed({ usage, facts }: Reading): Reading {
    const readings = this.#inside?.readings() ?? [];
    const seenUsage = joined(readings.map((reading) => withoutNoUsage(reading.usage)));
    if (!isKnown(seenUsage)) return { usage, facts };
    if (isKnown(usage)) {
      const [told, another] = [...seenUsage.requests, ...usage.requests.slice(1)];
      const costUsd = another === undefined ? told?.reportedCostUsd : undefined;
      return withTold(
        { usage, facts },
        costUsd === undefined ? undefined : { reportedCostUsd: costUsd },
      );
    }
    const seen = readings.at(-1)!.facts;
    const { finishReasons } = facts.finishReasons.length > 0 ? facts : seen;
    return {
      usage: seenUsage,
      facts: { model: facts.model ?? seen.model, id: facts.id ?? seen.id, finishReasons },
    };
  }
}

function isKnown({ requests, excludes }: UsageReading): boolean {
  return requests.length > 0 || excludes !== undefined;
}

function withoutNoUsage(usage: UsageReading): UsageReading {
  return { ...usage, warnings: usage.warnings.filter((warning) => warning !== NO_USAGE) };
}

function attributesOf({ model, id, finishReasons }: ResponseFacts): Attributes {
  const attributes: Attributes = {};
  if (model !== undefined) attributes[semconv.GEN_AI_RESPONSE_MODEL] = model;
  if (id !== undefined) attributes[semconv.GEN_AI_RESPONSE_ID] = id;
  if (finishReasons.length > 0) {
    attributes[semconv.GEN_AI_RESPONSE_FINISH_REASONS] = [...finishReasons];
  }
  return attributes;
}
