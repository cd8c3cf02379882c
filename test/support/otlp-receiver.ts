import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readOtlpRequest, type OtlpKeyValue, type OtlpRequest } from './otlp-request.js';

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
      if (answer === 200) spans.push(...spansIn(readOtlpRequest(body, request.headers)));
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

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function spansIn({ resourceSpans }: OtlpRequest): OtlpSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      (spans as unknown as Omit<OtlpSpan, 'resource'>[]).map((span) => ({
        ...span,
        status: (span as Partial<OtlpSpan>).status ?? {},
        attributes: plain(span.attributes as unknown as OtlpKeyValue[]),
        resource: plain(resource.attributes),
      })),
    ),
  );
}

function plain(attributes: readonly OtlpKeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: OtlpKeyValue['value']): unknown {
  const array = value.arrayValue as { values?: OtlpKeyValue['value'][] } | undefined;
  if (array !== undefined) return (array.values ?? []).map(plainValue);
  return value.intValue === undefined ? Object.values(value)[0] : Number(value.intValue);
}
