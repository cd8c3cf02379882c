import { StreamReader } from '../cost/response.js';
import type { TokenUsage } from '../cost/token-usage.js';
import { noUsage } from '../cost/usage.js';
import { fields, items, parseJson } from '../fields.js';
import type { Failure } from '../instrument/in-span.js';

import { MAX_BYTES, textOf, type BodyDecoder } from './body-decoder.js';
import { decoderFor } from './choose-decoder.js';
import { hasContent } from './has-content.js';
import { toldBy, withTold, type HeaderOf } from './told-usage.js';
import { readAnswer, type Reading } from './read-answer.js';
import { readShallow } from './shallow-json.js';

const TOO_LONG = `an answer of a model was longer than ${MAX_BYTES / 1024 / 1024} MiB and was not read`;
const NOT_UNDERSTOOD = 'an answer of a model was not understood';
/** A longer member of an answer holds embeddings or pictures. */
const MAX_MEMBER_LENGTH = 256_000;

/** After the first words of an answer, an item without any of these tells nothing new. */
const TELLING = new RegExp(
  [
    '"(?:usage|usage_?[mM]etadata|provider_?[mM]etadata|error|response|interaction|metadata|meta|amazon-bedrock-invocationMetrics)"\\s*:\\s*\\{',
    '"(?:finish_?[rR]eason|stop_?[rR]eason|done_reason)"\\s*:\\s*"',
    '"(?:prompt_)?eval_count"',
    '\\[DONE\\]',
  ].join('|'),
);

/** Clients stop reading at the item that says it is the last, some without a word. */
const END = /^\s*\[DONE\]/;
const LAST_TYPES: readonly unknown[] = ['message_stop', 'message-end', 'response.completed'];

/** The answer of a model, read from its bytes while somebody else reads them. No method throws. */
export class Answer {
  readonly #stream = new StreamReader();
  #decoder: BodyDecoder | undefined;
  #isUnknown = false;
  #whole: Reading | undefined;
  #hasContent = false;
  #hasEnded = false;

  readonly #contentType: string;
  readonly #told: TokenUsage | undefined;

  constructor(
    headerOf: HeaderOf,
    /** Called once, at the first item of a stream that has something of the answer. */
    private readonly onContent: () => void,
  ) {
    this.#contentType = headerOf('content-type') ?? '';
    this.#told = toldBy(headerOf);
  }

  push(chunk: Uint8Array): void {
    if (this.#hasEnded || this.#isUnknown || chunk.byteLength === 0) return;
    try {
      this.#decoder ??= decoderFor(this.#contentType, chunk, (json) => this.#onJson(json));
      if (!this.#tellsNothing(chunk)) this.#decoder?.push(chunk);
      this.#isUnknown = this.#decoder === undefined;
    } catch {
      this.#isUnknown = true;
    }
  }

  /** Only the first call counts. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    try {
      this.#decoder?.end();
    } catch {
      this.#isUnknown = true;
    }
  }

  /** `true` when a stream has said that nothing follows. */
  isComplete = false;

  /** The error that the stream reported. */
  get failure(): Failure | undefined {
    return this.#stream.failure;
  }

  /** What is known so far. */
  reading(): Reading {
    return withTold(this.#read(), this.#told);
  }

  #read(): Reading {
    if (this.#whole !== undefined) return this.#whole;
    const facts = this.#stream.facts();
    if (this.#decoder?.isTooLong === true) return { usage: noUsage(TOO_LONG), facts };
    if (this.#isUnknown) return { usage: noUsage(NOT_UNDERSTOOD), facts };
    return { usage: this.#stream.usage(), facts };
  }

  /** Most chunks of a stream are one item, or some: to look at them in one go is twice as fast. */
  #tellsNothing(chunk: Uint8Array): boolean {
    if (!this.#hasContent || this.#decoder?.isWhole === undefined) return false;
    const text = textOf(chunk);
    return this.#decoder.isWhole(text) && !TELLING.test(text);
  }

  #onJson(json: string): void {
    if (this.#decoder?.isStream === true) {
      if (END.test(json)) this.isComplete = true;
      else if (!this.#hasContent || TELLING.test(json)) this.#onItem(parseJson(json));
      return;
    }
    // Google streams a list without `alt=sse`.
    if (/^\s*\[/.test(json)) for (const item of items(parseJson(json))) this.#stream.see(item);
    else this.#whole = readAnswer(readShallow(json, MAX_MEMBER_LENGTH));
  }

  #onItem(item: unknown): void {
    this.#stream.see(item);
    const { done, type } = fields(item);
    if (done === true || LAST_TYPES.includes(type)) this.isComplete = true;
    if (this.#hasContent || !hasContent(item)) return;
    this.#hasContent = true;
    this.onContent();
  }
}
