import {
  context,
  SpanKind,
  trace,
  type Attributes,
  type Context,
  type Tracer,
} from '@opentelemetry/api';
import { StreamReader } from '../cost/response.js';
import { loadPrices } from '../cost/price.js';
import { fields, text, type Fields } from '../fields.js';
import { startClock } from '../instrument/clock.js';
import type { Failure } from '../instrument/in-span.js';
import { StreamTurns } from '../instrument/stream-turns.js';
import { hasContent } from '../answers/has-content.js';
import { readAnswer, type Reading } from '../answers/read-answer.js';
import { AnswerRecorder } from '../llm/answer-recorder.js';
import { CallsInside } from '../llm/calls-inside.js';
import { hideMessage } from '../llm/failed-call.js';
import * as semconv from '../semconv.js';
import { defined } from '../sums.js';
import { openSpan } from './open-span.js';
import type { AiSdkOperation } from './ai-sdk-operation.js';
import { SDK_CALL, type SdkCall } from './watched-request.js';
import { watchStream } from '../instrument/watch-stream.js';

/**
 * A call of a model by the AI SDK. If it sends a request that is recognised, that has the spans. Otherwise
 * (a gateway's own protocol, a model in the process) its span is made when it is over.
 */
export class AiSdkCall implements AiSdkOperation {
  readonly #caller = context.active();
  readonly #clock = startClock();
  readonly #seen: SdkCall = { hasRequest: CallsInside.around() !== undefined };
  #firstTokenSeconds: number | undefined;
  #turns: StreamTurns | undefined;

  constructor(
    private readonly operation: string,
    private readonly event: Fields,
    private readonly tracer: Tracer | undefined,
  ) {
    void loadPrices();
  }

  get context(): Context {
    return this.#caller.setValue(SDK_CALL, this.#seen);
  }

  end(result: unknown, failure: Failure | undefined): void {
    if (this.#seen.hasRequest) return;
    const { stream } = fields(result);
    if (failure === undefined && stream instanceof ReadableStream) this.#watch(stream);
    else this.#record(() => readAnswer(asAnswer(result)), failure);
  }

  #watch(stream: ReadableStream<unknown>): void {
    const reader = new StreamReader();
    const parentSpanId = trace.getSpan(this.#caller)?.spanContext().spanId;
    const turns = (this.#turns = new StreamTurns(this.operation, this.#clock, parentSpanId));
    let hasEnded = false;
    let seenMillis = performance.now();
    const end = (failure?: Failure) => {
      if (hasEnded) return;
      hasEnded = true;
      this.#clock.stop();
      const read = () => ({ usage: reader.usage(), facts: reader.facts() });
      this.#record(read, failure ?? reader.failure);
    };
    watchStream(stream, {
      onPull: () => turns.onPull(),
      onChunk: (part) => {
        seenMillis = performance.now();
        turns.onItem();
        reader.see(asAnswer(part));
        if (hasContent(part)) this.#firstTokenSeconds ??= this.#clock.elapsedSeconds();
      },
      onEnd: () => end(),
      onError: (error) => end({ error }),
      // It is collected long after it was last read.
      onLost: () => {
        if (!hasEnded) this.#clock.stop(seenMillis);
        end();
      },
    });
  }

  #record(read: () => Reading, failure: Failure | undefined): void {
    const provider = text(this.event.provider)?.split('.')[0] ?? '';
    const model = text(this.event.modelId);
    const name = model === undefined ? this.operation : `${this.operation} ${model}`;
    const attributes: Attributes = defined({
      ...this.#turns?.attributes('ahead'),
      [semconv.GEN_AI_OPERATION_NAME]: this.operation,
      [semconv.GEN_AI_PROVIDER_NAME]: provider,
      [semconv.GEN_AI_REQUEST_MODEL]: model,
      [semconv.HOTSPAN_LLM_TIME_TO_FIRST_TOKEN]: this.#firstTokenSeconds,
    });
    const options = { kind: SpanKind.CLIENT, attributes };
    const { span, end } = openSpan(name, options, this.tracer, this.#caller, this.#clock);
    const recorder = new AnswerRecorder(span, { provider, model }, undefined);
    if (failure === undefined) recorder.recordNow(span, read);
    else {
      hideMessage(failure.error);
      recorder.recordFailedNow(span, read);
    }
    end(failure);
  }
}

/** The models of the AI SDK report in their own way what its functions report as others do. */
function asAnswer(result: unknown): Fields {
  const { usage, finishReason, response, type, id, modelId, providerMetadata } = fields(result);
  return {
    ...{ type, usage, providerMetadata },
    response: type === 'response-metadata' ? { id, modelId } : response,
    finishReason: text(fields(finishReason).raw, fields(finishReason).unified, finishReason),
  };
}
