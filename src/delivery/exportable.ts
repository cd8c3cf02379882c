import type { AttributeValue, Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** OTLP writes whole numbers as signed 64-bit integers, which hold no more than this. */
const TOO_LARGE = 2 ** 63;

/**
 * Returns the span as it can be sent. OTLP in JSON has no form for NaN, infinities and whole numbers
 * beyond 64 bits, and a receiver that cannot read one of them refuses all spans of its request: they are
 * sent as text. Nearly all spans have none, and are returned as they are.
 */
export function exportable(span: ReadableSpan): ReadableSpan {
  const { attributes, events, links } = span;
  if (areWritable(attributes) && areFine(events) && areFine(links)) return span;
  const writable = <T extends { readonly attributes?: Attributes | undefined }>(part: T): T => ({
    ...part,
    attributes: asWritable(part.attributes ?? {}),
  });
  return Object.create(span, {
    attributes: { value: asWritable(attributes), enumerable: true },
    events: { value: events.map(writable), enumerable: true },
    links: { value: links.map(writable), enumerable: true },
  }) as ReadableSpan;
}

function areFine(parts: readonly { readonly attributes?: Attributes | undefined }[]): boolean {
  return parts.length === 0 || parts.every((part) => areWritable(part.attributes));
}

function areWritable(attributes: Attributes | undefined): boolean {
  for (const key in attributes) {
    const value = attributes[key];
    if (typeof value === 'number' ? !isWritable(value) : Array.isArray(value) && !areAll(value)) {
      return false;
    }
  }
  return true;
}

function areAll(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value !== 'number' || isWritable(value));
}

function isWritable(value: number): boolean {
  return Number.isInteger(value) ? Math.abs(value) < TOO_LARGE : Number.isFinite(value);
}

function asWritable(attributes: Attributes): Attributes {
  const entries = Object.entries(attributes).map(([key, value]) => [key, textIfNeeded(value)]);
  return Object.fromEntries(entries) as Attributes;
}

function textIfNeeded(value: AttributeValue | undefined): AttributeValue | undefined {
  if (typeof value === 'number') return isWritable(value) ? value : String(value);
  // Arrays are of one type.
  if (Array.isArray(value) && !areAll(value)) return value.map(String);
  return value;
}
