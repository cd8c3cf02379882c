import { context, createContextKey, trace, type Context, type Tracer } from '@opentelemetry/api';
import { currentSpending } from '../instrument/limits.js';
import { CallsInside } from '../llm/calls-inside.js';
import { hideMessage } from '../llm/failed-call.js';
import type { StreamTurns } from '../instrument/stream-turns.js';
import { isTransientStatus, SHOULD_RETRY, toldToRetry } from '../retry-after.js';
import { Answer } from '../answers/answer.js';
import type { HeaderOf } from '../answers/told-usage.js';
import type { WatchedBody } from '../instrument/watch-stream.js';
import type { Asked } from './asked.js';
import { hold, takeHeld } from './held-calls.js';
import { ModelCall } from './model-call.js';

/** A call of a model as a library tells of it, which may send a request or be made by other means. */
export interface SdkCall {
  hasRequest: boolean;
}

/** In the context of what such a call does: {@link SdkCall}. */
export const SDK_CALL = createContextKey('hotspan SDK call');

/** In the context of requests that have their spans already. */
export const IS_TOLD = createContextKey('hotspan told elsewhere');

/** One request to a model, as its transport tells of it. No method throws. */
export interface WatchedRequest {
  /** For the request itself: what the transport does belongs to it. */
  readonly context: Context;
  /** What the body told after the request had begun. */
  learn(asked: Asked): void;
  /** Returns what wants to see the body; nothing if its bytes do not matter. */
  onResponse(status: number, headerOf: HeaderOf): WatchedBody | undefined;
  /** There will be no answer. */
  onError(error: unknown): void;
}

/** Begins to watch a request that the code in the active context makes; nothing if nobody wants to know. */
export function watchRequest(asked: Asked, tracer: Tracer | undefined): WatchedRequest | undefined {
  if (context.active().getValue(IS_TOLD) === true) return undefined;
  const around = CallsInside.around();
  if (around !== undefined) {
    const inside = new RequestInside();
    if (around.addRequest(asked.isDeployment ? undefined : asked.model, () => inside.reading()))
      return inside;
  }
  const sdkCall = context.active().getValue(SDK_CALL) as SdkCall | undefined;
  if (sdkCall !== undefined) sdkCall.hasRequest = true;
  const held = takeHeld(asked, trace.getActiveSpan());
  held?.startAgain();
  const call = held ?? new ModelCall(asked, tracer);
  if (!call.isRecording && currentSpending() === undefined) return undefined;
  return new RequestOfCall(call);
}

/** A request inside an `llmCall` of the same model, which has the spans. */
class RequestInside implements WatchedRequest {
  readonly context = context.active();
  #answer: Answer | undefined;

  learn(): void {
    // Its call knows.
  }

  reading() {
    return this.#answer?.reading();
  }

  onResponse(status: number, headerOf: HeaderOf): WatchedBody | undefined {
    if (status >= 400) return undefined;
    const answer = (this.#answer = new Answer(headerOf, () => undefined));
    return {
      onChunk: (chunk) => answer.push(chunk),
      onEnd: () => answer.end(),
      onError: () => (this.#answer = undefined),
      onLost: () => answer.end(),
    };
  }

  onError(): void {
    // Its attempt fails.
  }
}

class RequestOfCall implements WatchedRequest {
  constructor(private readonly call: ModelCall) {}

  get context(): Context {
    return this.call.context;
  }

  learn(asked: Asked): void {
    this.call.learn(asked);
  }

  onResponse(status: number, headerOf: HeaderOf): WatchedBody | undefined {
    if (status < 400) return new BodyOfCall(this.call, headerOf);
    this.call.refuseAttempt({ status });
    const isTransient = toldToRetry(headerOf(SHOULD_RETRY)) ?? isTransientStatus(status);
    if (isTransient) hold(this.call);
    else this.call.finish();
    return undefined;
  }

  onError(error: unknown): void {
    this.call.failAttempt(error);
    hold(this.call);
  }
}

class BodyOfCall implements WatchedBody {
  readonly #answer: Answer;
  /** Of a body that its reader asks for: others come as they are sent. */
  #turns: StreamTurns | undefined;
  #hasEnded = false;
  #seenMillis = performance.now();

  constructor(
    private readonly call: ModelCall,
    headerOf: HeaderOf,
  ) {
    this.#answer = new Answer(headerOf, () => call.onFirstContent());
  }

  onPull(): void {
    if (this.#hasEnded) return;
    this.#turns ??= this.call.startTurns();
    this.#turns.onPull();
  }

  onChunk(chunk: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#seenMillis = performance.now();
    this.#turns?.onItem();
    this.#answer.push(chunk);
    if (this.#answer.isComplete) this.onEnd();
  }

  onEnd(): void {
    this.#end();
  }

  /** It is collected long after it was last read. */
  onLost(): void {
    this.#end(this.#seenMillis);
  }

  onError(error: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#answer.end();
    this.#fail(error);
  }

  #end(millis?: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#answer.end();
    const { failure } = this.#answer;
    if (failure === undefined) this.call.succeed(this.#answer, millis, this.#turns);
    else this.#fail(failure.error);
  }

  /** A stream that fails is not tried again: its reader has a part of it. */
  #fail(error: unknown): void {
    // What the server said may quote a prompt.
    if (!(error instanceof Error)) hideMessage(error);
    this.call.failAnswer(this.#answer, error, this.#turns);
    this.call.finish();
  }
}
