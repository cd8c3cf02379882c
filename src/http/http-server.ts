import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { fields, text } from '../fields.js';
import * as semconv from '../semconv.js';
import {
  knownMethod,
  pathWithoutQuery,
  SERVER_ERROR,
  serverOf,
  setStatusCode,
  spanName,
} from './http-span.js';

/** Where OpenTelemetry's instrumentations of frameworks write the route that they found. */
const RPC = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');
/** Fastify tells here which route answers a request. */
const FASTIFY = 'tracing:fastify.request.handler:start';

/** What is known of a request that is being answered. */
interface Answering {
  readonly span: Span;
  readonly name: string;
  /** As OpenTelemetry's instrumentations expect it. */
  readonly rpc: { readonly type: 'http'; readonly span: Span; route?: string };
}

/** Makes a span for each request that a server of `node:http` or `node:https` answers. */
export function traceServers(tracer: () => Tracer): () => void {
  const answering = new WeakMap<object, Answering>();
  let isOn = true;
  const begin = (request: IncomingMessage, response: ServerResponse) => {
    if (!isOn) return undefined;
    try {
      return start(tracer(), request, response, answering);
    } catch {
      return undefined;
    }
  };
  const onFastify = (message: unknown) => {
    const { request, route } = fields(message);
    const { raw } = fields(request);
    const found = typeof raw === 'object' && raw !== null ? answering.get(raw) : undefined;
    const url = text(fields(route).url);
    if (found !== undefined && url !== undefined) found.rpc.route ??= url;
  };
  subscribe(FASTIFY, onFastify);
  const restore = [http.Server, https.Server].map(({ prototype }) => patch(prototype, begin));
  return () => {
    isOn = false;
    unsubscribe(FASTIFY, onFastify);
    for (const each of restore) each();
  };
}

type Begin = (request: IncomingMessage, response: ServerResponse) => Context | undefined;

function patch(prototype: http.Server, begin: Begin): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit');
  const original = Reflect.get(prototype, 'emit') as (...args: unknown[]) => boolean;
  const emit = function (this: http.Server, event: string, ...args: unknown[]): boolean {
    const all = [event, ...args];
    if (event !== 'request') return Reflect.apply(original, this, all);
    const [request, response] = args as [IncomingMessage, ServerResponse];
    const active = begin(request, response);
    if (active === undefined) return Reflect.apply(original, this, all);
    return context.with(active, () => Reflect.apply(original, this, all));
  };
  Object.defineProperty(prototype, 'emit', { value: emit, configurable: true, writable: true });
  return () => {
    // Another may have patched it since, and call this one.
    if (prototype.emit !== emit) return;
    if (own === undefined) Reflect.deleteProperty(prototype, 'emit');
    else Object.defineProperty(prototype, 'emit', own);
  };
}

function start(
  tracer: Tracer,
  request: IncomingMessage,
  response: ServerResponse,
  answering: WeakMap<object, Answering>,
): Context {
  const { url, headers } = request;
  const parent = propagation.extract(ROOT_CONTEXT, headers);
  const method = knownMethod(request.method);
  const scheme = 'encrypted' in request.socket ? 'https' : 'http';
  const server = headers.host === undefined ? undefined : serverOf(`${scheme}://${headers.host}`);
  const attributes = {
    [semconv.HTTP_REQUEST_METHOD]: method,
    [semconv.URL_PATH]: pathWithoutQuery(url),
    [semconv.URL_SCHEME]: scheme,
    [semconv.SERVER_ADDRESS]: server?.address,
    [semconv.SERVER_PORT]: server?.port,
  };
  const name = spanName(method);
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
  const rpc = { type: 'http' as const, span };
  answering.set(request, { span, name, rpc });
  response.once('close', () => end(request, response, answering.get(request)!));
  const active = trace.setSpan(parent, span).setValue(RPC, rpc);
  // Their events come from the socket, which knows nothing of this request.
  context.bind(active, request);
  context.bind(active, response);
  return active;
}

function end(
  request: IncomingMessage,
  { statusCode }: ServerResponse,
  { span, name, rpc }: Answering,
): void {
  const route = rpc.route ?? expressRoute(request);
  if (route !== undefined) {
    span.setAttribute(semconv.HTTP_ROUTE, route);
    span.updateName(`${name} ${route}`);
  }
  setStatusCode(span, statusCode, SERVER_ERROR);
  span.end();
}

/** Express leaves its route on the request. */
function expressRoute(request: IncomingMessage): string | undefined {
  const { route, baseUrl } = request as { route?: unknown; baseUrl?: unknown };
  const path = text(fields(route).path);
  return path === undefined ? undefined : `${text(baseUrl) ?? ''}${path}`;
}
