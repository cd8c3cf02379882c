import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as OTLP JSON has it. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly events?: readonly { readonly name: string; readonly attributes: readonly unknown[] }[];
  readonly links?: readonly { readonly attributes: readonly unknown[] }[];
  /** As plain values, by key. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the resource that the span came with. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** An OTLP/HTTP receiver on loopback that keeps what it got. */
export interface OtlpReceiver {
  readonly endpoint: string;
  readonly spans: OtlpSpan[];
  readonly headers: Record<string, string | string[] | undefined>[];
  close(): Promise<void>;
}

interface KeyValue {
  key: string;
  value: Record<string, unknown> & { arrayValue?: { values: Record<string, unknown>[] } };
}

/**
 * @param answer the status that every request gets, or `hang` for none
 * @param tls for HTTPS
 */
export async function startOtlpReceiver(
  answer: number | 'hang' = 200,
  tls?: ServerOptions,
): Promise<OtlpReceiver> {
  const spans: OtlpSpan[] = [];
  const headers: OtlpReceiver['headers'] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    void readBody(request).then((body) => {
      headers.push(request.headers);
      if (answer === 'hang') return;
      if (answer === 200) spans.push(...spansIn(body));
      response.writeHead(answer, { 'content-type': 'application/json' }).end('{}');
    });
  };
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
}

function spansIn(body: string): OtlpSpan[] {
  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: {
      resource: { attributes: KeyValue[] };
      scopeSpans: { spans: (Omit<OtlpSpan, 'attributes'> & { attributes: KeyValue[] })[] }[];
    }[];
  };
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        attributes: plain(span.attributes),
        resource: plain(resource.attributes),
      })),
    ),
  );
}

function plain(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.arrayValue
        ? value.arrayValue.values.map((item) => Object.values(item)[0])
        : Object.values(value)[0],
    ]),
  );
}
