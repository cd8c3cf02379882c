import type { Context, HrTime, SpanContext } from '@opentelemetry/api';

/**
 * The part of the SDK's spans that hotspan reads. It fits SDK 2.x and 3.x, and keeps their types out of
 * hotspan's.
 */
export interface SdkSpan {
  readonly name: string;
  readonly kind: number;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: { readonly code: number };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly parentSpanContext?: SpanContext | undefined;
  readonly resource?: { readonly attributes: Readonly<Record<string, unknown>> } | undefined;
  readonly instrumentationScope?: { readonly name: string } | undefined;
  spanContext(): SpanContext;
}

/** A span processor, as the SDK calls it. It has the same members on SDK 2.x and 3.x. */
export interface SdkSpanProcessor {
  /** Called when a span starts. */
  onStart(span: SdkSpan, parentContext: Context): void;
  /** Called when a span has ended. */
  onEnd(span: SdkSpan): void;
  /** Called to send what is held back. */
  forceFlush(): Promise<void>;
  /** Called at the end. */
  shutdown(): Promise<void>;
}
