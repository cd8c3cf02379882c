import { CALL_ATTRIBUTES, type CallField } from '../call-attributes.js';
import { providerName } from '../cost/provider-name.js';
import type { UsageDetails } from '../cost/token-usage.js';
import { JSON_ATTRIBUTES } from '../json-attributes.js';
import * as semconv from '../semconv.js';
import { figureOf, notAFigure } from './attribute-number.js';
import { readJsonAttribute } from './json-attributes.js';
import { settleTokens, type ToldTokens } from './settle-tokens.js';
import { shortName } from './short-name.js';
import type { CallFigures, LlmCall } from './span-record.js';

type Attributes = Readonly<Record<string, unknown>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const SALES = ['serviceTier', 'speed', 'inferenceGeo'] as const;
const TEXTS = [
  ...(['provider', 'responseModel', 'requestModel', 'responseId', 'currency'] as const),
  ...SALES,
] as const;
type TextField = (typeof TEXTS)[number];
type Texts = Partial<Record<TextField, string | undefined>>;
const IS_TEXT: ReadonlySet<CallField> = new Set(TEXTS);
const IS_COST: ReadonlySet<CallField> = new Set(['costUsd', 'inputCostUsd', 'outputCostUsd']);
const IS_TIME: ReadonlySet<CallField> = new Set(['firstTokenSeconds', 'firstTokenMillis']);
const IS_DETAIL: ReadonlySet<CallField> = new Set(
  semconv.DETAIL_ATTRIBUTES.map(([field]) => field),
);

/** All fields are there from the start: objects that are alike are fast. */
const NO_TEXTS: Texts = Object.fromEntries(TEXTS.map((field) => [field, undefined]));
const NO_NUMBERS: ToldTokens = Object.fromEntries(
  Object.keys(CALL_ATTRIBUTES)
    .filter((field) => !IS_TEXT.has(field as CallField))
    .map((field) => [field, undefined]),
);

/** How requests are sold where nothing is said. */
const USUAL = /^(?:auto|default|standard|on[_-]?demand|not_available|global)$/;

/** An attribute that tells of a call. */
interface Place {
  readonly name: string;
  /** `undefined` where it is JSON. */
  readonly field: CallField | undefined;
  /** Of several attributes for one field, the one with the lowest counts. */
  readonly rank: number;
  /** Since version 6 the AI SDK counts alike for all providers, and has these. */
  readonly isOfNewAiSdk: boolean;
}

const PLACES: ReadonlyMap<string, Place> = new Map(
  [...Object.entries(CALL_ATTRIBUTES), [undefined, Object.keys(JSON_ATTRIBUTES)] as const].flatMap(
    ([field, names]) =>
      names.map((name, rank) => {
        const isOfNewAiSdk = name.startsWith('ai.usage.inputTokenDetails.');
        return [name, { name, field: field as CallField | undefined, rank, isOfNewAiSdk }];
      }),
  ),
);

/** A few places: to compare each with each is faster than to have them by field. */
function addPlace(places: Place[], place: Place): void {
  const { field, rank } = place;
  for (let at = 0; field !== undefined && at < places.length; at += 1) {
    if (places[at]!.field !== field) continue;
    if (rank < places[at]!.rank) places[at] = place;
    return;
  }
  places.push(place);
}

/** What the attributes of a span tell of a call of a model. */
export class CallReading {
  readonly #texts: Texts = { ...NO_TEXTS };
  #numbers: ToldTokens = { ...NO_NUMBERS };
  #hasDetails = false;
  #isOldAiSdk: boolean;
  /** Whether all figures include their parts. */
  #isSettled = false;
  #isWrong = false;
  #excludes: string | undefined;
  #call: LlmCall | undefined;

  /** @param warn is told what is left out */
  constructor(
    attributes: Attributes,
    readonly scope: string | undefined,
    readonly warn: (text: string) => void,
  ) {
    this.#isOldAiSdk = attributes[semconv.AI_OPERATION_ID] !== undefined;
    const places: Place[] = [];
    for (const name in attributes) {
      const place = PLACES.get(name);
      if (place === undefined || attributes[name] === undefined) continue;
      if (place.isOfNewAiSdk) this.#isOldAiSdk = false;
      addPlace(places, place);
    }
    for (const { field, name } of places) {
      if (field !== undefined) this.#set(field, name, attributes[name]);
    }
    for (const { field, name } of places) {
      if (field === undefined) this.#addJson(name, attributes[name]);
    }
  }

