import { fields, items, text, type Fields } from '../fields.js';
import { isUnreadStream, readUsages, usageIn, type UsageReading } from './usage.js';

export interface ResponseFacts {
  readonly model: string | undefined;
  readonly id: string | undefined;
  readonly finishReasons: readonly string[];
}

export function readResponse(response: unknown): ResponseFacts {
  if (isUnreadStream(response)) return { model: undefined, id: undefined, finishReasons: [] };
  const { model, modelVersion, id, responseId, response: inner } = fields(response);
  const { modelId, id: innerId } = fields(inner);
  return {
    model: text(model, modelVersion, modelId),
    id: text(id, responseId, innerId),
    finishReasons: finishReasonsOf(response),
  };
}

export function finishReasonsOf(response: unknown): string[] {
  const { choices, candidates, stop_reason, finishReason, delta, messageStop } = fields(response);
  const { finish_reason, done_reason, stopReason } = fields(response);
  const reasons: string[] = [];
  const add = (reason: unknown) => {
    if (typeof reason === 'string' && reason !== '') reasons.push(reason);
  };
  for (const choice of items(choices)) add(fields(choice).finish_reason);
  for (const candidate of items(candidates)) add(fields(candidate).finishReason);
  add(stop_reason);
  add(fields(delta).stop_reason);
  add(fields(delta).finish_reason);
  add(finishReason);
  // Cohere, Ollama and Bedrock.
  add(finish_reason);
  add(done_reason);
  add(stopReason);
  add(fields(messageStop).stopReason);
  return reasons;
}

/** Reads the items of a stream of OpenAI, Anthropic, Google or the AI SDK; keeps none of their content. */
export class StreamReader {
  #model: string | undefined;
  #id: string | undefined;
  #usage: Fields | undefined;
  /** The usage of each request, if the stream reports several. */
  readonly #steps: unknown[] = [];
  readonly #finishReasons = new Set<string>();
  /** The error that an item reported, which some clients do not throw. */
  failure: { readonly error: unknown } | undefined;

  see(item: unknown): void {
    const { message, response, type, usage } = fields(item);
    // Events of Anthropic and of OpenAI's responses hold the response so far.
    for (const from of [item, message, response]) {
      const { model, modelId, modelVersion, id, responseId } = fields(from);
      this.#model = text(model, modelVersion, modelId, this.#model);
      // The parts of the AI SDK have ids of their own.
      if (from !== item || type === undefined) this.#id = text(id, responseId, this.#id);
      for (const reason of finishReasonsOf(from)) this.#finishReasons.add(reason);
    }
    if (type === 'error') this.failure = { error: fields(item).error ?? item };
    if (type === 'response.failed') this.failure = { error: fields(response).error };
    if (type === 'finish-step') {
      this.#steps.push(usage);
      return;
    }
    this.#merge(fields(message).usage);
    this.#merge(fields(response).usage);
    this.#merge(usageIn(item));
  }

  /** The next items belong to another request. */
  endRequest(): void {
    if (this.#usage !== undefined) this.#steps.push(this.#usage);
    this.#usage = undefined;
  }

  usage(): UsageReading {
    return readUsages(this.#steps.length > 0 ? this.#steps : [this.#usage]);
  }

  facts(): ResponseFacts {
    return { model: this.#model, id: this.#id, finishReasons: [...this.#finishReasons] };
  }

  /** Completes an earlier report with a later one: Anthropic's last has the output alone. */
  #merge(usage: unknown): void {
    const known = Object.entries(fields(usage)).filter(([, value]) => value != null);
    if (known.length > 0) this.#usage = { ...this.#usage, ...Object.fromEntries(known) };
  }
}
