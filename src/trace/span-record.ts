import type { AttemptOutcome } from '../semconv.js';

/** OpenTelemetry's span kinds, in lower case. */
export type SpanKindName = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/**
 * What the attributes of a span say that the analysis needs. Fields that the span does not have, or
 * has in a form that cannot be used, are absent.
 */
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
  /** Input tokens, cached ones included. */
  readonly inputTokens?: number;
  /** Output tokens, reasoning included. */
  readonly outputTokens?: number;
  /** Part of `inputTokens`. */
  readonly cacheReadTokens?: number;
  /** Part of `inputTokens`. */
  readonly cacheWriteTokens?: number;
  /** Part of `outputTokens`. */
  readonly reasoningTokens?: number;
  /** USD. */
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
  /**
   * Of an LLM call: a hash of provider, model, operation and input. Calls with the same one asked the
   * same.
   */
  readonly inputHash?: string;
  /** Present when the span is one call of a tool by an agent. */
  readonly isToolCall?: true;
  /** How long the span let nothing else run; spans inside that tell of it themselves excepted. */
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
  /** Whether the parent is in another process. */
  readonly parentIsRemote: boolean;
  /** True when the parent only led to it and did not wait: Jaeger's `FOLLOWS_FROM`. */
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