  call(): LlmCall {
    const { provider: named, responseModel, requestModel, responseId } = this.#texts;
    const model = responseModel ?? requestModel;
    if (this.#call !== undefined) return this.#call;
    const provider = providerName(named, model);
    const reporter = this.scope;
    this.#call =
      responseId === undefined
        ? { provider, model, requestModel, reporter }
        : { provider, model, requestModel, reporter, responseId };
    return this.#call;
  }

  /** Writes down the tokens, unless they contradict each other, and the cost. */
  addFigures(to: Mutable<CallFigures>): void {
    this.#settle();
    if (!this.#isWrong) {
      const { inputTokens, outputTokens, cacheReadTokens } = this.#numbers;
      const { cacheWriteTokens, reasoningTokens } = this.#numbers;
      if (inputTokens !== undefined) to.inputTokens = inputTokens;
      if (outputTokens !== undefined) to.outputTokens = outputTokens;
      if (cacheReadTokens !== undefined) to.cacheReadTokens = cacheReadTokens;
      if (cacheWriteTokens !== undefined) to.cacheWriteTokens = cacheWriteTokens;
      if (reasoningTokens !== undefined) to.reasoningTokens = reasoningTokens;
      const details = this.#hasDetails ? this.#details() : undefined;
      if (details !== undefined) to.usageDetails = details;
    }
    const { firstTokenMillis, firstTokenSeconds } = this.#numbers;
    const first = firstTokenSeconds ?? (firstTokenMillis && firstTokenMillis / 1000);
    if (first !== undefined) to.firstTokenSeconds = first;
    const cost = this.#cost();
    if (cost !== undefined) to.costUsd = cost;
    else if (this.#excludes !== undefined) to.costExcludes = [this.#excludes];
  }

  #set(field: CallField, name: string, value: unknown): void {
    this.#hasDetails ||= IS_DETAIL.has(field);
    if (IS_TEXT.has(field)) {
      const isText = typeof value === 'string' && value !== '';
      if (isText) this.#texts[field as TextField] = shortName(withoutQuotes(value));
      return;
    }
    const figure = figureOf(value);
    if (figure !== undefined) this.#numbers[field] = figure;
    else this.#leaveOut(notAFigure(name), !IS_COST.has(field) && !IS_TIME.has(field));
  }

  #leaveOut(warning: string, isWrong: boolean): void {
    this.warn(warning);
    this.#isWrong ||= isWrong;
  }

  #addJson(name: string, text: unknown): void {
    const told = readJsonAttribute(name, text);
    if (told === undefined) return;
    const { inputTokens: input = 0, outputTokens: output = 0 } = this.#numbers;
    const { usage = {}, isWrong, values } = told;
    const { reportedCostUsd, serviceTier, speed, inferenceGeo, ...tokens } = usage;
    // What the provider said is whole, unless it is that of the last of several calls.
    if ((usage.inputTokens ?? -1) >= input && (usage.outputTokens ?? 0) >= output) {
      const { costUsd, inputCostUsd, outputCostUsd } = this.#numbers;
      const { firstTokenSeconds, firstTokenMillis } = this.#numbers;
      const kept = { costUsd, inputCostUsd, outputCostUsd, firstTokenSeconds, firstTokenMillis };
      this.#numbers = { ...NO_NUMBERS, ...kept, ...tokens };
      this.#hasDetails = true;
      this.#isSettled = true;
      if (isWrong === true) this.#leaveOut(`${name} had usage that cannot be right`, true);
    }
    const further = { costUsd: reportedCostUsd, serviceTier, speed, inferenceGeo, ...values };
    for (const [key, value] of Object.entries(further)) {
      const field = key as CallField;
      const known = this.#numbers[field] ?? this.#texts[field as TextField];
      if (value !== undefined && known === undefined) this.#set(field, name, value);
    }
  }

  #settle(): void {
    if (this.#isWrong || this.#isSettled) return;
    this.#isSettled = true;
    const { provider = '', model = '' } = this.call();
    const doubt = settleTokens(this.#numbers, {
      scope: this.scope,
      providers: [this.#texts.provider ?? '', provider],
      model,
      isOldAiSdk: this.#isOldAiSdk,
    });
    if (doubt === undefined) return;
    this.#excludes = doubt.excludes;
    const words = doubt.isWrong ? ', so that its tokens were left out' : '';
    this.#leaveOut(`a call had ${doubt.text}${words}`, doubt.isWrong);
  }

  #details(): UsageDetails | undefined {
    const details: Partial<Record<keyof UsageDetails, number | string>> = {};
    for (const [field] of semconv.DETAIL_ATTRIBUTES) {
      const figure = this.#numbers[field];
      const text = this.#texts[field as TextField]?.toLowerCase();
      if (figure !== undefined && figure > 0) details[field] = figure;
      else if (text !== undefined && !USUAL.test(text)) details[field] = text;
    }
    for (const _ in details) return details as UsageDetails;
    return undefined;
  }

  #cost(): number | undefined {
    const { costUsd, inputCostUsd: input, outputCostUsd: output } = this.#numbers;
    const sum = input === undefined || output === undefined ? (input ?? output) : input + output;
    const cost = costUsd ?? sum;
    if (cost === undefined) return undefined;
    const { currency = 'USD' } = this.#texts;
    if (currency.toUpperCase() !== 'USD') {
      this.warn(`a cost in ${currency} was left out, since costs are in USD`);
      return undefined;
    }
    // OpenLIT has no other word for a model whose price it does not know.
    return cost === 0 && this.scope?.startsWith('openlit') === true ? undefined : cost;
  }
}

/** MLflow writes texts as JSON. */
function withoutQuotes(text: string): string {
  return text.startsWith('"') && text.length > 1 && text.endsWith('"') ? text.slice(1, -1) : text;
}
