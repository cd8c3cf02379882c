import type { SpanLimits } from '@opentelemetry/sdk-trace-node';
import { wholeNumber, type Environment } from './environment.js';

/** OpenTelemetry's default where no variable is set. */
const COUNT = 128;

/**
 * Reads the limits of spans from the `OTEL_*` variables; those of spans come before those of all
 * attributes. OpenTelemetry's SDK reads them as well, but drops everything by a limit below 0, and does
 * not report what it cannot read.
 */
export function spanLimits(env: Environment): Required<SpanLimits> {
  const limit = (name: string, least = 0) => env.read(`OTEL_${name}`, wholeNumber(least));
  // Both are read, so that a mistake in either is reported.
  const length = limit('ATTRIBUTE_VALUE_LENGTH_LIMIT', 1);
  const count = limit('ATTRIBUTE_COUNT_LIMIT');
  // The specification's name, and the one that the SDK has for it.
  const ofPart = (part: string) =>
    limit(`${part}_ATTRIBUTE_COUNT_LIMIT`) ?? limit(`SPAN_ATTRIBUTE_PER_${part}_COUNT_LIMIT`);
  return {
    attributeValueLengthLimit: limit('SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 1) ?? length ?? Infinity,
    attributeCountLimit: limit('SPAN_ATTRIBUTE_COUNT_LIMIT') ?? count ?? COUNT,
    eventCountLimit: limit('SPAN_EVENT_COUNT_LIMIT') ?? COUNT,
    linkCountLimit: limit('SPAN_LINK_COUNT_LIMIT') ?? COUNT,
    attributePerEventCountLimit: ofPart('EVENT') ?? COUNT,
    attributePerLinkCountLimit: ofPart('LINK') ?? COUNT,
  };
}
