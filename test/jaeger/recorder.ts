import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { readOtlpRequest } from '../support/otlp-request.js';
import { plainSpans, type OtlpTraces, type PlainSpan } from './otlp.js';

/** Stands between a program and Jaeger, and keeps what passes. */
export interface Recorder {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** What was sent, as it was sent. */
  readonly spans: readonly PlainSpan[];
  /** What the receiver answered to each request. */
  readonly answers: readonly number[];
  close(): Promise<void>;
}

/** These belong to one connection. */
const HOP_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive'];

/** @param tracesUrl where requests go on to, with the body and the headers that they came with */
export async function startRecorder(tracesUrl: string): Promise<Recorder> {
  const spans: PlainSpan[] = [];
  const answers: number[] = [];
  const passOn = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const traces: unknown = readOtlpRequest(body, request.headers);
    spans.push(...plainSpans(traces as OtlpTraces));
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && !HOP_HEADERS.includes(name) ? [[name, value]] : [],
    );
    const answer = await fetch(tracesUrl, { method: 'POST', headers, body });
    answers.push(answer.status);
    const contentType = answer.headers.get('content-type') ?? 'application/json';
    response.writeHead(answer.status, { 'content-type': contentType });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((request, response) => {
    passOn(request, response).catch((error: unknown) => {
      response.writeHead(502).end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    answers,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
