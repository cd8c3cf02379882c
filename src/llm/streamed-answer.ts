import { context } from '@opentelemetry/api';
import { StreamReader } from '../cost/response.js';
import type { TokenUsage } from '../cost/token-usage.js';
import { checkUsage, noUsage } from '../cost/usage.js';
import type { Attempt } from '../instrument/attempts.js';
import { fields } from '../fields.js';
import { ignore, promiseOf, type FollowedItems } from '../instrument/follow-iterable.js';
import { holdSpan, quietly, type EndSpan, type Failure } from '../instrument/in-span.js';
import { StreamTurns, type SourcePace } from '../instrument/stream-turns.js';
import { HOTSPAN_LLM_TIME_TO_FIRST_TOKEN } from '../semconv.js';
import { Answer } from '../answers/answer.js';
import { hasContent } from '../answers/has-content.js';
import { withTold, type HeaderOf } from '../answers/told-usage.js';
import type { Reading } from '../answers/read-answer.js';
import { unwrapped } from '../answers/unwrapped.js';
import type { WatchedBody } from '../instrument/watch-stream.js';
import { hideMessage } from './failed-call.js';
import type { OpenCall } from './llm-call.js';
import { recordOutput } from './record-messages.js';
import { StreamMessages } from './stream-messages.js';

/** The answer of a model while its stream is read. No method throws, except as {@link pull} says. */
export class StreamedAnswer implements FollowedItems {
  readonly #context = context.active();
  readonly #reader = new StreamReader();
  readonly #messages: StreamMessages | undefined;
  #own: TokenUsage | undefined;
  #bytes: Answer | undefined;
  #turns: StreamTurns | undefined;
  #pace: SourcePace = 'asked';
  #isUnreadable = false;
  #hasContent = false;
  #hasEnded = false;
  /** What the response tells whose stream it is. */
  told: TokenUsage | undefined;
  #endSpans: EndSpan = () => undefined;

  constructor(
    private readonly call: OpenCall,
    private readonly attempt: Attempt,
  ) {
    this.#messages = call.recordMessages && new StreamMessages();
  }

  holdSpans(): void {
    const endAttempt = this.attempt.hold();
    const { name, span, clock, parentSpanId } = this.call;
    const endCall = holdSpan(span, clock);
    if (span.isRecording()) this.#turns = new StreamTurns(name, clock, parentSpanId);
    this.#endSpans = (failure) => {
      endAttempt(failure);
      endCall(failure);
    };
  }

  /** Gets the next item by `next`, and settles in the same way, unless the attempt is stopped. */
  pull<T>(next: () => PromiseLike<T>): Promise<T> {
    this.#turns?.onPull();
    return this.attempt.run(() => context.with(this.#context, next));
  }

  stopped(): Failure | undefined {
    return this.attempt.stopped();
  }

  onItem(given: unknown): void {
    this.#turns?.onItem();
    quietly(() => {
      const item = unwrapped(given);
      this.#reader.see(item);
      if (!this.#hasContent && hasContent(item)) {
        this.#hasContent = true;
        this.#onContent();
      }
      this.#readOwn(given);
      this.#messages?.see(item);
      // The last part of the AI SDK's streams: what its user may wait for comes after it, but before the end.
      if (fields(item).type === 'finish') void this.onEnd();
    });
  }

  /** The whole answer is known beside its stream. */
  onWhole(answer: unknown): void {
    quietly(() => {
      this.#reader.see(answer);
      void this.onEnd();
    });
  }

  /** Its source is likely to work on its own. */
  expectAhead(): void {
    this.#pace = 'ahead';
  }

  /** Returns what sees the items of a web stream as its user reads them. */
  watchItems(): WatchedBody<unknown> {
    this.expectAhead();
    return this.#watch((item) => this.onItem(item));
  }

  /** The same for the bytes of an answer. */
  watchBytes(headerOf: HeaderOf): WatchedBody {
    const bytes = (this.#bytes = new Answer(headerOf, () => this.#onContent()));
    this.#pace = 'surely ahead';
    return this.#watch((chunk) => {
      this.#turns?.onItem();
      bytes.push(chunk);
      if (bytes.isComplete) void this.onEnd();
    });
  }

  #watch<T>(onChunk: (chunk: T) => void): WatchedBody<T> {
    let seenMillis = performance.now();
    return {
      pull: (next, stop) => {
        const result = this.pull(next);
        // The source may still be waiting for an item that will never arrive.
        result.catch(() => {
          const stopped = this.stopped();
          if (stopped !== undefined) promiseOf(() => stop(stopped.error)).catch(ignore);
        });
        return result.then(async (item) => {
          if (fields(item).done === true) await this.onEnd();
          return item;
        });
      },
      onChunk: (chunk) => {
        seenMillis = performance.now();
        onChunk(chunk);
      },
      onEnd: () => void this.onEnd(),
      onError: (error) => void this.onEnd({ error }),
      // It is collected long after it was last read.
      onLost: () => {
        if (!this.#hasEnded) this.call.clock.stop(seenMillis);
        void this.onEnd();
      },
    };
  }

  onRequestEnd(): void {
    this.#reader.endRequest();
  }

  /** Only the first call counts. A reader whose stream did not fail waits for the promise. */
  onEnd(failure?: Failure): Promise<void> | undefined {
    if (this.#hasEnded) return undefined;
    this.#hasEnded = true;
    const { span, clock, answers, recordMessages } = this.call;
    clock.stop();
    const pace = answers.hasRequest ? 'surely ahead' : this.#pace;
    quietly(() => this.#turns && span.setAttributes(this.#turns.attributes(pace)));
    this.#bytes?.end();
    const failed = failure ?? (this.#bytes ?? this.#reader).failure;
    if (failed !== undefined) hideMessage(failed.error, this.call.options.recordMessages);
    const messages = this.#messages;
    if (messages !== undefined && recordMessages !== undefined)
      recordOutput(span, recordMessages, () => messages.messages());
    const read = () => this.#read();
    const recorded =
      failed === undefined
        ? answers.record(span, read)
        : answers.recordFailed(this.attempt.span, read);
    if (recorded === undefined) this.#endSpans(failed);
    return recorded?.then(() => this.#endSpans(failed));
  }

  #onContent(): void {
    const { span, clock } = this.call;
    span.setAttribute(HOTSPAN_LLM_TIME_TO_FIRST_TOKEN, clock.elapsedSeconds());
  }

  #readOwn(item: unknown): void {
    try {
      this.#own = this.call.options.readUsage?.(item) ?? this.#own;
    } catch {
      this.#isUnreadable = true;
    }
  }

  #read(): Reading {
    if (this.#bytes !== undefined) return this.#bytes.reading();
    const facts = this.#reader.facts();
    if (this.#isUnreadable) {
      return { usage: noUsage('an item of an LLM stream could not be read'), facts };
    }
    const usage = this.#own === undefined ? this.#reader.usage() : checkUsage(this.#own);
    return withTold({ usage, facts }, this.told);
  }
}
