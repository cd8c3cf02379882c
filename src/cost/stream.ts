import { fields, pick, text, type Fields } from '../fields.js';
import { finishReasonsOf, type ResponseFacts } from './response.js';
import { readUsages, type UsageReading } from './usage.js';

/**
 * Reads the items of a stream as they pass, and keeps none of their content: OpenAI's chunks and
 * response events, Anthropic's events, Google's chunks, and the parts of the AI SDK's `fullStream`.
 */
export class StreamReader {
  #model: string | undefined;
  #id: string | undefined;
  #usage: Fields | undefined;
  /** Of each request, where a stream tells of several. */
  readonly #steps: unknown[] = [];
  readonly #finishReasons = new Set<string>();
  #failure: { readonly error: unknown } | undefined;

  /** Takes note of an item. */
  see(item: unknown): void {
    const { message, response, type, usage, totalUsage, usageMetadata } = fields(item);
    // Events of Anthropic and of OpenAI's responses hold the response so far.
    for (const from of [item, message, response]) {
      const { model, modelId, modelVersion, id, responseId } = fields(from);
      this.#model = text(model) ?? text(modelVersion) ?? text(modelId) ?? this.#model;
      // The parts of the AI SDK have ids of their own.
      if (from !== item || type === undefined) this.#id = text(id) ?? text(responseId) ?? this.#id;
      for (const reason of finishReasonsOf(from)) this.#finishReasons.add(reason);
    }
    if (type === 'error') this.#failure = { error: fields(item).error ?? item };
    if (type === 'response.failed') this.#failure = { error: fields(response).error };
    if (type === 'finish-step') {
      this.#steps.push(usage);
      return;
    }
    this.#merge(fields(message).usage);
    this.#merge(fields(response).usage);
    this.#merge(totalUsage ?? usage ?? usageMetadata);
  }

  /** What comes next is of another request. */
  endRequest(): void {
    if (this.#usage !== undefined) this.#steps.push(this.#usage);
    this.#usage = undefined;
  }

  /** What the stream has said of its usage so far. */
  usage(): UsageReading {
    return readUsages(this.#steps.length > 0 ? this.#steps : [this.#usage]);
  }

  /** What the stream has said of itself so far. */
  facts(): ResponseFacts {
    return { model: this.#model, id: this.#id, finishReasons: [...this.#finishReasons] };
  }

  /** An error that an item told of, where a client does not throw it. */
  failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** A later report goes on from an earlier one: Anthropic's last has the output alone. */
  #merge(usage: unknown): void {
    const known = Object.entries(fields(usage)).filter(([, value]) => value != null);
    if (known.length > 0) this.#usage = { ...this.#usage, ...Object.fromEntries(known) };
  }
}

/** The events that bring text, or the arguments of a tool call. */
const CONTENT_EVENTS: ReadonlySet<unknown> = new Set([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.function_call_arguments.delta',
  'text-delta',
  'tool-input-delta',
  'tool-call',
]);

/**
 * Whether an item of a stream brings content: text, or the arguments of a tool call. Frames that open
 * a message, keep a connection alive, or bring what a model thinks do not.
 */
export function hasContent(item: unknown): boolean {
  if (typeof item === 'string') return item !== '';
  const { type, choices, candidates, delta } = fields(item);
  if (CONTENT_EVENTS.has(type)) return delta !== '' && fields(item).text !== '';
  if (type === 'content_block_delta') {
    const { text: part, partial_json: json } = fields(delta);
    return text(part) !== undefined || text(json) !== undefined;
  }
  if (Array.isArray(choices)) return choices.some((choice) => isChoice(fields(choice).delta));
  if (Array.isArray(candidates)) {
    return candidates.some((candidate) => {
      const parts = pick(candidate, ['content', 'parts']);
      return Array.isArray(parts) && parts.some(isGooglePart);
    });
  }
  return false;
}

function isChoice(delta: unknown): boolean {
  const { content, refusal, tool_calls } = fields(delta);
  const hasText = text(content) !== undefined || text(refusal) !== undefined;
  return hasText || (Array.isArray(tool_calls) && tool_calls.length > 0);
}

function isGooglePart(part: unknown): boolean {
  const { text: words, thought, functionCall } = fields(part);
  return (text(words) !== undefined && thought !== true) || functionCall !== undefined;
}
