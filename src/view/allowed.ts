import type { IncomingHttpHeaders } from 'node:http';

/** The names of this machine that a browser may have in its address bar. */
const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Says in one line why a request is refused; `undefined` if it is not. A page of another site can have its name
 * point to this machine, and then ask as if it were ours: its `Host` gives it away. A page that asks us from its own
 * address has its `Origin`.
 */
export function refusalOf(
  { host = '', origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode }: IncomingHttpHeaders,
  port: number,
): string | undefined {
  const own = NAMES.map((name) => `${name}:${port}`);
  if (!own.includes(host.toLowerCase())) {
    return `expected a request to ${own.join(' or ')}, got another Host`;
  }
  // A link of another site may lead here, but what it leads to is not shown to that site.
  const isForeign = site === 'cross-site' && mode !== 'navigate';
  const isOwn = origin === undefined || own.includes(origin.toLowerCase().replace('http://', ''));
  if (isForeign || !isOwn)
    return 'expected a request of this page or of no page, got one of another site';
  return undefined;
}
