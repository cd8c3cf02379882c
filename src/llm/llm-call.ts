import { context, SpanKind, type Attributes, type Span } from '@opentelemetry/api';
import { loadPrices } from '../cost/price.js';
import { hasContent, StreamReader } from '../cost/stream.js';
import { checkUsage, NO_USAGE, type TokenUsage } from '../cost/usage.js';
import {
  requireFunction,
  requireName,
  requireObject,
  requireOptions,
  wrongUse,
} from '../errors.js';
import {
  GEN_AI_OPERATION_NAME,
  GEN_AI_PROVIDER_NAME,
  GEN_AI_REQUEST_MODEL,
  HOTSPAN_LLM_INPUT_HASH,
  HOTSPAN_LLM_TIME_TO_FIRST_TOKEN,
} from '../semconv.js';
import {
  ATTEMPT_OPTIONS,
  checkAttempts,
  runAttempts,
  type AttemptContext,
  type AttemptOptions,
  type OpenAttempt,
} from '../instrument/attempts.js';
import { CallsInside } from './calls-inside.js';
import type { SpanClock } from '../instrument/clock.js';
import { followStream, isStream, type StreamFollower } from './follow-stream.js';
import { holdSpan, inSpan, quietly } from '../instrument/in-span.js';
import { currentSpending } from '../instrument/limits.js';
import {
  cacheKey,
  checkCache,
  hashOf,
  throughCache,
  type CachedAnswer,
  type LlmCacheOptions,
} from './llm-cache.js';
import {
  checkRecordMessages,
  MessageRecorder,
  type RecordMessagesOptions,
} from './record-messages.js';
import {
  readAnswer,
  recordAnswer,
  recordFacts,
  unreadable,
  whenPricesLoaded,
  type AskedModel,
  type Reading,
} from './llm-usage.js';
import { addWarnings } from '../instrument/warnings.js';

/** Whom a call asks, and how often; `maxAttempts` is 1 by default. */
export interface LlmCallOptions extends AttemptOptions {
  /** As in the GenAI conventions: `openai`, `anthropic`, `gcp.gemini`, ... */
  readonly provider: string;
  /** The model that is asked for. */
  readonly model: string;
  /** As in the GenAI conventions: `chat`, `embeddings`, `text_completion`, ... Default `chat`. */
  readonly operation?: string | undefined;
  /** Further attributes of the span. */
  readonly attributes?: Attributes | undefined;
  /**
   * Reads the usage of a response that hotspan does not know; of a stream it gets every item, and
   * the last usage counts. Of what it gives no usage for, hotspan reads it as it can. What it throws
   * is a warning in the summary.
   */
  readUsage?(this: void, response: unknown): TokenUsage | undefined;
  /**
   * What the model is asked, as data that JSON can hold. Only a hash of it is recorded, so that the
   * summary can tell of calls that repeat others, unless `recordMessages` asks for more. Default: the
   * `key` or the `input` of `cache`; without one, repeated calls are not noticed.
   */
  readonly input?: unknown;
  /**
   * Records what the model is asked (the `input`, here or of `cache`) and what it answers, as
   * `gen_ai.input.messages` and `gen_ai.output.messages`: `true`, or how. Default false: neither.
   */
  readonly recordMessages?: boolean | RecordMessagesOptions | undefined;
  /** Answers the same call from a store. Default: every call asks the model. */
  readonly cache?: LlmCacheOptions | undefined;
}

const OPTIONS = [
  ...ATTEMPT_OPTIONS,
  'provider',
  'model',
  'operation',
  'attributes',
  'readUsage',
  'input',
  'recordMessages',
  'cache',
];

/**
 * Runs one logical call of a language model: a CLIENT span named `{operation} {model}` with the
 * attributes of the GenAI conventions, and each attempt a child span of it.
 *
 * Token usage, model, id and finish reasons are read from the response that `fn` returns: of OpenAI,
 * Anthropic, Google GenAI, the Vercel AI SDK, and servers and clients that speak like them. The cost
 * is the provider's own figure, or comes from {@link setPrices}, or from the bundled price table. An
 * unknown model gets no cost. Prompts and completions are not recorded, unless `recordMessages` asks
 * for them.
 *
 * A stream that `fn` returns passes on item by item, as its reader reads it. The span ends when the
 * stream ends, is broken off, or fails; it has the time to the first content, and the usage that the
 * stream told. A failure after the first item is not tried again: the reader has items already.
 *
 * Retries that the client makes by itself are hidden in one attempt: switch them off there
 * (`maxRetries: 0`) and set `maxAttempts` here.
 *
 * ```ts
 * import { llmCall } from 'hotspan';
 *
 * const ask = async (signal: AbortSignal) => {
 *   signal.throwIfAborted();
 *   return { text: '42', usage: { prompt_tokens: 12, completion_tokens: 3 } };
 * };
 * const answer = await llmCall(
 *   { provider: 'openai', model: 'gpt-4o', maxAttempts: 3, timeoutMillis: 20_000 },
 *   ({ signal }) => ask(signal),
 * );
 * console.log(answer.text);
 * ```
 *
 * @returns what `fn` returned, unchanged
 * @throws TypeError on wrong arguments, at the call. Later the last attempt's error, the same object
 */
