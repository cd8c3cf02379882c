import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { readOtlpRequest } from '../support/otlp-request.js';

/** A server on loopback for whatever a host sends to its own service. */
export interface Backend {
  readonly url: string;
  /** The path of each request, without its query. */
  readonly paths: readonly string[];
  /** The names of the spans in the requests of OTLP. */
  readonly spans: readonly string[];
  close(): Promise<void>;
}

export async function startBackend(): Promise<Backend> {
  const paths: string[] = [];
  const spans: string[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      paths.push(pathname);
      if (pathname.endsWith('/v1/traces')) spans.push(...namesIn(body, request.headers));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    spans,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function namesIn(...request: Parameters<typeof readOtlpRequest>): string[] {
  const { resourceSpans } = readOtlpRequest(...request);
  const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
  return scopes.flatMap(({ spans }) => spans.map(({ name }) => String(name)));
}
