import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

/** Answers a request, or with `undefined` does not know it. With `hang` there is no end of its answer. */
export type Route = (url: URL, response: ServerResponse) => string | undefined;

const closing: (() => Promise<void>)[] = [];
afterEach(closeServer);

export async function closeServer(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

/** A server that is gone after the test. It answers what the route does not know with `fallback`. */
export async function startServer(route: Route, fallback: string) {
  const asked: string[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://server');
    // Every server is asked first whether it is a ClickHouse.
    if (!url.pathname.endsWith('/ping')) {
      asked.push(url.pathname);
      requests.push(request);
    }
    const body = route(url, response);
    if (response.writableEnded || body === 'hang') return;
    response.end(body ?? fallback);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  closing.push(close);
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, asked, requests };
}
