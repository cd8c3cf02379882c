import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { errorMonitor } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Span, Tracer } from '@opentelemetry/api';
import { serverOf, setFailed, setStatusCode, startClientSpan } from './http-span.js';

/** Tells of an answer without a listener for it, which would keep Node from discarding one that nobody reads. */
const ANSWERED = 'http.client.response.finish';

type Request = typeof http.request;
type Arguments = Parameters<Request>;

/** Makes a span for each request of `node:http` and `node:https`. Returns a function that stops it. */
export function traceRequests(tracer: () => Tracer): () => void {
  const spans = new WeakMap<ClientRequest, Span>();
  let isOn = true;
  const onAnswer = (message: unknown) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const span = spans.get(request);
    if (span !== undefined) setStatusCode(span, response.statusCode ?? 0);
  };
  const follow = (request: ClientRequest) => {
    if (!isOn) return;
    try {
      const span = startSpan(tracer(), request);
      if (span === undefined) return;
      spans.set(request, span);
      request.once(errorMonitor, (error) => setFailed(span, error));
      // After the last byte of the answer, an upgrade, or an error.
      request.once('close', () => span.end());
    } catch {
      // This request has no span.
    }
  };
  const restore = [http, https].map((module) => patch(module, follow));
  subscribe(ANSWERED, onAnswer);
  return () => {
    isOn = false;
    for (const each of restore) each();
    unsubscribe(ANSWERED, onAnswer);
  };
}

function patch(module: typeof http | typeof https, follow: (request: ClientRequest) => void) {
  const { request: originalRequest, get: originalGet } = module;
  const request = function (this: unknown, ...args: Arguments): ClientRequest {
    const made = Reflect.apply(originalRequest, this, args) as ClientRequest;
    follow(made);
    return made;
  } as Request;
  const get = function (this: unknown, ...args: Arguments): ClientRequest {
    const made = request(...args);
    made.end();
    return made;
  } as Request;
  Object.assign(module, { request, get });
  return () => {
    // Another may have patched them since, and call these.
    if (module.request === request) module.request = originalRequest;
    if (module.get === get) module.get = originalGet;
  };
}

function startSpan(tracer: Tracer, request: ClientRequest): Span | undefined {
  const { protocol, host: name, path, method } = request;
  // Absent where the headers are a list, which is sent at once; the port is unknown then.
  const host = request.getHeader('host');
  const origin = `${protocol}//${String(host ?? name)}`;
  const server = host === undefined ? { address: name, port: undefined } : serverOf(origin);
  const setHeader = (header: string, value: string) => {
    if (!request.headersSent) request.setHeader(header, value);
  };
  return startClientSpan(tracer, { method, origin, path, server, setHeader });
}
