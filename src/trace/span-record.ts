import type { AttemptOutcome } from '../semconv.js';

/** OpenTelemetry's span kinds, in lower case. */
export type SpanKindName = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** What the analysis needs from the attributes of a span. What is not there, or not usable, is absent. */
export interface SpanFacts {
  /** Present when the span is one logical call of a model. */
  readonly llmCall?: {
    readonly provider: string | undefined;
    /** The one that answered, or else the one that was asked for. */
    readonly model: string | undefined;
    readonly requestModel: string | undefined;
  };
  /** Present when the span holds the calls of one model, as `ai.generateText` of the AI SDK does. */
  readonly callWrapper?: { readonly model: string | undefined };
  /** With the tokens that were read from a cache or written to one. */
  readonly inputTokens?: number;
  /** With the tokens of the reasoning. */
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  readonly costUsd?: number;
  /** Present when a cache answered, and no model was asked. */
  readonly cacheHit?: { readonly savedUsd?: number; readonly savedSeconds: number };
  /** Present when the span is one attempt of a retried operation. */
  readonly attempt?: {
    /** From 1. */
    readonly number: number;
    readonly outcome: AttemptOutcome | undefined;
    /** Seconds waited before this attempt. */
    readonly backoffSeconds: number;
    /** How long it was allowed to take; absent when there was no limit, or none is known. */
    readonly timeoutSeconds?: number;
  };
  /** A hash of provider, model, operation and input: LLM calls with the same one asked the same. */
  readonly inputHash?: string;
  /** Present when the span is one call of a tool by an agent. */
  readonly isToolCall?: true;
  /** How long the span let nothing else run, without the spans inside that tell of it themselves. */
  readonly blockedSeconds?: number;
  /** An HTTP client span, as automatic instrumentations make them. */
  readonly isHttpClient?: true;
  /** Data from outside that was left out, one sentence each. */
  readonly warnings?: readonly string[];
}

/** One ended span, as plain data. Times are nanoseconds relative to the trace's own start. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for the root of a trace. */
  readonly parentSpanId: string | undefined;
  /** `true` if the parent is in another process. */
  readonly parentIsRemote: boolean;
  /** `true` if the parent only led to it and did not wait: Jaeger's `FOLLOWS_FROM`. */
  readonly followsFrom?: true;
  readonly name: string;
  readonly service: string;
  readonly kind: SpanKindName;
  readonly startNanos: number;
  readonly endNanos: number;
  /** The class of the error that the span ended with; absent when it did not end with one. */
  readonly errorType: string | undefined;
  readonly facts: SpanFacts;
}
