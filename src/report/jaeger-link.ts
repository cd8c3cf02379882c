import type { SlowSpan } from '../summary.js';

export function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}

const ID = /^[0-9a-f]{1,32}$/i;

/** Drops credentials and parameters of the address. Returns undefined for ids that Jaeger cannot have. */
export function jaegerLink(jaegerUrl: string, { traceId, spanId }: SlowSpan): string | undefined {
  if (!ID.test(traceId) || !ID.test(spanId)) return undefined;
  const { origin, pathname } = new URL(jaegerUrl);
  // A parenthesis would end a link in Markdown.
  const path = pathname.replace(/\/+$/, '').replaceAll('(', '%28').replaceAll(')', '%29');
  return `${origin}${path}/trace/${traceId}?uiFind=${spanId}`;
}
