/** The fields of OTLP 1.x, as opentelemetry-proto numbers them. */
export const REQUEST = { resourceSpans: 1 } as const;
export const RESOURCE_SPANS = { resource: 1, scopeSpans: 2, schemaUrl: 3 } as const;
export const RESOURCE = { attributes: 1 } as const;
export const SCOPE_SPANS = { scope: 1, spans: 2, schemaUrl: 3 } as const;
export const SCOPE = { name: 1, version: 2 } as const;
export const SPAN = {
  ...{ traceId: 1, spanId: 2, traceState: 3, parentSpanId: 4, name: 5, kind: 6, start: 7, end: 8 },
  ...{ attributes: 9, droppedAttributes: 10, events: 11, droppedEvents: 12, links: 13 },
  ...{ droppedLinks: 14, status: 15, flags: 16 },
} as const;
export const EVENT = { time: 1, name: 2, attributes: 3, droppedAttributes: 4 } as const;
export const LINK = {
  ...{ traceId: 1, spanId: 2, traceState: 3, attributes: 4, droppedAttributes: 5, flags: 6 },
} as const;
export const STATUS = { message: 2, code: 3 } as const;
export const KEY_VALUE = { key: 1, value: 2 } as const;
export const ANY_VALUE = { string: 1, boolean: 2, int: 3, double: 4, array: 5 } as const;
export const ARRAY_VALUE = { values: 1 } as const;
/** Bits of a span's `flags`: whether it says at all that its parent is remote, and whether it is. */
export const HAS_IS_REMOTE = 0x100;
export const IS_REMOTE = 0x200;
