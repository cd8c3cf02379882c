import type { SpanFacts, SpanKindName, SpanRecord } from '../../src/trace/span-record.js';

/** What a test says of a span; times in milliseconds. */
export interface SpanSketch {
  readonly id: string;
  readonly parent?: string;
  readonly start: number;
  readonly end: number;
  readonly kind?: SpanKindName;
  readonly service?: string;
  readonly remote?: boolean;
  readonly error?: string;
  readonly facts?: SpanFacts;
  readonly name?: string;
}

/** Records of one trace; the name of a span is its id unless said otherwise. */
export function records(spans: readonly SpanSketch[]): SpanRecord[] {
  return spans.map((span) => ({
    traceId: 't',
    spanId: span.id,
    parentSpanId: span.parent,
    parentIsRemote: span.remote ?? false,
    name: span.name ?? span.id,
    service: span.service ?? 'test',
    kind: span.kind ?? 'internal',
    startNanos: span.start * 1e6,
    endNanos: span.end * 1e6,
    errorType: span.error,
    facts: span.facts ?? {},
  }));
}
