import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** OTLP writes whole numbers as signed 64-bit integers, which hold no more than this. */
const TOO_LARGE = 2 ** 63;

interface Part {
  readonly attributes?: Attributes | undefined;
}

/**
 * Returns the span as it can be sent. OTLP in JSON has no form for NaN, infinities and whole numbers
 * beyond 64 bits, and a receiver that cannot read one of them refuses all spans of its request: they are
 * sent as text. Nearly all spans have none, and are returned as they are.
 */
export function exportable(span: ReadableSpan): ReadableSpan {
  const { attributes, events, links } = span;
  if (areWritable(attributes) && areFine(events) && areFine(links)) return span;
  const writable = (part: Part) => ({ ...part, attributes: asWritable(part.attributes) });
  return Object.create(span, {
    attributes: { value: asWritable(attributes), enumerable: true },
    events: { value: events.map(writable), enumerable: true },
    links: { value: links.map(writable), enumerable: true },
  }) as ReadableSpan;
}

function areFine(parts: readonly Part[]): boolean {
  return parts.length === 0 || parts.every((part) => areWritable(part.attributes));
}

function areWritable(attributes: Attributes | undefined): boolean {
  for (const key in attributes) if (!isWritable(attributes[key])) return false;
  return true;
}

function isWritable(value: unknown): boolean {
  if (typeof value !== 'number') return !Array.isArray(value) || value.every(isWritable);
  return Number.isInteger(value) ? Math.abs(value) < TOO_LARGE : Number.isFinite(value);
}

function asWritable(attributes: Attributes = {}): Attributes {
  const entries = Object.entries(attributes).map(([key, value]) => {
    if (isWritable(value)) return [key, value];
    // Arrays are of one type.
    return [key, Array.isArray(value) ? value.map(String) : String(value)];
  });
  return Object.fromEntries(entries) as Attributes;
}
