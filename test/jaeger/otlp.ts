/** Spans as OTLP JSON has them, and in one form for what was sent and for what was read back. */

/** One value: the field that is there says which type it has. */
export interface OtlpValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] };
}

interface KeyValue {
  readonly key: string;
  readonly value: OtlpValue;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly events?: readonly {
    readonly timeUnixNano: string;
    readonly name: string;
    readonly attributes?: readonly KeyValue[];
  }[];
  readonly links?: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes?: readonly KeyValue[];
  }[];
}

/** What a request holds, and what Jaeger answers with. */
export interface OtlpTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string };
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
}

/** A whole number of OTLP is a bigint, so that it is not taken for the double of the same size. */
export type PlainValue = string | boolean | bigint | number | PlainValue[] | undefined;

/** Attributes by key. */
export type PlainAttributes = Readonly<Record<string, PlainValue>>;

/** A span with nothing left out; times in whole microseconds. */
export interface PlainSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code: number; readonly message: string };
  readonly startMicros: bigint;
  readonly endMicros: bigint;
  readonly attributes: PlainAttributes;
  readonly events: readonly {
    readonly micros: bigint;
    readonly name: string;
    readonly attributes: PlainAttributes;
  }[];
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: PlainAttributes;
  }[];
  readonly scope: { readonly name: string; readonly version: string };
  readonly resource: PlainAttributes;
}

/** Every span, in the one form. */
export function plainSpans({ resourceSpans = [] }: OtlpTraces): PlainSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        traceState: span.traceState ?? '',
        name: span.name,
        kind: span.kind ?? 0,
        status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
        startMicros: micros(span.startTimeUnixNano),
        endMicros: micros(span.endTimeUnixNano),
        attributes: plainAttributes(span.attributes),
        events: plainEvents(span),
        links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
          traceId,
          spanId,
          attributes: plainAttributes(attributes),
        })),
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
        resource: plainAttributes(resource?.attributes),
      })),
    ),
  );
}

/** By time: Jaeger sorts them by name. */
function plainEvents({ events = [] }: OtlpSpan): PlainSpan['events'] {
  return events
    .map(({ timeUnixNano, name, attributes }) => ({
      micros: micros(timeUnixNano),
      name,
      attributes: plainAttributes(attributes),
    }))
    .sort((a, b) => Number(a.micros - b.micros));
}

function micros(nanos: string): bigint {
  return BigInt(nanos) / 1_000n;
}

/** Without what Jaeger notes on a span for its readers, such as that its parent is not there. */
function plainAttributes(attributes: readonly KeyValue[] = []): PlainAttributes {
  const sent = attributes.filter(({ key }) => !key.startsWith('@jaeger@'));
  return Object.fromEntries(sent.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: OtlpValue): PlainValue {
  if (value.intValue !== undefined) return BigInt(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plainValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}
