import type { SlowSpan } from '../summary.js';

export function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}

const ID = /^[0-9a-f]{1,32}$/i;

/** Returns the address without credentials and parameters, and without a slash at its end. */
export function jaegerBase(jaegerUrl: string): string {
  const { origin, pathname } = new URL(jaegerUrl);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/** Returns undefined for ids that Jaeger cannot have. */
export function jaegerLink(jaegerUrl: string, { traceId, spanId }: SlowSpan): string | undefined {
  if (!ID.test(traceId) || !ID.test(spanId)) return undefined;
  // A parenthesis would end a link in Markdown.
  const base = jaegerBase(jaegerUrl).replaceAll('(', '%28').replaceAll(')', '%29');
  return `${base}/trace/${traceId}?uiFind=${spanId}`;
}
