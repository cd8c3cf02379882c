import { SpanKind, trace, type Attributes, type Span } from '@opentelemetry/api';
import { loadPrices } from '../cost/price.js';
import type { TokenUsage } from '../cost/token-usage.js';
import { noUsage } from '../cost/usage.js';
import { requireFunction } from '../errors.js';
import { isObject } from '../fields.js';
import {
  ATTEMPT_OPTIONS,
  runAttempts,
  type AttemptContext,
  type AttemptFunction,
  type AttemptOptions,
} from '../instrument/attempts.js';
import type { SpanClock } from '../instrument/clock.js';
import { addWarnings, inSpan } from '../instrument/in-span.js';
import * as kinds from '../options.js';
import * as semconv from '../semconv.js';
import { defined } from '../sums.js';
import { readAnswer } from '../answers/read-answer.js';
import { unwrapped } from '../answers/unwrapped.js';
import { AnswerRecorder } from './answer-recorder.js';
import { hashOf } from './call-hash.js';
import { CallsInside } from './calls-inside.js';
import { hideMessage } from './failed-call.js';
import { followStream, isStream } from './follow-stream.js';
import { CACHE_OPTIONS, cacheKey, throughCache, type LlmCacheOptions } from './llm-cache.js';
import { outputMessages } from './messages.js';
import {
  recordInput,
  recordOutput,
  RECORD_OPTIONS,
  type RecordMessagesOptions,
} from './record-messages.js';
import { StreamedAnswer } from './streamed-answer.js';

/** Options of {@link llmCall}. `maxAttempts` is 1 by default. */
export interface LlmCallOptions extends AttemptOptions {
  /** The provider, as the GenAI conventions name it: `openai`, `anthropic`, `gcp.gemini`, ... */
  readonly provider: string;
  /** The model to ask. */
  readonly model: string;
  /**
   * The operation, as the GenAI conventions name it: `chat`, `embeddings`, `text_completion`, ... Default
   * `chat`.
   */
  readonly operation?: string | undefined;
  /** More attributes of the span. */
  readonly attributes?: Attributes | undefined;
  /**
   * Reads the usage of a response that hotspan does not know. For a stream it receives every item, and
   * the last usage that it returns is used. If it returns `undefined`, hotspan reads the usage. If it
   * throws, the summary has a warning, and the call goes on.
   */
  readUsage?(this: void, response: unknown): TokenUsage | undefined;
  /**
   * The input of the model, as JSON data. Only a hash of it is recorded, so that the summary can find
   * repeated calls; see `recordMessages` to record the input itself. Default: the `key` or the `input`
   * of `cache`. Without any of them, repeated calls are not found.
   */
  readonly input?: unknown;
  /**
   * `true`, or options, to record the `input` (of the call or of `cache`) and the answer as
   * `gen_ai.input.messages` and `gen_ai.output.messages`, and the message of an error, which may quote
   * them. Default false: a failed call has the status, code and type of its error.
   */
  readonly recordMessages?: boolean | RecordMessagesOptions | undefined;
  /** Answers repeated calls from a store. Default: every call asks the model. */
  readonly cache?: LlmCacheOptions | undefined;
}

const OPTIONS: kinds.Shape<LlmCallOptions> = {
  ...ATTEMPT_OPTIONS,
  provider: kinds.required(kinds.aName),
  model: kinds.required(kinds.aName),
  operation: kinds.aName,
  attributes: kinds.anObject,
  readUsage: kinds.aFunction,
  input: kinds.anything,
  recordMessages: kinds.aBooleanOr(kinds.options(RECORD_OPTIONS)),
  cache: kinds.options(CACHE_OPTIONS),
};

/**
 * Makes one call of a language model: a CLIENT span named `{operation} {model}` with the attributes of
 * the GenAI conventions. Each attempt is a child span of it.
 *
 * hotspan reads token usage, model, id and finish reasons from the response of `fn`: of OpenAI, Anthropic,
 * Google GenAI, Bedrock, the Vercel AI SDK, and of servers and clients that speak like them. The cost is
 * the one that the provider reports, or comes from `setPrices` or the bundled price table. A call of an
 * unknown model has no cost. Prompts and completions are not recorded unless `recordMessages` says so.
 *
 * If `fn` returns a stream, your code reads it item by item, and the span ends when the stream ends, is
 * broken off, or fails. The span then has the time to the first content as well. A stream that fails
 * after its first item is not retried, since your code already has items.
 *
 * A client that retries by itself hides its retries inside one attempt. Switch them off there
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
 * @param fn asks the model; called once for each attempt, and not at all when the cache has the answer
 * @returns the response of `fn`, unchanged
 * @throws TypeError at the call when an argument is wrong. Rejects with the last attempt's error, the same
 *   object, with the reason of `signal` when it was aborted, or with a `LimitExceededError`
 */