export function llmCall<T>(
  options: LlmCallOptions,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
): Promise<T> {
  if ((options as unknown) === undefined) throw wrongUse('llmCall', 'options', options);
  requireOptions('llmCall', options, OPTIONS);
  // The caller may use its object again, with another model.
  const own = { ...options };
  const { provider, model, operation = 'chat', maxAttempts = 1 } = own;
  requireName('llmCall', '`provider`', provider);
  requireName('llmCall', '`model`', model);
  requireName('llmCall', '`operation`', operation);
  requireFunction('llmCall', '`fn`', fn);
  requireObject('llmCall', '`attributes`', options.attributes);
  checkAttempts('llmCall', options);

  if (options.readUsage !== undefined) {
    requireFunction('llmCall', '`readUsage`', options.readUsage);
  }
  checkRecordMessages('llmCall', options.recordMessages);
  checkCache('llmCall', options.cache);
  const asked = [provider, model, operation];
  const key = options.cache && cacheKey(options.cache, asked);

  const name = `${operation} ${model}`;
  const attributes: Attributes = {
    ...options.attributes,
    [GEN_AI_OPERATION_NAME]: operation,
    [GEN_AI_PROVIDER_NAME]: provider,
    [GEN_AI_REQUEST_MODEL]: model,
  };
  const around = CallsInside.around();
  return inSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span, clock) => {
    if (span.isRecording()) recordInputHash(span, own, asked);
    const call = new LlmCall(own, span, clock, around);
    call.recordInput(own.input ?? own.cache?.input);
    const ask = () => call.ask(name, { ...own, maxAttempts }, fn);
    const { cache, signal, timeoutMillis } = own;
    const response =
      cache === undefined || key === undefined
        ? (await ask()).response
        : ((await throughCache({ cache, key, span, clock, signal, timeoutMillis, ask })) as T);
    call.recordOutput(response);
    return response;
  });
}

/** Half of a SHA-256 in hex: more would only make the spans larger. */
const HASH_LENGTH = 32;

function recordInputHash(span: Span, { input, cache }: LlmCallOptions, asked: string[]): void {
  const given = input ?? cache?.key ?? cache?.input;
  if (given === undefined) return;
  try {
    span.setAttribute(HOTSPAN_LLM_INPUT_HASH, hashOf(asked, given).slice(0, HASH_LENGTH));
  } catch {
    addWarnings(span, ['the `input` of an LLM call is no data that JSON can hold']);
  }
}

/** One call while it is made. */
class LlmCall {
  readonly #asked: AskedModel;
  readonly #own: LlmCallOptions['readUsage'];
  readonly #hasCache: boolean;
  /** Undefined when messages are not wanted. */
  readonly #messages: MessageRecorder | undefined;
  readonly #span: Span;
  readonly #clock: SpanClock;
  readonly #spending = currentSpending();
  /** Of the attempt that this call is made in, when it is made in another call. */
  readonly #around: CallsInside | undefined;
  /** Of the present attempt. */
  #inside: CallsInside | undefined;
  #isStreaming = false;

  constructor(
    options: LlmCallOptions,
    span: Span,
    clock: SpanClock,
    around: CallsInside | undefined,
  ) {
    this.#asked = options;
    this.#own = options.readUsage;
    this.#hasCache = options.cache !== undefined;
    const { recordMessages = false } = options;
    if (recordMessages !== false && span.isRecording()) {
      this.#messages = new MessageRecorder(span, recordMessages);
    }
    this.#span = span;
    this.#clock = clock;
    this.#around = around;
  }

  /** Records what the model is asked, where that is wanted. */
  recordInput(input: unknown): void {
    if (input !== undefined) this.#messages?.input(input);
  }

