import type { Attributes, Context, Link, SpanKind, TraceState } from '@opentelemetry/api';

/** The values of the SDK's `SamplingDecision`. */
export const NOT_RECORD = 0;
export const RECORD = 1;

/** What a sampler of the SDK answers. */
export interface SdkSamplingResult {
  /** 0: do not record, 1: record, 2: record and export. */
  readonly decision: number;
  /** Attributes for the span. */
  readonly attributes?: Readonly<Attributes>;
  /** Goes on with the trace context. */
  readonly traceState?: TraceState;
}

/** What the SDK asks of a sampler; the same members on SDK 2.x and 3.x. */
export interface SdkSampler {
  /** Whether a span is to be recorded, and exported. */
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SdkSamplingResult;
  /** For logs. */
  toString(): string;
}

/**
 * Leaves another sampler its say in what is exported, and has the rest recorded all the same: a
 * `BottleneckSpanProcessor` then ranks everything, while batch processors export only what is sampled,
 * and the trace context that goes out says what that sampler decided.
 *
 * ```ts
 * import { NodeTracerProvider, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-node';
 * import { BottleneckSpanProcessor, AlwaysRecordSampler } from 'hotspan/processor';
 *
 * new NodeTracerProvider({
 *   sampler: new AlwaysRecordSampler(new TraceIdRatioBasedSampler(0.1)),
 *   spanProcessors: [new BottleneckSpanProcessor()],
 * });
 * ```
 */
export class AlwaysRecordSampler implements SdkSampler {
  readonly #sampler: SdkSampler;

  constructor(sampler: SdkSampler) {
    this.#sampler = sampler;
  }

  /** As the other sampler decides, but never "do not record". */
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SdkSamplingResult {
    const sampler = this.#sampler;
    const result = sampler.shouldSample(context, traceId, spanName, spanKind, attributes, links);
    return result.decision === NOT_RECORD ? { ...result, decision: RECORD } : result;
  }

  /** The other sampler, and that all is recorded. */
  toString(): string {
    return `AlwaysRecordSampler{${this.#sampler.toString()}}`;
  }
}