export function llmCall<T>(
  options: LlmCallOptions,
  fn: (context: AttemptContext) => T | PromiseLike<T>,
): Promise<T> {
  kinds.checkOptions('llmCall', options, OPTIONS);
  requireFunction('llmCall', '`fn`', fn);
  // A copy: the caller may change the object for its next call.
  const own = { ...options };
  const { provider, model, operation = 'chat', cache } = own;
  const asked = [provider, model, operation];
  const key = cache && cacheKey(cache, asked);
  const name = `${operation} ${model}`;
  const attributes: Attributes = {
    ...own.attributes,
    [semconv.GEN_AI_OPERATION_NAME]: operation,
    [semconv.GEN_AI_PROVIDER_NAME]: provider,
    [semconv.GEN_AI_REQUEST_MODEL]: model,
  };
  const around = CallsInside.around();
  const parentSpanId = trace.getActiveSpan()?.spanContext().spanId;
  return inSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span, clock) => {
    const messages = own.recordMessages === true ? {} : own.recordMessages;
    const call: OpenCall = {
      span,
      clock,
      name,
      parentSpanId,
      options: own,
      recordMessages: messages !== false && span.isRecording() ? messages : undefined,
      answers: new AnswerRecorder(span, own, around),
    };
    recordInputHash(span, own, asked);
    const input = own.input ?? cache?.input;
    if (call.recordMessages && input !== undefined) recordInput(span, call.recordMessages, input);
    const ask = () => askModel(name, call, fn);
    const response =
      cache === undefined || key === undefined
        ? (await ask()).response
        : await throughCache({ ...own, cache, key, span, clock, ask });
    if (call.recordMessages !== undefined && !isStream(response)) {
      // What follows is not the model's time.
      clock.stop();
      recordOutput(span, call.recordMessages, () => outputMessages(unwrapped(response)));
    }
    return response as T;
  });
}

const NOT_FOLLOWED =
  'an LLM response was a stream that could not be followed: return it unread, or what was read of it';

export interface OpenCall {
  readonly span: Span;
  readonly clock: SpanClock;
  readonly name: string;
  readonly parentSpanId: string | undefined;
  readonly options: LlmCallOptions;
  readonly recordMessages: RecordMessagesOptions | undefined;
  readonly answers: AnswerRecorder;
}

async function askModel<T>(name: string, call: OpenCall, fn: AttemptFunction<T>) {
  const { span, clock, answers, options } = call;
  // Loads while the model thinks.
  void loadPrices();
  const asked = { isFollowed: false, isStream: false };
  const work = (context: AttemptContext) => answers.runAttempt(() => fn(context));
  const response = await runAttempts(name, options, span, work, {
    onValue: (value, attempt) => {
      asked.isStream = isStream(value);
      if (!asked.isStream) return;
      const answer = new StreamedAnswer(call, attempt);
      asked.isFollowed = followStream(value, answer);
      if (asked.isFollowed) answer.holdSpans();
    },
    // Some clients throw an answer that was paid for, when it does not parse for example.
    onFailure: (error, attempt) => {
      hideMessage(error, options.recordMessages);
      return hasUsage(error) ? answers.record(attempt.span, () => readAnswer(error)) : undefined;
    },
  });
  const seconds = clock.elapsedSeconds();
  if (!asked.isFollowed) {
    // The price table may still be loading, which is not the model's time.
    clock.stop();
    const recorded = answers.record(span, () => {
      const reading = readAnswer(response, options.readUsage);
      const isLost = asked.isStream && reading.usage.requests.length === 0;
      return isLost ? { ...reading, usage: noUsage(NOT_FOLLOWED) } : reading;
    });
    if (recorded !== undefined) await recorded;
  }
  return { response, seconds, ...defined({ costUsd: answers.costUsd }) };
}

function recordInputHash(span: Span, { input, cache }: LlmCallOptions, asked: string[]): void {
  const given = input ?? cache?.key ?? cache?.input;
  if (given === undefined || !span.isRecording()) return;
  try {
    // Half of a SHA-256 in hex: more would only make the spans larger.
    span.setAttribute(semconv.HOTSPAN_LLM_INPUT_HASH, hashOf(asked, given).slice(0, 32));
  } catch {
    addWarnings(span, ['the `input` of an LLM call is not JSON data']);
  }
}

function hasUsage(error: unknown): boolean {
  try {
    return isObject(error) && 'usage' in error;
  } catch {
    return false;
  }
}