  /** Records what the model answered, where that is wanted; of a stream that is done at its end. */
  recordOutput(response: unknown): void {
    if (this.#messages === undefined || this.#isStreaming) return;
    // That is not the model's time.
    this.#clock.stop();
    this.#messages.output(response);
  }

  /** Asks the model, as often as it takes, and records what it answers. */
  async ask<T>(
    name: string,
    policy: AttemptOptions & { readonly maxAttempts: number },
    fn: (context: AttemptContext) => T | PromiseLike<T>,
  ): Promise<{ readonly response: T; readonly entry?: CachedAnswer }> {
    // Loads while the model thinks.
    void loadPrices();
    const tryOnce = (context: AttemptContext) => {
      this.#inside = new CallsInside();
      return this.#inside.run(() => fn(context));
    };
    const response = await runAttempts(name, policy, this.#span, tryOnce, {
      onValue: (value, attempt) => this.#follow(value, attempt),
      // Some clients throw what they paid for, an answer that did not parse for example.
      onFailure: (error, attemptSpan) =>
        hasUsage(error) ? this.#record(attemptSpan, () => readAnswer(error, undefined)) : undefined,
    });
    if (this.#isStreaming) return { response };
    // The price table may still be loading: that is not the model's time.
    this.#clock.stop();
    const seconds = this.#clock.elapsedSeconds();
    let costUsd: number | undefined;
    await this.#record(
      this.#span,
      () => readAnswer(response, this.#own),
      (usd) => (costUsd = usd),
    );
    const entry = { response, seconds, ...(costUsd === undefined ? {} : { costUsd }) };
    return isStream(response) ? { response } : { response, entry };
  }

  /** Writes down what `read` finds, unless nobody wants to know. */
  #record(
    span: Span,
    read: () => Reading,
    onCost?: (usd: number | undefined) => void,
  ): Promise<void> | undefined {
    const isWanted = span.isRecording() || this.#spending !== undefined || this.#hasCache;
    if (!isWanted) return undefined;
    return whenPricesLoaded(() =>
      quietly(() => {
        const reading = read();
        const model = reading.facts.model ?? this.#asked.model;
        const inside = this.#inside?.usdOf(model) ?? 0;
        const usd = recordAnswer(span, reading, this.#asked, inside);
        if (usd !== undefined) this.#spending?.addCost(Math.max(0, usd - inside));
        // Of a failed attempt nothing is in the usage of the call around.
        if (span === this.#span) this.#around?.add(model, Math.max(usd ?? 0, inside));
        onCost?.(usd);
      }),
    );
  }

  /** What a stream told before it failed was used by an attempt that failed. */
  #recordFailed(attemptSpan: Span, read: () => Reading): Promise<void> | undefined {
    return this.#record(attemptSpan, () => {
      const { usage, facts } = read();
      recordFacts(this.#span, facts);
      const warnings = usage.warnings.filter((warning) => warning !== NO_USAGE);
      return { usage: { ...usage, warnings }, facts };
    });
  }

  /** Keeps the spans open while a stream is read. */
  #follow<T>(value: T, attempt: OpenAttempt): T {
    const inAttempt = context.active();
    const reader = new StreamReader();
    const messages = this.#messages?.followStream();
    let own: TokenUsage | undefined;
    let ownWarning: string | undefined;
    let hasFirst = false;
    let hasEnded = false;
    const read = (): Reading => {
      const facts = reader.facts();
      if (ownWarning !== undefined) return { usage: unreadable(ownWarning), facts };
      return { usage: own === undefined ? reader.usage() : checkUsage(own), facts };
    };
    let end: (failure?: { readonly error: unknown }) => void = () => undefined;
    const follower: StreamFollower = {
      pull: (next) => attempt.run(() => context.with(inAttempt, next)),
      stopped: () => attempt.stopped(),
      onItem: (item) =>
        quietly(() => {
          reader.see(item);
          if (!hasFirst && hasContent(item)) {
            hasFirst = true;
            const seconds = this.#clock.elapsedSeconds();
            this.#span.setAttribute(HOTSPAN_LLM_TIME_TO_FIRST_TOKEN, seconds);
          }
          try {
            own = this.#own?.(item) ?? own;
          } catch {
            ownWarning = 'an item of an LLM stream could not be read';
          }
          messages?.see(item);
        }),
      onRequestEnd: () => reader.endRequest(),
      onEnd: (failure) => {
        if (hasEnded) return undefined;
        hasEnded = true;
        this.#clock.stop();
        const failed = failure ?? reader.failure();
        if (messages !== undefined) this.#messages?.streamed(messages);
        const recorded =
          failed === undefined
            ? this.#record(this.#span, read)
            : this.#recordFailed(attempt.span, read);
        if (recorded === undefined) end(failed);
        return recorded?.then(() => end(failed));
      },
    };
    const followed = followStream(value, follower);
    if (followed === undefined) return value;
    this.#isStreaming = true;
    const endAttempt = attempt.hold();
    const endCall = holdSpan(this.#span, this.#clock);
    end = (failure) => {
      endAttempt(failure === undefined ? 'success' : attempt.outcomeOf(failure.error), failure);
      endCall(failure);
    };
    return followed;
  }
}

function hasUsage(value: unknown): boolean {
  try {
    return value !== null && typeof value === 'object' && 'usage' in value;
  } catch {
    return false;
  }
}
