import type { EnvKind } from '../environment.js';
import type { SlowSpan } from '../summary.js';

export function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}

/** The variable with the address of Jaeger's UI, for links. */
export const JAEGER_VARIABLE = 'HOTSPAN_JAEGER_URL';
export const JAEGER_URL: EnvKind<string> = {
  expected: 'an address such as http://localhost:16686',
  parse: (text) => (isHttpUrl(text) ? jaegerUi(text) : undefined),
  isPrivate: true,
};

/** Returns the address of Jaeger's UI, given that of any page of it or of its API. */
export function jaegerUi(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/(api|trace|search)(\/.*)?$/, '')}`;
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
