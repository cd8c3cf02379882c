import { numberFrom } from './env-number.js';

/** How much of a span is kept, as the SDK wants it. */
export interface SpanLimits {
  readonly attributeValueLengthLimit: number;
  readonly attributeCountLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

/** What OpenTelemetry's specification takes without a variable. */
const COUNT = 128;

/**
 * The limits that the `OTEL_*` variables ask for; those of spans come before those of all attributes.
 * OpenTelemetry's SDK reads them as well, but drops everything by a limit below 0, and says to nobody
 * what it cannot read.
 */
export function spanLimits(env: NodeJS.ProcessEnv, log: (line: string) => void): SpanLimits {
  const limit = (name: string, least = 0) => numberFrom(env, name, least, log);
  // Both are read, so that what is wrong with either is said.
  const [length, count] = [
    limit('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', 1),
    limit('OTEL_ATTRIBUTE_COUNT_LIMIT'),
  ];
  return {
    attributeValueLengthLimit:
      limit('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 1) ?? length ?? Infinity,
    attributeCountLimit: limit('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT') ?? count ?? COUNT,
    eventCountLimit: limit('OTEL_SPAN_EVENT_COUNT_LIMIT') ?? COUNT,
    linkCountLimit: limit('OTEL_SPAN_LINK_COUNT_LIMIT') ?? COUNT,
    // The specification's name, and the one that the SDK has for it.
    attributePerEventCountLimit:
      limit('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT') ??
      limit('OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT') ??
      COUNT,
    attributePerLinkCountLimit:
      limit('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT') ??
      limit('OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT') ??
      COUNT,
  };
}
