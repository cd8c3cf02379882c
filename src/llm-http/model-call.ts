import {
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type HrTime,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { loadPrices } from '../cost/price.js';
import { fields, text } from '../fields.js';
import { markFailed, quietly } from '../instrument/in-span.js';
import { StreamTurns } from '../instrument/stream-turns.js';
import { AnswerRecorder } from '../llm/answer-recorder.js';
import { CallsInside } from '../llm/calls-inside.js';
import * as semconv from '../semconv.js';
import type { Answer } from '../answers/answer.js';
import type { Asked } from './asked.js';
import { openSpan, type OpenSpan } from './open-span.js';

/** A refusal: the answer said so by its status. */
export interface Refusal {
  readonly status: number;
}

/**
 * One call of a model: an operation with an attempt for each request that was made for it. Must be made in
 * the context of the caller.
 */
export class ModelCall {
  readonly parent: Span | undefined = trace.getActiveSpan();
  readonly #operation: OpenSpan;
  readonly #recorder: AnswerRecorder;
  readonly #priced: { provider: string | undefined; model: string | undefined };
  #attempt: OpenSpan;
  #attempts = 1;
  /** Marks the operation by what its last attempt failed with. */
  #markFailed: ((span: OpenSpan) => void) | undefined;
  #lastEnd: HrTime | undefined;

  constructor(
    public asked: Asked,
    private readonly tracer: Tracer | undefined,
  ) {
    // Loads while the model thinks.
    void loadPrices();
    const around = CallsInside.around();
    const start = { kind: SpanKind.CLIENT, attributes: attributesOf(asked) };
    this.#operation = openSpan(nameOf(asked), start, tracer);
    this.#priced = { provider: asked.provider, model: asked.model };
    this.#recorder = new AnswerRecorder(this.#operation.span, this.#priced, around);
    this.#attempt = this.#startAttempt(0);
  }

  get isRecording(): boolean {
    return this.#operation.span.isRecording();
  }

  /** For the request of the present attempt. */
  get context(): Context {
    return this.#attempt.context;
  }

  /** Another request is made after the last one failed. */
  startAgain(): void {
    this.#markFailed = undefined;
    this.#attempts += 1;
    const [seconds, nanos] = this.#lastEnd ?? this.#operation.clock.start;
    const present = this.#operation.clock.now();
    const waited = present[0] - seconds + (present[1] - nanos) / 1e9;
    this.#attempt = this.#startAttempt(Math.max(0, waited));
  }

  /** What the body told after the request had begun. */
  learn(asked: Asked): void {
    const { id } = this.asked.marks;
    this.asked = { ...asked, marks: { id, ...asked.marks } };
    Object.assign(this.#priced, { provider: asked.provider, model: asked.model });
    quietly(() => {
      this.#operation.span.updateName(nameOf(asked));
      this.#operation.span.setAttributes(attributesOf(asked));
      this.#attempt.span.updateName(`${nameOf(asked)} attempt`);
    });
  }

  onFirstContent(): void {
    const { span, clock } = this.#operation;
    const seconds = clock.elapsedSeconds();
    quietly(() => span.setAttribute(semconv.HOTSPAN_LLM_TIME_TO_FIRST_TOKEN, seconds));
  }

  /** The reader begins to read. */
  startTurns(): StreamTurns {
    return new StreamTurns(
      nameOf(this.asked),
      this.#operation.clock,
      this.parent?.spanContext().spanId,
    );
  }

  /** The answer was read to its end, or as far as its reader wanted: now, or at an earlier reading of the clock. */
  succeed(answer: Answer, millis?: number, turns?: StreamTurns): void {
    this.#recordTurns(turns, millis);
    this.#recorder.recordNow(this.#operation.span, () => answer.reading());
    this.#endAttempt('success', millis);
    this.finish();
  }

  /** The answer broke off, or told of an error. */
  failAnswer(answer: Answer, error: unknown, turns?: StreamTurns): void {
    this.#recordTurns(turns);
    this.#recorder.recordFailedNow(this.#attempt.span, () => answer.reading());
    this.failAttempt(error);
  }

  /** Ends the attempt, but not the operation: there may be another one. */
  failAttempt(error: unknown): void {
    this.#fail(({ span, clock }) => markFailed(span, clock, error), outcomeOf(error));
  }

  refuseAttempt({ status }: Refusal): void {
    this.#fail(({ span }) => {
      span.setStatus({ code: SpanStatusCode.ERROR, message: `status ${status}` });
      span.setAttribute(semconv.ERROR_TYPE, String(status));
    }, 'error');
  }

  /** Ends the operation, at the end of its last attempt. */
  finish(): void {
    const { span } = this.#operation;
    quietly(() => {
      this.#markFailed?.(this.#operation);
      span.setAttribute(semconv.HOTSPAN_ATTEMPT_COUNT, this.#attempts);
      span.end(this.#lastEnd);
    });
  }

  #recordTurns(turns: StreamTurns | undefined, millis?: number): void {
    const { span, clock } = this.#operation;
    clock.stop(millis);
    // What comes by a network comes whether or not its reader waits.
    quietly(() => turns && span.setAttributes(turns.attributes('surely ahead')));
  }

  #startAttempt(backoffSeconds: number): OpenSpan {
    const resent = this.#attempts - 1;
    const attributes: Attributes = {
      [semconv.HOTSPAN_ATTEMPT_NUMBER]: this.#attempts,
      [semconv.HOTSPAN_ATTEMPT_BACKOFF]: backoffSeconds,
      ...(resent > 0 ? { [semconv.HTTP_REQUEST_RESEND_COUNT]: resent } : {}),
    };
    const name = `${nameOf(this.asked)} attempt`;
    return openSpan(name, { attributes }, this.tracer, this.#operation.context);
  }

  #fail(mark: (span: OpenSpan) => void, outcome: semconv.AttemptOutcome): void {
    quietly(() => mark(this.#attempt));
    this.#markFailed = mark;
    this.#endAttempt(outcome);
  }

  #endAttempt(outcome: semconv.AttemptOutcome, millis?: number): void {
    const { span, clock, end } = this.#attempt;
    quietly(() => span.setAttribute(semconv.HOTSPAN_ATTEMPT_OUTCOME, outcome));
    clock.stop(millis);
    this.#lastEnd = clock.end();
    end();
  }
}

function nameOf({ operation, model }: Asked): string {
  return model === undefined ? operation : `${operation} ${model}`;
}

function attributesOf({ provider, operation, model, address, marks }: Asked): Attributes {
  const [, host = '', port] = /^(\[[^\]]*\]|[^/:]*)(?::(\d+))?/.exec(address) ?? [];
  return {
    [semconv.GEN_AI_OPERATION_NAME]: operation,
    ...(provider === undefined ? {} : { [semconv.GEN_AI_PROVIDER_NAME]: provider }),
    ...(model === undefined ? {} : { [semconv.GEN_AI_REQUEST_MODEL]: model }),
    ...(marks.hash === undefined ? {} : { [semconv.HOTSPAN_LLM_INPUT_HASH]: marks.hash }),
    [semconv.SERVER_ADDRESS]: host,
    ...(port === undefined ? {} : { [semconv.SERVER_PORT]: Number(port) }),
  };
}

/** A client that gives up by its own time limit aborts its request in the same way as its user does. */
function outcomeOf(error: unknown): semconv.AttemptOutcome {
  const { name, code } = fields(error);
  if (text(name) === 'TimeoutError' || text(code) === 'ETIMEDOUT') return 'timeout';
  return text(name) === 'AbortError' ? 'aborted' : 'error';
}
