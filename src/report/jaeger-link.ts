import type { SlowSpan } from '../summary.js';
import { wrongUse } from '../errors.js';

/** Throws unless `value` is absent, or the address of a Jaeger UI. */
export function requireJaegerUrl(where: string, value: string | undefined): void {
  if (value === undefined || isHttpUrl(value)) return;
  throw wrongUse(where, '`jaegerUrl` to be an address such as http://localhost:16686', value);
}

/** Whether it is an address that a browser opens. */
export function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}

const ID = /^[0-9a-f]{1,32}$/i;

/**
 * The page of Jaeger's UI that shows the span in its trace; `undefined` when the ids are not such as
 * Jaeger has. Credentials and parameters that the address holds are left out.
 *
 * @param jaegerUrl where the UI is, with the path in front of it if there is one
 */
export function jaegerLink(jaegerUrl: string, { traceId, spanId }: SlowSpan): string | undefined {
  if (!ID.test(traceId) || !ID.test(spanId)) return undefined;
  const { origin, pathname } = new URL(jaegerUrl);
  // A parenthesis would end a link in Markdown.
  const path = pathname.replace(/\/+$/, '').replaceAll('(', '%28').replaceAll(')', '%29');
  return `${origin}${path}/trace/${traceId}?uiFind=${spanId}`;
}
